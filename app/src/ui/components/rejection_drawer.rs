//! The drawer of a refused request: why, from whom, and what it carried.

use domain::event::PayloadView;
use domain::rejection::Rejection;
use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::drawer::Drawer;
use super::drawer_section::DrawerSection;
use super::header_list::HeaderList;
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
    rejection: Rejection,
    /// What it carried.
    #[prop(into)]
    payload: Signal<Load<PayloadView>>,
    /// The connector's name.
    #[prop(into)]
    connector: Signal<String>,
    /// The row above or below.
    on_step: Callback<i32>,
    /// Fetch the payload again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Close it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    let row = StoredValue::new(rejection);
    let reason = row.with_value(|row| row.reason);
    let status = move || {
        view! {
            <StateChip state="rejected" icon="st-rejected" label="Rejected".to_owned()/>
            <span class="hint">{format!("answered {}", reason.status())}</span>
        }
    };
    let head = move || {
        let row = row.get_value();
        let id = row.id.to_string();
        let many = (row.occurrences > 1).then(|| {
            view! { <dt>"Requests"</dt> <dd>{format!("{} alike, summed up", format::count(row.occurrences))}</dd> }
        });
        view! {
            <p>{row.detail}</p>
            <dl class="kv">
                <dt>"Connector"</dt>
                <dd>{connector}</dd>
                <dt>"Event type"</dt>
                <dd class="mono">{row.event_type.map_or_else(|| "–".to_owned(), |name| name.to_string())}</dd>
                <dt>"From"</dt>
                <dd>{row.remote_addr.unwrap_or_else(|| "–".into())}</dd>
                <dt>"At"</dt>
                <dd title=format::exact(row.received_at)>{format::moment(row.received_at, zone.get())}</dd>
                {many}
                <dt>"Id"</dt>
                <dd>
                    <span class="copy">
                        <span class="mono truncate">{id.clone()}</span>
                        <CopyButton text=id label="Copy rejection id".to_owned()/>
                    </span>
                </dd>
            </dl>
        }
    };
    let expires = row.with_value(|row| row.payload_expires_at);
    let expired = Signal::derive(move || expires.is_some_and(|at| at <= clock.get()));
    let bytes = row.with_value(|row| row.payload_bytes);
    let about = Signal::derive(move || {
        let until = expires.map(|at| format!(", kept until {}", format::day(at, zone.get())));
        Some(format!("{}{}", format::bytes(bytes), until.unwrap_or_default()))
    });
    let kept = row.with_value(|row| row.payload_id.is_some());
    let file_name = row.with_value(|row| row.id.to_string());
    let headers = row.with_value(|row| row.headers.clone());
    let count = headers.len().to_string();
    let body = if kept {
        view! {
            <PayloadSection payload what=Signal::stored("As it came in") expired file_name on_retry/>
        }
        .into_any()
    } else {
        view! { <p class="hint">"No body was kept."</p> }.into_any()
    };
    view! {
        <Drawer status title=reason.title().to_owned() in_words=true head on_step on_close>
            <DrawerSection title="Body" about=about open=true>{body}</DrawerSection>
            <DrawerSection title="Headers" about=count open=true><HeaderList headers/></DrawerSection>
        </Drawer>
    }
}
