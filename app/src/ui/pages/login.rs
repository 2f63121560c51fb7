//! The page "Sign in".

use leptos::prelude::*;

/// The page "Sign in".
#[component]
pub fn LoginPage() -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-title"><h1>"Sign in"</h1></div>
        </header>
    }
}
