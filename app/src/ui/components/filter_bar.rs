//! What narrows the grid: a search for a source record, and chips that say and remove each filter.

use domain::connector::Connector;
use domain::event::EventType;
use domain::filter::ViewTab;
use domain::id::ConnectorId;
use domain::status::DeliveryStatus;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::filter_fields::Filters;
use super::icon::Icon;
use super::later::Later;
use super::menus::opened_once;
use super::status_chip::delivery_label;
use crate::model::heatmap::span_words;
use crate::model::query::{DashboardQuery, ErrorsView};
use crate::ui::parts;
use crate::ui::zone::use_zone;

/// One wish about the filters.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterChange {
    /// What the Errors tab lists.
    Errors(ErrorsView),
    /// Only this state, or any.
    Status(Option<DeliveryStatus>),
    /// Only this third party, or any.
    Connector(Option<ConnectorId>),
    /// Only this event type, or any.
    EventType(Option<EventType>),
    /// Only this source record, or any.
    Record(Option<String>),
    /// Only this record at the destination, or any.
    Destination(Option<String>),
    /// Not only what one batch retried.
    NoJob,
    /// No narrower span.
    NoWindow,
    /// None at all.
    Clear,
}

/// The bar above the grid.
#[component]
pub fn FilterBar(
    /// What narrows it now.
    query: Memo<DashboardQuery>,
    /// The connectors to choose from, by name.
    #[prop(into)]
    connectors: Signal<Vec<Connector>>,
    /// Event types that were seen lately, to choose from.
    #[prop(into)]
    event_types: Signal<Vec<EventType>>,
    /// A connector's name.
    name_of: Callback<ConnectorId, String>,
    /// Something is to change.
    on_change: Callback<FilterChange>,
    /// How much is shown.
    #[prop(into)]
    hint: Signal<Option<String>>,
    /// Retry every failed delivery that matches.
    on_retry_all: Callback<()>,
    /// Why nothing can be retried by this person.
    obstacle: Signal<Option<&'static str>>,
) -> impl IntoView {
    let filters = Filters { query, connectors, event_types, on_change };
    let zone = use_zone();
    let rejections = move || query.with(|query| query.lists_rejections());
    let chips = move || {
        let mut query = query.get();
        if query.lists_rejections() {
            // What refused requests cannot be narrowed to.
            query = DashboardQuery { connector: query.connector, ..DashboardQuery::default() };
        }
        let chip = |key: &'static str, value: String, undo: FilterChange| {
            let label = format!("Remove filter {key} {value}");
            view! {
                <span class="chip">
                    <span class="chip-key">{key}</span>
                    <span class="chip-val">{value}</span>
                    <button type="button" aria-label=label on:click=move |_| on_change.run(undo.clone())>
                        <Icon name="x" size="sm"/>
                    </button>
                </span>
            }
        };
        let connector = query.connector.map(|id| name_of.run(id));
        [
            connector.map(|name| chip("Integration", name, FilterChange::Connector(None))),
            query
                .event_type
                .map(|event| chip("Event type", event.to_string(), FilterChange::EventType(None))),
            query
                .status
                .map(|status| chip("Status", delivery_label(status).into(), FilterChange::Status(None))),
            query.record.map(|record| chip("Source record", record, FilterChange::Record(None))),
            query
                .destination
                .map(|record| chip("Destination record", record, FilterChange::Destination(None))),
            query.job.map(|_| chip("Retried by", "one batch".into(), FilterChange::NoJob)),
            query
                .window
                .map(|(from, to)| chip("Time", span_words(from, to, zone.get()), FilterChange::NoWindow)),
        ]
        .into_iter()
        .flatten()
        .collect_view()
    };
    view! {
        <div class="filterbar" role="group" aria-label="Filters">
            <Show when=move || query.with(|query| query.tab == ViewTab::Errors)>
                <ErrorsSwitch query on_change/>
            </Show>
            <Show when=move || !rejections()>
                <RecordSearch query on_change/>
            </Show>
            {chips}
            <Show when=move || !rejections()>
                <AddFilter filters/>
                <Show when=move || query.with(|query| query.is_narrowed())>
                    <button
                        class="btn"
                        data-variant="ghost"
                        data-size="xs"
                        type="button"
                        on:click=move |_| on_change.run(FilterChange::Clear)
                    >
                        "Clear all"
                    </button>
                </Show>
            </Show>
            <span class="row-end row">
                <span class="hint only-wide">{hint}</span>
                <Show when=move || query.with(|query| query.may_list_failures())>
                    <button
                        class="btn"
                        data-size="xs"
                        type="button"
                        aria-disabled=move || obstacle.get().map(|_| "true")
                        title=move || obstacle.get().unwrap_or("Failed and dead-letter deliveries, also those not loaded")
                        on:click=move |_| {
                            if obstacle.get_untracked().is_none() {
                                on_retry_all.run(());
                            }
                        }
                    >
                        <Icon name="retry"/>
                        "Retry all matching…"
                    </button>
                </Show>
            </span>
        </div>
    }
}

#[component]
fn ErrorsSwitch(query: Memo<DashboardQuery>, on_change: Callback<FilterChange>) -> impl IntoView {
    let choices = [(ErrorsView::Deliveries, "Deliveries"), (ErrorsView::Rejections, "Rejected requests")]
        .map(|(view, name)| {
            view! {
                <label>
                    <input
                        type="radio"
                        name="errors"
                        value=view.as_str()
                        prop:checked=move || query.with(|query| query.errors == view)
                        on:change=move |_| on_change.run(FilterChange::Errors(view))
                    />
                    {name}
                </label>
            }
        });
    view! {
        <fieldset class="segmented">
            <legend class="sr-only">"Errors of"</legend>
            {choices.collect_view()}
        </fieldset>
    }
}

#[component]
fn RecordSearch(query: Memo<DashboardQuery>, on_change: Callback<FilterChange>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get() {
            let record = input.value().trim().to_owned();
            on_change.run(FilterChange::Record((!record.is_empty()).then_some(record)));
        }
    };
    view! {
        <form class="searchbox" role="search" on:submit=submit>
            <Icon name="search" size="sm"/>
            <input
                class="input"
                data-size="sm"
                type="search"
                id="log-search"
                data-quiet=""
                placeholder="Source record"
                aria-label="Filter by source record"
                aria-keyshortcuts="/"
                maxlength="200"
                node_ref=input
                prop:value=move || query.with(|query| query.record.clone().unwrap_or_default())
            />
        </form>
    }
}

#[component]
fn AddFilter(filters: Filters) -> impl IntoView {
    let (opened, on_toggle) = opened_once();
    view! {
        <details class="menu" on:toggle=on_toggle>
            <summary class="btn" data-variant="ghost" data-size="xs">
                <Icon name="plus"/>
                "Add filter"
            </summary>
            <div class="menu-panel range-panel">
                <Show when=move || opened.get()>
                    <Later part=move || parts::filter_fields(filters)/>
                </Show>
            </div>
        </details>
    }
}
