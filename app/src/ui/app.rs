//! The root: contexts that outlive pages, and the routes.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use super::clock::provide_clock;
use super::components::menus::close_menus_elsewhere;
use super::components::shell::Shell;
use super::components::toasts::{Toasts, provide_toasts};
use super::pages::dashboard::DashboardPage;
use super::pages::integrations::IntegrationsPage;
use super::pages::login::LoginPage;
use super::pages::not_found::NotFoundPage;
use super::pages::settings::SettingsPage;
use super::pages::setup::SetupPage;
use super::session::provide_session;

/// The console.
#[component]
pub fn App() -> impl IntoView {
    provide_session();
    provide_toasts();
    provide_clock();
    close_menus_elsewhere();

    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/login") view=LoginPage/>
                <Route path=path!("/setup") view=SetupPage/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=DashboardPage/>
                    <Route path=path!("/integrations") view=IntegrationsPage/>
                    <Route path=path!("/settings") view=SettingsPage/>
                </ParentRoute>
            </Routes>
        </Router>
        <Toasts/>
    }
}
