//! Everything around a page of a signed-in person: navigation, organization, live button, account.
//!
//! The shell is also the border: without a session it leads to the sign-in page, a session that has ended is renewed
//! over the page, and below it every page has an organization, a live feed and the shared state. Another organization
//! builds all of that anew.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_navigate};

use super::icon::Icon;
use super::later::Later;
use super::offline_banner::OfflineBanner;
use super::palette_host::{PaletteHost, provide_palette};
use super::problem_notice::ProblemNotice;
use super::sidebar::{BottomBar, Sidebar};
use super::topbar::Topbar;
use crate::ui::parts;
use crate::ui::realtime::provide_live;
use crate::ui::session::{SessionState, provide_organization, use_session};
use crate::ui::shell_keys;
use crate::ui::state::{ManageModalData, provide_dashboard, use_dashboard};

/// The shell around the current route.
#[component]
pub fn Shell() -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let location = use_location();

    Effect::new(move |_| {
        if session.state() == SessionState::SignedOut {
            let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
            let here =
                if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
            let target = if here == "/" {
                "/login".to_owned()
            } else {
                format!("/login?next={}", String::from(js_sys::encode_uri_component(&here)))
            };
            navigate(&target, NavigateOptions { replace: true, ..Default::default() });
        }
    });

    let listing_keys = RwSignal::new(false);
    shell_keys::listen(listing_keys);

    // Only these decide whether the page is built anew; a renamed organization or a new role does as well.
    let place = Memo::new(move |_| match session.state() {
        SessionState::SignedIn(_) => Place::Inside(session.organization()),
        SessionState::Failed(problem) => Place::Failed(problem),
        SessionState::Unknown | SessionState::SignedOut => Place::Outside,
    });

    let realtime_key = move || {
        // Untracked: a new session of the same person does not build the page anew.
        untrack(move || session.info()).map(|info| info.realtime_key).unwrap_or_default()
    };

    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        {move || match place.get() {
            Place::Outside => ().into_any(),
            Place::Failed(problem) => {
                view! {
                    <main class="page" id="main" tabindex="-1">
                        <ProblemNotice problem retry=move || session.load()/>
                    </main>
                }
                    .into_any()
            }
            Place::Inside(None) => view! { <NoOrganization/> }.into_any(),
            Place::Inside(Some(access)) => {
                let id = access.organization.id.clone();
                provide_organization(access);
                provide_live(id, realtime_key());
                provide_dashboard();
                provide_palette(listing_keys);
                view! {
                    <div class="app">
                        <Sidebar/>
                        <div class="app-body">
                            <Topbar/>
                            <main class="page" id="main" tabindex="-1">
                                <OfflineBanner/>
                                <Outlet/>
                            </main>
                        </div>
                    </div>
                    <BottomBar/>
                    <ManageSheet/>
                    <PaletteHost/>
                }
                    .into_any()
            }
        }}
        <Show when=move || listing_keys.get()>
            <Later part=move || parts::keys_dialog(Callback::new(move |()| listing_keys.set(false)))/>
        </Show>
        // Last, so that it opens above whatever else is open.
        <Show when=move || session.is_expired()>
            <Later part=parts::sign_in_again/>
        </Show>
    }
}

#[derive(Clone, PartialEq)]
enum Place {
    Outside,
    Failed(domain::error::Problem),
    Inside(Option<domain::user::OrganizationAccess>),
}

/// *Manage integrations*, wherever it was opened from.
#[component]
fn ManageSheet() -> impl IntoView {
    let dashboard = use_dashboard();
    move || {
        let data: ManageModalData = dashboard.manage_modal_data.get()?;
        Some(view! { <Later part=move || parts::manage_sheet(data.clone())/> })
    }
}

#[component]
fn NoOrganization() -> impl IntoView {
    let session = use_session();
    view! {
        <main class="page" id="main" tabindex="-1">
            <div class="empty">
                <Icon name="inbox"/>
                <strong>"You belong to no organization yet"</strong>
                <p>"Ask an administrator to add you to one, then reload this page."</p>
                <div class="row-wrap">
                    <button class="btn" type="button" on:click=move |_| session.sign_out()>"Sign out"</button>
                </div>
            </div>
        </main>
    }
}
