//! The drawer beside the grid. It is downloaded when the first row is opened.

use domain::delivery::Delivery;
use domain::rejection::Rejection;
use leptos::prelude::*;

use super::Dashboard;
use super::opened::Opened;
use super::side::{close, step};
use crate::model::query::OpenRow;
use crate::ui::components::event_drawer::{DrawerAction, EventDrawer};
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::rejection_drawer::RejectionDrawer;
use crate::ui::state::{IntegrationDashboardState, ManageModalData};

/// The drawer that is open, if any.
#[component]
pub fn DashboardDrawer(
    /// The page.
    page: Dashboard,
) -> impl IntoView {
    let state = page.state;
    let opened = Opened::new();
    follow(page, opened);
    let shown = Memo::new(move |before: Option<&Shown>| shown(state, opened, before.copied()));
    let on_close = Callback::new(move |()| close(page));
    let on_step = Callback::new(move |by: i32| step(page, by));

    move || match shown.get() {
        Shown::Nothing => None,
        Shown::Problem => {
            let problem = opened.problem()?;
            Some(view! { <Missing problem on_close/> }.into_any())
        }
        Shown::Delivery => {
            let first = state.selected_row_data.get_untracked()?;
            // A row that the grid does not have is on its way: until then the last one is shown.
            let row = Memo::new(move |before: Option<&Delivery>| {
                state.selected_row_data.get().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
            });
            let connector = Signal::derive(move || row.with(|row| state.connector_name(&row.connector_id)));
            let obstacle = Signal::derive(move || row.with(|row| page.actions.obstacle_of(row)));
            let on_action =
                Callback::new(move |action: DrawerAction| page.actions.act(action, row.get_untracked()));
            let on_open = Callback::new(move |row: Delivery| state.open(&row));
            let on_retry = move |()| {
                let (id, payload) = row.with_untracked(|row| (row.id.clone(), row.payload_id.clone()));
                opened.fetch_detail(id);
                opened.fetch_payload(payload);
            };
            let drawer = view! {
                <EventDrawer
                    row
                    detail=opened.detail
                    payload=opened.payload
                    connector
                    obstacle
                    busy=page.actions.busy
                    on_action
                    on_open
                    on_step
                    on_retry
                    on_close
                />
            };
            Some(drawer.into_any())
        }
        Shown::Rejection => {
            let first = opened.rejection.with_untracked(|load| load.data.clone())?;
            let row = Memo::new(move |before: Option<&Rejection>| {
                let now = opened.rejection.with(|load| load.data.clone());
                now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
            });
            let connector = Signal::derive(move || row.with(|row| state.connector_name(&row.connector_id)));
            let on_manage = move |()| {
                let id = row.with_untracked(|row| row.connector_id.clone());
                state.manage_modal_data.set(Some(ManageModalData::Connector(id)));
            };
            let on_retry = move |()| {
                if let Some(id) = row.with_untracked(|row| row.payload_id.clone()) {
                    opened.fetch_payload(id);
                }
            };
            let payload = opened.payload;
            let drawer =
                view! { <RejectionDrawer row payload connector on_manage on_step on_retry on_close/> };
            Some(drawer.into_any())
        }
    }
}

/// What kind of drawer there is. It stays, with its focus, while rows go through it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// None, or its facts are still to come.
    Nothing,
    /// What is asked for is not there.
    Problem,
    Delivery,
    Rejection,
}

fn shown(state: IntegrationDashboardState, opened: Opened, before: Option<Shown>) -> Shown {
    let (wanted, known, problem) = match state.query.with(|query| query.open.clone()) {
        None => return Shown::Nothing,
        Some(OpenRow::Delivery(id)) => {
            let known = state.selected_row_data.with(|row| row.as_ref().is_some_and(|row| row.id == id));
            (Shown::Delivery, known, opened.detail.with(|load| load.problem.is_some()))
        }
        Some(OpenRow::Rejection(_)) => {
            let (known, problem) =
                opened.rejection.with(|load| (load.data.is_some(), load.problem.is_some()));
            (Shown::Rejection, known, problem)
        }
    };
    match (known, problem) {
        (true, _) => wanted,
        (false, true) => Shown::Problem,
        (false, false) if before == Some(wanted) => wanted,
        (false, false) => Shown::Nothing,
    }
}

/// Fetches what the address says is open, and again when that changed.
fn follow(page: Dashboard, opened: Opened) {
    let state = page.state;
    let open = Memo::new(move |_| state.query.with(|query| query.open.clone()));
    Effect::new(move |_| match open.get() {
        Some(OpenRow::Delivery(id)) => opened.open_delivery(id),
        Some(OpenRow::Rejection(id)) => {
            let known =
                page.refusals.rows.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned());
            opened.open_rejection(id, known);
        }
        None => opened.close(),
    });
    on_cleanup(move || opened.close());

    // A row that changed has new attempts.
    let changed = Memo::new(move |_| {
        state.selected_row_data.with(|row| row.as_ref().map(|row| (row.id.clone(), row.updated_at)))
    });
    Effect::new(move |_| {
        let Some((id, updated_at)) = changed.get() else { return };
        let known =
            opened.detail.with_untracked(|load| load.data.as_ref().map(|detail| detail.delivery.updated_at));
        if known.is_some_and(|known| known < updated_at) {
            opened.fetch_detail(id);
        }
    });

    // Something may have been missed.
    Effect::new(move |before: Option<u32>| {
        let now = page.caught_up.get();
        let id = state.selected_row_data.with_untracked(|row| row.as_ref().map(|row| row.id.clone()));
        if before.is_some_and(|before| before != now)
            && let Some(id) = id
        {
            opened.fetch_detail(id);
        }
        now
    });
}

#[component]
fn Missing(problem: domain::error::Problem, on_close: Callback<()>) -> impl IntoView {
    view! {
        <section class="drawer" aria-label="Details">
            <div class="drawer-head">
                <ProblemNotice problem/>
                <div class="row-wrap">
                    <button class="btn" type="button" on:click=move |_| on_close.run(())>"Close"</button>
                </div>
            </div>
        </section>
    }
}
