//! The bar above every page: search, environment, live button, alerts, theme and times, account.

use leptos::prelude::*;

use super::icon::Icon;
use super::later::Later;
use super::live_button::LiveButton;
use super::menus::opened_once;
use super::search_open::{SearchIcon, SearchOpen};
use super::times_note::DISPLAY_MENU;
use super::vendor::Vendor;
use crate::ui::parts;
use crate::ui::session::{use_organization, use_session};

/// The bar.
#[component]
pub fn Topbar() -> impl IntoView {
    let (opened, on_toggle) = opened_once();
    view! {
        <header class="topbar">
            <button class="icon-btn only-narrow" type="button" popovertarget="nav" aria-label="Open menu">
                <Icon name="menu"/>
            </button>
            <SearchOpen/>
            <EnvironmentBadge class="only-narrow"/>
            <div class="topbar-end">
                <EnvironmentBadge class="only-wide"/>
                <LiveButton/>
                <SearchIcon/>
                // Its place is kept, so that nothing moves when it comes. Without it everything else works.
                <span class="alerts-place">{Suspend::new(async { parts::alerts_bell().await.ok() })}</span>
                <details class="menu only-wide" id=DISPLAY_MENU on:toggle=on_toggle>
                    <summary class="icon-btn" title="Theme and times">
                        <Icon name="theme"/>
                        <span class="sr-only">"Theme and times"</span>
                    </summary>
                    <div class="menu-panel" data-align="end">
                        <Show when=move || opened.get()>
                            <Later part=|| parts::display_choices("bar")/>
                        </Show>
                    </div>
                </details>
                <UserMenu/>
            </div>
        </header>
    }
}

/// What the installation is for, when somebody said so.
#[component]
fn EnvironmentBadge(class: &'static str) -> impl IntoView {
    let session = use_session();
    move || {
        let environment = session.info()?.environment?;
        Some(view! {
            <span class=format!("env {class}") data-env=environment.kind.as_str()>{environment.label}</span>
        })
    }
}

#[component]
fn UserMenu() -> impl IntoView {
    let session = use_session();
    let role = use_organization().role();
    move || {
        session.info().map(|info| {
            let who = format!("{}, {role}", info.user.name);
            let title = who.clone();
            view! {
                <details class="menu only-wide">
                    <summary class="icon-btn" title=title>
                        <Vendor name=info.user.name.clone()/>
                        <span class="sr-only">{who}</span>
                    </summary>
                    <div class="menu-panel" data-align="end">
                        <p class="alerts-head"><span><b>{info.user.name}</b><br/><small class="muted">{info.user.email}</small></span></p>
                        <button class="menu-item" type="button" on:click=move |_| session.sign_out()>
                            <Icon name="user"/>
                            "Sign out"
                        </button>
                    </div>
                </details>
            }
        })
    }
}
