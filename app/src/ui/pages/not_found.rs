//! An address that leads nowhere.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::ui::components::icon::Icon;
use crate::ui::components::page_title::PageTitle;

/// Says so, and where to go instead.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageTitle text=Signal::stored("Not found".to_owned())/>
        <main class="page" id="main" tabindex="-1">
            <div class="empty">
                <Icon name="search"/>
                <h1>"There is no such page"</h1>
                <p>"The address may be mistyped, or what it named is gone."</p>
                <div class="row-wrap"><A href="/" attr:class="btn">"Go to the dashboard"</A></div>
            </div>
        </main>
    }
}
