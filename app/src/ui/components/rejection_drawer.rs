//! The drawer of a refused request: why, from whom, and what it carried.

use domain::event::PayloadView;
use domain::rejection::Rejection;
use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::drawer::Drawer;
use super::drawer_section::DrawerSection;
use super::header_list::HeaderList;
use super::icon::Icon;
use super::payload_section::PayloadSection;
use super::status_chip::StateChip;
use crate::model::format;
use crate::ui::clock::use_clock;
use crate::ui::state::Load;
use crate::ui::zone::use_zone;

/// The drawer.
#[component]
pub fn RejectionDrawer(
    /// The refused request.
    #[prop(into)]
    row: Signal<Rejection>,
    /// What it carried.
    #[prop(into)]
    payload: Signal<Load<PayloadView>>,
    /// The connector's name.
    #[prop(into)]
    connector: Signal<String>,
    /// The connector is to be opened: its receivers decide what is refused.
    #[prop(into)]
    on_manage: Callback<()>,
    /// The row above or below.
    on_step: Callback<i32>,
    /// Fetch the payload again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Close it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let status = move || {
        view! {
            <StateChip state="rejected" icon="st-rejected" label="Rejected".to_owned()/>
            <span class="hint">{move || format!("answered {}", row.with(|row| row.reason.status()))}</span>
        }
    };
    let head = move || {
        view! {
            <p>{move || row.with(|row| row.detail.clone())}</p>
            <Facts row connector/>
            <div class="row-wrap">
                <button class="btn" type="button" on:click=move |_| on_manage.run(())>
                    <Icon name="plug"/>
                    "Manage connector"
                </button>
            </div>
        }
    };
    view! {
        <Drawer
            status
            title=Signal::derive(move || row.with(|row| row.reason.title().to_owned()))
            of=Signal::derive(move || row.with(|row| row.id.to_string()))
            in_words=true
            head
            on_step
            on_close
        >
            <Sections row payload on_retry/>
        </Drawer>
    }
}

#[component]
fn Facts(row: Signal<Rejection>, connector: Signal<String>) -> impl IntoView {
    let event_type =
        move || row.with(|row| row.event_type.as_ref().map_or("–".to_owned(), ToString::to_string));
    let many = move || {
        let count = row.with(|row| row.occurrences);
        (count > 1).then(|| {
            view! { <dt>"Requests"</dt> <dd>{format!("{} alike, summed up", format::count(count))}</dd> }
        })
    };
    let id = Signal::derive(move || row.with(|row| row.id.to_string()));
    let at = Signal::derive(move || row.with(|row| row.received_at));
    let zone = use_zone();
    view! {
        <dl class="kv">
            <dt>"Reason"</dt>
            <dd class="mono">{move || row.with(|row| row.reason.as_str())}</dd>
            <dt>"Connector"</dt>
            <dd>{connector}</dd>
            <dt>"Event type"</dt>
            <dd class="mono">{event_type}</dd>
            <dt>"From"</dt>
            <dd class="mono">{move || row.with(|row| row.remote_addr.clone().unwrap_or_else(|| "–".into()))}</dd>
            <dt>"At"</dt>
            <dd title=move || format::exact(at.get())>{move || format::moment(at.get(), zone.get())}</dd>
            {many}
            <dt>"Id"</dt>
            <dd>
                <span class="copy">
                    <span class="mono truncate">{id}</span>
                    <CopyButton text=id label="Copy rejection id".to_owned()/>
                </span>
            </dd>
        </dl>
    }
}

#[component]
fn Sections(
    row: Signal<Rejection>,
    payload: Signal<Load<PayloadView>>,
    on_retry: Callback<()>,
) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    let expires_at = Signal::derive(move || row.with(|row| row.payload_expires_at));
    let about = Signal::derive(move || {
        let size = format::bytes(row.with(|row| row.payload_bytes));
        Some(match expires_at.get() {
            Some(at) if at <= clock.get() => format!("{size}, expired {}", format::day(at, zone.get())),
            Some(at) => format!("{size}, kept until {}", format::day(at, zone.get())),
            None => size,
        })
    });
    let is_kept = Memo::new(move |_| row.with(|row| row.payload_id.is_some()));
    let file_name = Signal::derive(move || row.with(|row| row.id.to_string()));
    let headers = Memo::new(move |_| row.with(|row| row.headers.clone()));
    let count = Signal::derive(move || Some(headers.with(Vec::len).to_string()));
    let body = move || {
        if is_kept.get() {
            let what = Signal::stored("As it came in");
            view! { <PayloadSection payload what expires_at file_name on_retry/> }.into_any()
        } else {
            view! { <p class="hint">"No body was kept."</p> }.into_any()
        }
    };
    view! {
        <DrawerSection title="Body" about open=true>{body}</DrawerSection>
        <DrawerSection title="Headers" about=count open=true>
            {move || view! { <HeaderList headers=headers.get()/> }}
        </DrawerSection>
    }
}
