//! The root: contexts that outlive pages, and the routes.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use super::clock::provide_clock;
use super::components::later::Later;
use super::components::menus::close_menus_elsewhere;
use super::components::shell::Shell;
use super::components::toasts::{Toasts, provide_toasts};
use super::pages::dashboard::DashboardPage;
use super::pages::not_found::NotFoundPage;
use super::parts;
use super::preferences::provide_preferences;
use super::session::provide_session;
use super::theme::follow_theme;
use super::zone::provide_zone;

/// The console.
#[component]
pub fn App() -> impl IntoView {
    provide_session();
    provide_toasts();
    provide_preferences();
    provide_clock();
    follow_theme();
    provide_zone();
    close_menus_elsewhere();

    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/login") view=|| view! { <Later part=parts::login_page/> }/>
                <Route path=path!("/setup") view=|| view! { <Later part=parts::setup_page/> }/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=DashboardPage/>
                    <Route path=path!("/integrations") view=|| view! { <Later part=parts::integrations_page/> }/>
                    <Route path=path!("/settings") view=|| view! { <Later part=parts::settings_page/> }/>
                </ParentRoute>
            </Routes>
        </Router>
        <Toasts/>
    }
}
