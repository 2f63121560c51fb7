//! The way between pages: the sidebar, on phones a menu and the bar at the bottom.

use leptos::html;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use super::icon::Icon;
use super::later::Later;
use super::menus::opened_once;
use super::times_note::TimesNote;
use super::vendor::Vendor;
use crate::model::places::{self, Place};
use crate::ui::parts;
use crate::ui::session::{use_organization, use_session};

/// The sidebar; a popover on narrow screens.
#[component]
pub fn Sidebar() -> impl IntoView {
    let session = use_session();
    let node = NodeRef::<html::Nav>::new();
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        if let Some(nav) = node.get_untracked() {
            // It fails only when the popover is not shown.
            let _ = nav.hide_popover();
        }
    });
    // On phones it is a menu.
    let (opened, on_toggle) = opened_once();
    let version = move || session.info().map(|info| info.version).unwrap_or_default();
    view! {
        <nav class="sidebar" id="nav" popover="" aria-label="Main" node_ref=node on:toggle=on_toggle>
            <A href="/" attr:class="brand">
                <BrandMark/>
                <span class="brand-name">"Signalbox"</span>
            </A>
            <OrganizationSwitch/>
            <div>
                <NavList places=places::WORK/>
                <p class="nav-title">"Administration"</p>
                <NavList places=places::ADMINISTRATION/>
            </div>
            <div class="sidebar-foot">
                <div class="only-narrow">
                    <Show when=move || opened.get()>
                        <Later part=|| parts::display_choices("nav")/>
                    </Show>
                </div>
                <button class="nav-item only-narrow" type="button" on:click=move |_| session.sign_out()>
                    <Icon name="user"/>
                    "Sign out"
                </button>
                <span>"Signalbox "{version}</span>
                <TimesNote/>
            </div>
        </nav>
    }
}

/// The mark beside the product's name.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 22 22" aria-hidden="true">
            <rect width="22" height="22" rx="5.5" fill="currentColor"/>
            <path d="M6.5 17.5v-13" stroke="var(--canvas)" stroke-width="2" stroke-linecap="round"/>
            <path d="m6.5 6.2 10 3.6-1 2.8-9-3.2z" fill="var(--hm-fail)"/>
            <circle cx="6.5" cy="6.6" r="1" fill="var(--canvas)"/>
            <circle cx="14" cy="16" r="1.9" fill="var(--ok-line)"/>
        </svg>
    }
}

#[component]
fn NavList(places: &'static [Place]) -> impl IntoView {
    let item = |place: &'static Place| {
        view! {
            <li>
                <A href=place.href exact=true attr:class="nav-item" attr:title=format!("{} (G then {})", place.name, place.key)>
                    <Icon name=place.icon/>
                    <span class="nav-label">{place.name}</span>
                </A>
            </li>
        }
    };
    view! { <ul class="nav">{places.iter().map(item).collect_view()}</ul> }
}

#[component]
fn OrganizationSwitch() -> impl IntoView {
    let session = use_session();
    let current = use_organization();
    let name = current.organization().name;
    let items = move || {
        let all = session.info().map(|info| info.organizations).unwrap_or_default();
        all.into_iter()
            .map(|access| {
                let organization = access.organization;
                let here = organization.id == current.id();
                let id = organization.id.clone();
                view! {
                    <button
                        class="menu-item"
                        type="button"
                        aria-current=here.then_some("true")
                        on:click=move |_| session.choose(id.clone())
                    >
                        <Vendor name=organization.name.clone()/>
                        <span class="truncate">{organization.name}</span>
                        {here
                            .then(|| {
                                view! { <span class="row-end"><Icon name="check" size="sm"/></span> }
                            })}
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <details class="menu org-switch">
            <summary title="Switch organization">
                <Vendor name=name.clone()/>
                <span class="org-name truncate">{name}</span>
                <span class="sr-only">"Switch organization"</span>
                <Icon name="updown" size="sm"/>
            </summary>
            <div class="menu-panel">{items}</div>
        </details>
    }
}

/// The bar at the bottom of phones.
#[component]
pub fn BottomBar() -> impl IntoView {
    let items = places::all().map(|place| {
        view! {
            <A href=place.href exact=true attr:class="bottombar-item">
                <Icon name=place.icon/>
                {place.name}
            </A>
        }
    });
    view! {
        <nav class="bottombar" aria-label="Main, compact">
            {items.collect_view()}
            <button class="bottombar-item" type="button" popovertarget="nav">
                <Icon name="menu"/>
                "More"
            </button>
        </nav>
    }
}
