//! The page "Set up Signalbox".

use leptos::prelude::*;

/// The page "Set up Signalbox".
#[component]
pub fn SetupPage() -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-title"><h1>"Set up Signalbox"</h1></div>
        </header>
    }
}
