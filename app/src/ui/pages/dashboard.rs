//! The page "Dashboard".

use leptos::prelude::*;

/// The page "Dashboard".
#[component]
pub fn DashboardPage() -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-title"><h1>"Dashboard"</h1></div>
        </header>
    }
}
