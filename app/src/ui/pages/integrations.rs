//! The page "Integrations".

use leptos::prelude::*;

/// The page "Integrations".
#[component]
pub fn IntegrationsPage() -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-title"><h1>"Integrations"</h1></div>
        </header>
    }
}
