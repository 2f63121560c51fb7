//! The page "Integrations": all connectors; the sheet of one opens over it.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use crate::model::connector_list::ConnectorLine;
use crate::model::format::counted;
use crate::model::integrations_query::{IntegrationsQuery, OpenSheet};
use crate::ui::components::icon::Icon;
use crate::ui::components::manage::list_sheet::ConnectorList;
use crate::ui::components::manage::manage_integrations::{fetch_connector_lines, toggle_connector};
use crate::ui::components::page_title::PageTitle;
use crate::ui::state::{ManageModalData, use_dashboard, use_manage_actions};

/// The list; the address says what it is narrowed to and which sheet is open, so that a link leads to it.
#[component]
pub fn IntegrationsPage() -> impl IntoView {
    let dashboard = use_dashboard();
    let actions = use_manage_actions();
    let fetched = fetch_connector_lines(actions);
    let open = move |data| dashboard.manage_modal_data.set(Some(data));

    let query = use_query_map().with_untracked(|query| IntegrationsQuery::read(|key| query.get(key)));
    let filter = RwSignal::new(query.filter);
    match query.open {
        Some(OpenSheet::New) if actions.may_change() => open(ManageModalData::New),
        Some(OpenSheet::Connector(id)) => open(ManageModalData::Connector(id)),
        Some(OpenSheet::New) | None => {}
    }
    let shown = Memo::new(move |_| IntegrationsQuery {
        filter: filter.get(),
        open: match dashboard.manage_modal_data.get() {
            Some(ManageModalData::New) => Some(OpenSheet::New),
            Some(ManageModalData::Connector(id)) => Some(OpenSheet::Connector(id)),
            Some(ManageModalData::List) | None => None,
        },
    });
    let navigate = use_navigate();
    Effect::new(move |before: Option<IntegrationsQuery>| {
        let now = shown.get();
        if before.is_some_and(|before| before != now) {
            let mut params = ParamsMap::new();
            for (key, value) in now.write() {
                params.insert(key, value);
            }
            let address = format!("/integrations{}", params.to_query_string());
            navigate(&address, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
        now
    });
    // A link on this very page, or the way back.
    let asked = use_query_map();
    let asked = Memo::new(move |_| asked.with(|query| IntegrationsQuery::read(|key| query.get(key)).open));
    Effect::new(move |before: Option<Option<OpenSheet>>| {
        let now = asked.get();
        if before.is_some_and(|before| before != now)
            && now != shown.with_untracked(|shown| shown.open.clone())
        {
            dashboard.manage_modal_data.set(match &now {
                Some(OpenSheet::New) => Some(ManageModalData::New),
                Some(OpenSheet::Connector(id)) => Some(ManageModalData::Connector(id.clone())),
                None => None,
            });
        }
        now
    });
    // On another page the sheet would be about nothing.
    on_cleanup(move || dashboard.manage_modal_data.set(None));

    let summary = move || match fetched.lines.get() {
        Some(Ok(lines)) => summary(&lines),
        _ => String::new(),
    };
    view! {
        <PageTitle text="Integrations"/>
        <header class="page-head">
            <div class="page-title">
                <h1>"Integrations"</h1>
                <p class="page-sub">{summary}</p>
            </div>
            {actions
                .may_change()
                .then(|| {
                    view! {
                        <div class="page-actions">
                            <button
                                class="btn"
                                type="button"
                                data-variant="primary"
                                on:click=move |_| open(ManageModalData::New)
                            >
                                <Icon name="plus"/>
                                "Add connector"
                            </button>
                        </div>
                    }
                })}
        </header>
        <ConnectorList
            lines=fetched.lines
            filter
            may_change=actions.may_change()
            on_open=move |id| open(ManageModalData::Connector(id))
            on_add=move |()| open(ManageModalData::New)
            on_toggle=toggle_connector(actions, fetched)
            on_retry=fetched.refetch
        />
    }
}

/// "54 connectors, 51 active, 3 need attention".
fn summary(lines: &[ConnectorLine]) -> String {
    let count = |fits: &dyn Fn(&ConnectorLine) -> bool| lines.iter().filter(|line| fits(line)).count();
    let active = count(&|line| line.connector.active);
    let attention = count(&|line| line.health.needs_attention());
    let all = counted(i64::try_from(lines.len()).unwrap_or_default(), "connector", "connectors");
    match (lines.len(), attention) {
        (0, _) => "None yet".to_owned(),
        (_, 0) => format!("{all}, {active} active"),
        (_, 1) => format!("{all}, {active} active, 1 needs attention"),
        _ => format!("{all}, {active} active, {attention} need attention"),
    }
}
