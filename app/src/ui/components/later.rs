//! A part of the console that is downloaded when it is first shown.
//!
//! Such a part is a function with `#[wasm_split]`: `cargo xtask` cuts what only it needs out of the module the browser
//! loads first ([decision 9](../../../../docs/decisions/0009-parts-of-the-console-are-downloaded-when-opened.md)).

use domain::error::Problem;
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;

use super::problem_notice::ProblemNotice;

/// What `part` gives, once it is there; a download that fails says so and can be tried again.
#[component]
pub fn Later<F, Part>(
    /// The part: a split function and what it is given.
    part: F,
) -> impl IntoView
where
    F: Fn() -> Part + Send + 'static,
    Part: Future<Output = Result<AnyView, SplitLoaderError>> + Send + 'static,
{
    let attempt = RwSignal::new(());
    move || {
        attempt.track();
        let part = part();
        Suspend::new(async move {
            part.await.unwrap_or_else(|_| {
                view! { <ProblemNotice problem=not_downloaded() retry=move |()| attempt.set(())/> }.into_any()
            })
        })
    }
}

fn not_downloaded() -> Problem {
    Problem::new(
        0,
        "not_downloaded",
        "This part of the console did not load",
        "The connection was interrupted, or the server was updated. Try again, or reload the page.",
    )
}
