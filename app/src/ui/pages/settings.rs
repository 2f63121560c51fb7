//! The page "Settings".

use leptos::prelude::*;

/// The page "Settings".
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-title"><h1>"Settings"</h1></div>
        </header>
    }
}
