//! An address that leads nowhere.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::ui::components::icon::Icon;

/// Says so, and where to go instead.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <main class="page" id="main" tabindex="-1">
            <div class="empty">
                <Icon name="search"/>
                <strong>"There is no such page"</strong>
                <p>"The address may be mistyped, or what it named is gone."</p>
                <div class="row-wrap"><A href="/" attr:class="btn">"Go to the dashboard"</A></div>
            </div>
        </main>
    }
}
