//! Where the open route leads, and when it tries again.

use domain::id::ConnectorId;
use domain::route::Method;
use leptos::prelude::*;

use super::retry_fields::RetryFields;
use super::routes_section::open_route;
use crate::lens;
use crate::model::schedule::wait_words;
use crate::ui::components::drawer_section::DrawerSection;
use crate::ui::components::form::header_table::HeaderTable;
use crate::ui::components::form::segmented::SegmentedField;
use crate::ui::components::form::select_field::{Choice, SelectField};
use crate::ui::components::form::text_field::TextField;
use crate::ui::form::FormScope;
use crate::ui::state::{ConnectorDraft, RouteDraft};

/// The section.
#[component]
pub fn DestinationSection(
    /// What is edited.
    draft: ConnectorDraft,
) -> impl IntoView {
    let open = Memo::new(move |_| open_route(draft));
    view! {
        <section class="sheet-section" id="manage-destination" aria-labelledby="manage-destination-title">
            <header>
                <h3 id="manage-destination-title">"Destination"</h3>
                <span class="hint">
                    {move || if open.get().is_some() { "of the route above" } else { "of a route; there is none yet" }}
                </span>
            </header>
            {move || open.get().map(|route| view! { <Destination draft route/> })}
        </section>
    }
}

#[component]
fn Destination(draft: ConnectorDraft, route: RouteDraft) -> impl IntoView {
    let form = route.form;
    let scope = draft.route_scope(route);
    let is_http = lens!(form.destination.http);
    let kinds = vec![(false, "Record store".to_owned()), (true, "HTTP".to_owned())];
    view! {
        <SegmentedField
            name=format!("destination-{}", route.key)
            legend="Deliver to"
            choices=kinds
            value=is_http
            hint=MaybeProp::derive(move || {
                Some(
                    if is_http.get() {
                        "a connector's HTTP interface"
                    } else {
                        "built in: the newest version of a record, with its history"
                    },
                )
            })
        />
        <Show
            when=move || is_http.get()
            fallback=move || view! { <RecordFields scope route/> }
        >
            <HttpFields draft scope route/>
        </Show>
        <Retries scope route/>
    }
}

#[component]
fn RecordFields(scope: FormScope, route: RouteDraft) -> impl IntoView {
    let form = route.form;
    view! {
        <div class="field-grid">
            <TextField
                scope
                pointer="/destination/entity"
                label="Kind of record"
                value=lens!(form.destination.entity)
                mono=true
                placeholder="contact"
            />
            <TextField
                scope
                pointer="/destination/id_pointer"
                label="External id"
                value=lens!(form.destination.id_pointer)
                mono=true
                placeholder="/id"
                hint="JSON pointer into the mapped body; the source record's id when empty"
            />
        </div>
    }
}

#[component]
fn HttpFields(draft: ConnectorDraft, scope: FormScope, route: RouteDraft) -> impl IntoView {
    let form = route.form;
    let connectors = Signal::derive(move || {
        let mut choices: Vec<Choice<Option<ConnectorId>>> = vec![Choice::new(None, "Choose a connector")];
        choices.extend(draft.connectors.get().into_iter().map(|connector| {
            let note = match (&connector.base_url, connector.active) {
                (None, _) => " (no base URL)",
                (_, false) => " (off)",
                _ => "",
            };
            Choice::new(Some(connector.id), format!("{}{note}", connector.name))
        }));
        choices
    });
    let base_url = MaybeProp::derive(move || {
        let chosen = form.with(|form| form.destination.connector_id.clone())?;
        let all = draft.connectors.get();
        let connector = all.into_iter().find(|connector| connector.id == chosen)?;
        Some(
            connector.base_url.unwrap_or_else(|| "It has no base URL yet: add one in its details".to_owned()),
        )
    });
    let methods = Choice::each(Method::ALL, Method::as_str);
    view! {
        <div class="field-grid">
            <SelectField
                scope
                pointer="/destination/connector_id"
                label="Connector"
                choices=connectors
                value=lens!(form.destination.connector_id)
                hint=base_url
            />
            <SelectField
                scope
                pointer="/destination/method"
                label="Method"
                choices=methods
                value=lens!(form.destination.method)
            />
            <TextField
                scope
                pointer="/destination/path"
                label="Path"
                value=lens!(form.destination.path)
                mono=true
                hint="After the base URL; {{ payload.id }} is filled in"
            />
            <TextField
                scope
                pointer="/destination/record_id_pointer"
                label="Record id in the answer"
                value=lens!(form.destination.record_id_pointer)
                mono=true
                placeholder="/id"
                hint="JSON pointer; links the record"
            />
        </div>
        <HeaderTable
            scope
            pointer="/destination/headers"
            value=lens!(form.destination.headers)
            hint="besides the connector's own"
        />
        <dl class="kv">
            <dt>"Idempotency"</dt>
            <dd>
                <span class="mono">"signalbox-delivery-id"</span>
                ", the same for every try of a delivery"
            </dd>
        </dl>
    }
}

#[component]
fn Retries(scope: FormScope, route: RouteDraft) -> impl IntoView {
    let form = route.form;
    let words = move || match form.with(|form| form.retry.policy()) {
        Ok(policy) if policy.max_retries == 0 => "none".to_owned(),
        Ok(policy) => format!(
            "{}, {}, {} to {}",
            policy.max_retries,
            policy.backoff,
            wait_words(policy.initial_delay_ms),
            wait_words(policy.max_delay_ms)
        ),
        Err(_) => "needs attention".to_owned(),
    };
    view! {
        <div class="fold">
            <DrawerSection title="Retries" about=MaybeProp::derive(move || Some(words()))>
                <RetryFields scope route/>
            </DrawerSection>
        </div>
    }
}
