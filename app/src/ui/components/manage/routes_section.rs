//! Which events of a connector go where, and how their fields are mapped on the way.

use domain::connector::Connector;
use leptos::prelude::*;

use super::mapping_preview::MappingPreviewPanel;
use super::mapping_table::MappingTable;
use super::removal::Removal;
use crate::lens;
use crate::model::route_form::RouteForm;
use crate::ui::components::form::select_field::{Choice, Select, SelectField};
use crate::ui::components::form::switch_field::SwitchField;
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::FormProblem;
use crate::ui::state::{ConnectorDraft, ManageActions, RouteDraft};

/// The section: the choice of a route and the open route's fields.
#[component]
pub fn RoutesSection(
    /// What is edited.
    draft: ConnectorDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let choices = Signal::derive(move || {
        let connectors = draft.connectors.get();
        let routes = draft.routes.get();
        let choice = |route: RouteDraft| {
            Choice::new(Some(route.key), route.form.with(|form| route_words(form, &connectors)))
        };
        routes.into_iter().map(choice).collect::<Vec<_>>()
    });
    let open = Memo::new(move |_| open_route(draft));
    let position = move || {
        let routes = draft.routes.get();
        let index = routes.iter().position(|route| Some(route.key) == draft.open_route.get());
        index.map(|index| format!("{} of {}", index + 1, routes.len()))
    };
    view! {
        <section class="sheet-section" id="manage-routes" aria-labelledby="manage-routes-title">
            <header>
                <h3 id="manage-routes-title">"Routes and field mapping"</h3>
            </header>
            <div class="row-wrap">
                <Show
                    when=move || draft.routes.with(|routes| !routes.is_empty())
                    fallback=|| {
                        view! {
                            <span class="soft">
                                "No route: every event is kept in the record store. Add one to send events on or to map them."
                            </span>
                        }
                    }
                >
                    <label class="soft" for="manage-route">"Route"</label>
                    <Select id="manage-route" choices value=draft.open_route size="sm"/>
                    <span class="hint">{position}</span>
                </Show>
                <span class="row-end">
                    <button class="btn" type="button" data-size="xs" on:click=move |_| draft.add_route()>
                        <Icon name="plus"/>
                        "Add route"
                    </button>
                </span>
            </div>
            {move || open.get().map(|route| view! { <RouteFields draft route actions/> })}
        </section>
    }
}

/// The route whose fields are shown; reactive.
pub fn open_route(draft: ConnectorDraft) -> Option<RouteDraft> {
    let key = draft.open_route.get()?;
    draft.routes.with(|routes| routes.iter().find(|route| route.key == key).copied())
}

/// "portal.case.created → NetSuite, PATCH /customers".
fn route_words(form: &RouteForm, connectors: &[Connector]) -> String {
    let destination = &form.destination;
    let target = if destination.http {
        let named =
            connectors.iter().find(|connector| Some(&connector.id) == destination.connector_id.as_ref());
        let name = named.map_or("a connector", |connector| connector.name.as_str());
        format!("{name}, {} {}", destination.method, destination.path)
    } else {
        format!("Record store, {}", if destination.entity.is_empty() { "…" } else { &destination.entity })
    };
    format!("{} → {target}", form.event_type)
}

#[component]
fn RouteFields(draft: ConnectorDraft, route: RouteDraft, actions: ManageActions) -> impl IntoView {
    let form = route.form;
    let scope = draft.route_scope(route);
    let is_new = Memo::new(move |_| route.saved.with(Option::is_none));
    let receivers = Signal::derive(move || {
        let name = |receiver: &crate::ui::state::ReceiverDraft| {
            receiver.form.with(|form| format!("{}, {}", form.name, form.event_type))
        };
        let receivers = draft.receivers.get();
        receivers.iter().map(|receiver| Choice::new(Some(receiver.key), name(receiver))).collect::<Vec<_>>()
    });
    let receiver_name = move || {
        let receiver = route.receiver.get().and_then(|key| draft.receiver(key));
        receiver.map(|receiver| receiver.form.with(|form| form.name.clone())).unwrap_or_default()
    };
    let version = move || {
        let number = route.saved.with(|saved| saved.as_ref().map(|saved| saved.mapping_version));
        match number {
            None => "Saved as version 1".to_owned(),
            Some(number) => {
                format!(
                    "Version {number}; a change is version {}, deliveries under way keep {number}",
                    number + 1
                )
            }
        }
    };
    view! {
        <FormProblem problem=route.problem/>
        <div class="field-grid">
            <TextField scope pointer="/name" label="Name" value=lens!(form.name)/>
            <Show
                when=move || is_new.get()
                fallback=move || {
                    view! {
                        <div class="field">
                            <span class="soft">"Receiver"</span>
                            <span>{receiver_name}</span>
                        </div>
                    }
                }
            >
                <SelectField
                    scope
                    pointer="/receiver_id"
                    label="Receiver"
                    choices=receivers
                    value=route.receiver
                    hint="Cannot change later"
                />
            </Show>
            <TextField
                scope
                pointer="/event_type"
                label="Event type"
                value=lens!(form.event_type)
                mono=true
                hint="* for all of the receiver's, invoice.* for a family"
            />
            <Show when=move || !is_new.get()>
                <SwitchField
                    scope
                    pointer="/active"
                    label="Active"
                    value=lens!(form.active)
                    hint="Off: new events do not take it"
                />
            </Show>
        </div>
        <MappingTable scope rows=lens!(form.mapping) note=Signal::derive(version)/>
        <MappingPreviewPanel draft route actions/>
        <div class="row">
            <Removal
                noun="route"
                name=Signal::derive(move || form.with(|form| form.name.clone()))
                is_new
                consequence="New events do not take it any more. Deliveries it made stay, and can be retried."
                actions
                on_drop=move |()| draft.drop_route(route.key)
                on_delete=move |()| actions.delete_route(draft, route)
            />
        </div>
    }
}
