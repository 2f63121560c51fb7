//! The fields of the menu "Add filter".

use domain::connector::Connector;
use domain::event::EventType;
use domain::filter::ViewTab;
use domain::status::DeliveryStatus;
use leptos::ev;
use leptos::prelude::*;

use super::filter_bar::FilterChange;
use super::icon::Icon;
use super::status_chip::delivery_label;
use crate::model::query::DashboardQuery;

/// What there is to choose from, and where the choice goes.
#[derive(Clone, Copy)]
pub struct Filters {
    /// What narrows the grid now.
    pub query: Memo<DashboardQuery>,
    /// The connectors to choose from, by name.
    pub connectors: Signal<Vec<Connector>>,
    /// Event types that were seen lately, to choose from.
    pub event_types: Signal<Vec<EventType>>,
    /// Something is to change.
    pub on_change: Callback<FilterChange>,
}

/// A field for each filter.
#[component]
pub fn FilterFields(
    /// What they are for.
    filters: Filters,
) -> impl IntoView {
    let Filters { query, connectors, event_types, on_change } = filters;
    let fault = RwSignal::new(false);
    let statuses = move || {
        let errors = query.with(|query| query.tab == ViewTab::Errors);
        let chosen = query.with(|query| query.status);
        DeliveryStatus::ALL
            .iter()
            .filter(|status| !errors || status.is_failure())
            .map(|status| {
                view! {
                    <option value=status.as_str() selected=chosen == Some(*status)>{delivery_label(*status)}</option>
                }
            })
            .collect_view()
    };
    let names = move || {
        let chosen = query.with(|query| query.connector.clone());
        connectors
            .get()
            .into_iter()
            .map(|connector| {
                let selected = chosen.as_ref() == Some(&connector.id);
                view! { <option value=connector.id.to_string() selected=selected>{connector.name}</option> }
            })
            .collect_view()
    };
    let known = move || {
        event_types
            .get()
            .into_iter()
            .map(|name| view! { <option value=name.to_string()></option> })
            .collect_view()
    };
    let set_event_type = move |event: ev::Event| {
        let text = event_target_value(&event).trim().to_owned();
        let parsed = text.parse::<EventType>();
        fault.set(!text.is_empty() && parsed.is_err());
        if text.is_empty() || parsed.is_ok() {
            on_change.run(FilterChange::EventType(parsed.ok()));
        }
    };
    let set_destination = move |event: ev::Event| {
        let record = event_target_value(&event).trim().to_owned();
        on_change.run(FilterChange::Destination((!record.is_empty()).then_some(record)));
    };
    view! {
                <div class="range-fields">
                    <div class="field">
                        <label for="filter-status">"Status"</label>
                        <span class="select">
                            <select
                                class="input"
                                data-size="sm"
                                id="filter-status"
                                on:change=move |event| {
                                    on_change.run(FilterChange::Status(event_target_value(&event).parse().ok()));
                                }
                            >
                                <option value="">"Any"</option>
                                {statuses}
                            </select>
                            <Icon name="chev-down" size="sm"/>
                        </span>
                    </div>
                    <div class="field">
                        <label for="filter-connector">"Integration"</label>
                        <span class="select">
                            <select
                                class="input"
                                data-size="sm"
                                id="filter-connector"
                                on:change=move |event| {
                                    on_change.run(FilterChange::Connector(event_target_value(&event).parse().ok()));
                                }
                            >
                                <option value="">"Any"</option>
                                {names}
                            </select>
                            <Icon name="chev-down" size="sm"/>
                        </span>
                    </div>
                    <div class="field">
                        <label for="filter-type">"Event type"</label>
                        <input
                            class="input mono"
                            data-size="sm"
                            id="filter-type"
                            list="filter-types"
                            placeholder="order.created"
                            maxlength="200"
                            aria-invalid=move || fault.get().then_some("true")
                            aria-describedby="filter-type-hint"
                            prop:value=move || {
                                query.with(|query| {
                                    query.event_type.as_ref().map(|name| name.to_string()).unwrap_or_default()
                                })
                            }
                            on:change=set_event_type
                        />
                        <datalist id="filter-types">{known}</datalist>
                        <span class="hint" id="filter-type-hint">
                            {move || if fault.get() { "Use letters, digits and _ . : / -" } else { "The whole name" }}
                        </span>
                    </div>
                    <div class="field">
                        <label for="filter-destination">"Destination record"</label>
                        <input
                            class="input mono"
                            data-size="sm"
                            id="filter-destination"
                            maxlength="200"
                            aria-describedby="filter-destination-hint"
                            prop:value=move || query.with(|query| query.destination.clone().unwrap_or_default())
                            on:change=set_destination
                        />
                        <span class="hint" id="filter-destination-hint">"The whole id"</span>
                    </div>
                </div>
    }
}
