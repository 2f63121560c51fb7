//! *Manage integrations*, wherever it was opened from: fetches what the open sheet shows.

use domain::connector::Connector;
use domain::error::Problem;
use domain::id::ConnectorId;
use domain::signature::SchemeKind;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::connector_sheet::ConnectorSheet;
use super::list_sheet::ListSheet;
use crate::model::connector_list::{ConnectorLine, lines};
use crate::ui::components::dialog::{Dialog, DialogHead};
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::session::use_session;
use crate::ui::state::{ConnectorDraft, ManageActions, ManageModalData, use_dashboard, use_manage_actions};

/// The sheet that is open.
#[component]
pub fn ManageIntegrations(
    /// Which one.
    data: ManageModalData,
) -> impl IntoView {
    match data {
        ManageModalData::List => view! { <Overview/> }.into_any(),
        ManageModalData::New => view! { <Connection id=None/> }.into_any(),
        ManageModalData::Connector(id) => view! { <Connection id=Some(id)/> }.into_any(),
    }
}

/// The lines of the list, fetched now and whenever something changed them.
#[derive(Clone, Copy)]
pub struct ConnectorLines {
    /// The lines; `None` while they are fetched for the first time.
    pub lines: Signal<Option<Result<Vec<ConnectorLine>, Problem>>>,
    /// Fetches again.
    pub refetch: Callback<()>,
}

/// Fetches the lines for the caller.
pub fn fetch_connector_lines(actions: ManageActions) -> ConnectorLines {
    let (dashboard, session) = (use_dashboard(), use_session());
    let fetched = LocalResource::new(move || {
        dashboard.stale.track();
        // What was refused while the session had ended.
        session.renewals();
        async move {
            let connectors = actions.connectors().await?;
            let receivers = actions.receivers(None).await?;
            // The list is of use without its numbers.
            let hours = actions.hours().await.unwrap_or_default();
            Ok::<_, Problem>(lines(connectors, &receivers, hours))
        }
    });
    ConnectorLines {
        lines: Signal::derive(move || fetched.get()),
        refetch: Callback::new(move |()| fetched.refetch()),
    }
}

/// Switches a connector on or off, and shows what became of it.
pub fn toggle_connector(actions: ManageActions, fetched: ConnectorLines) -> Callback<(Connector, bool)> {
    Callback::new(move |(connector, active)| {
        spawn_local(async move {
            if actions.set_active(connector, active).await.is_none() {
                // The switch shows what was wanted; what is true comes from the server.
                fetched.refetch.run(());
            }
        });
    })
}

#[component]
fn Overview() -> impl IntoView {
    let dashboard = use_dashboard();
    let actions = use_manage_actions();
    let fetched = fetch_connector_lines(actions);
    let show = move |data| dashboard.manage_modal_data.set(data);
    view! {
        <ListSheet
            lines=fetched.lines
            may_change=actions.may_change()
            on_open=move |id| show(Some(ManageModalData::Connector(id)))
            on_add=move |()| show(Some(ManageModalData::New))
            on_toggle=toggle_connector(actions, fetched)
            on_retry=fetched.refetch
            on_close=move |()| show(None)
        />
    }
}

#[component]
fn Connection(id: Option<ConnectorId>) -> impl IntoView {
    let dashboard = use_dashboard();
    let actions = use_manage_actions();
    let draft = ConnectorDraft::blank();
    let close = Callback::new(move |()| dashboard.manage_modal_data.set(None));
    let file = LocalResource::new({
        let id = id.clone();
        move || actions.file(id.clone())
    });
    let ready = RwSignal::new(None::<Result<(), Problem>>);
    Effect::new(move |_| {
        let answer = match file.get() {
            None => return,
            Some(Err(problem)) => Err(problem),
            Some(Ok(file)) => {
                draft.connectors.set(file.connectors);
                match file.connector {
                    Some(connector) => draft.open(connector, file.receivers, file.routes),
                    None => draft.add_receiver(SchemeKind::HmacSha256),
                }
                Ok(())
            }
        };
        ready.set(Some(answer));
    });
    move || match ready.get() {
        None => view! {
            <Dialog labelled_by="manage-title" class="sheet" size="wide" on_close=close>
                <DialogHead id="manage-title" title="Manage connector" on_close=close/>
                <div class="dialog-body stack" role="status" aria-busy="true" aria-label="Loading">
                    <span class="skel" data-w="m"></span>
                    <span class="skel" data-w="l"></span>
                    <span class="skel" data-w="l"></span>
                </div>
            </Dialog>
        }
        .into_any(),
        Some(Err(problem)) => view! {
            <Dialog labelled_by="manage-title" class="sheet" size="wide" on_close=close>
                <DialogHead id="manage-title" title="Manage connector" on_close=close/>
                <div class="dialog-body stack">
                    <ProblemNotice problem retry=move |()| file.refetch()/>
                </div>
            </Dialog>
        }
        .into_any(),
        Some(Ok(())) => view! { <ConnectorSheet draft actions on_close=close/> }.into_any(),
    }
}
