//! What the list of connectors is narrowed to.

use domain::connector::Environment;
use leptos::prelude::*;

use crate::lens;
use crate::model::connector_list::{ConnectorFilter, ConnectorLine};
use crate::ui::components::form::segmented::Segmented;
use crate::ui::components::icon::Icon;

/// A search field, health and environment.
#[component]
pub fn ConnectorFilters(
    /// All lines, for the counts.
    #[prop(into)]
    lines: Signal<Vec<ConnectorLine>>,
    /// What is chosen.
    filter: RwSignal<ConnectorFilter>,
) -> impl IntoView {
    let health = Signal::derive(move || lines.with(|lines| filter.with(|filter| filter.counts(lines))));
    let environments = vec![
        (None, "Both".to_owned()),
        (Some(Environment::Production), "Production".to_owned()),
        (Some(Environment::Sandbox), "Sandbox".to_owned()),
    ];
    view! {
        <div class="filterbar" role="group" aria-label="Filters">
            <div class="searchbox">
                <Icon name="search" size="sm"/>
                <input
                    class="input"
                    data-size="sm"
                    data-quiet=""
                    type="search"
                    placeholder="Name, code or URL"
                    aria-label="Filter connectors"
                    prop:value=move || filter.with(|filter| filter.text.clone())
                    on:input:target=move |event| filter.update(|filter| filter.text = event.target().value())
                />
            </div>
            <Segmented name="connector-health" legend="Health" choices=health value=lens!(filter.health)/>
            <Segmented
                name="connector-environment"
                legend="Environment"
                choices=environments
                value=lens!(filter.environment)
            />
            <span class="row-end hint only-wide">"Worst health first"</span>
        </div>
    }
}
