//! The title of the browser's tab.

use leptos::prelude::*;

/// Sets the tab's title while it is mounted.
#[component]
pub fn PageTitle(
    /// What the page is about, without the product's name.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · Signalbox", text.get())));
}
