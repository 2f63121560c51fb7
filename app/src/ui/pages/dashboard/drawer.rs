//! The drawer beside the grid. It is downloaded when the first row is opened.

use domain::delivery::Delivery;
use domain::id::ConnectorId;
use leptos::prelude::*;

use super::Dashboard;
use super::opened::Opened;
use super::side::{close, step};
use crate::model::query::OpenRow;
use crate::ui::components::event_drawer::{DrawerAction, EventDrawer};
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::rejection_drawer::RejectionDrawer;

/// The drawer that is open, if any.
#[component]
pub fn DashboardDrawer(
    /// The page.
    page: Dashboard,
) -> impl IntoView {
    let state = page.state;
    let opened = Opened::new();
    follow(page, opened);
    let open = Memo::new(move |_| state.query.with(|query| query.open.clone()));
    let has_row =
        Memo::new(move |_| state.selected_row_data.with(|row| row.as_ref().map(|row| row.id.clone())));
    let on_close = move |()| close(page);
    let on_step = Callback::new(move |by: i32| step(page, by));

    move || match open.get()? {
        OpenRow::Delivery(id) => {
            if has_row.get().as_ref() != Some(&id) {
                // Opened by its address: its facts come first.
                let problem = opened.detail.with(|load| load.problem.clone())?;
                return Some(view! { <Missing problem on_close=Callback::new(on_close)/> }.into_any());
            }
            let first = state.selected_row_data.get_untracked()?;
            // While another row is opened the last one is shown for the moment until this is rebuilt.
            let row = Memo::new(move |before: Option<&Delivery>| {
                state.selected_row_data.get().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
            });
            let connector = Signal::derive(move || row.with(|row| state.connector_name(&row.connector_id)));
            let obstacle = Signal::derive(move || row.with(|row| page.actions.obstacle_of(row)));
            let on_action =
                Callback::new(move |action: DrawerAction| page.actions.act(action, row.get_untracked()));
            let on_open = Callback::new(move |row: Delivery| state.open(&row));
            let on_retry = move |()| {
                opened.fetch_detail(id.clone());
                opened.fetch_payload(row.with_untracked(|row| row.payload_id.clone()));
            };
            Some(
                view! {
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
                }
                .into_any(),
            )
        }
        OpenRow::Rejection(_) => {
            let (rejection, problem) =
                opened.rejection.with(|load| (load.data.clone(), load.problem.clone()));
            if let Some(problem) = problem {
                return Some(view! { <Missing problem on_close=Callback::new(on_close)/> }.into_any());
            }
            let rejection = rejection?;
            let id: ConnectorId = rejection.connector_id.clone();
            let connector = Signal::derive(move || state.connector_name(&id));
            let payload_id = rejection.payload_id.clone();
            let on_retry = move |()| {
                if let Some(id) = payload_id.clone() {
                    opened.fetch_payload(id);
                }
            };
            let payload = opened.payload;
            Some(
                view! { <RejectionDrawer rejection payload connector on_step on_retry on_close/> }.into_any(),
            )
        }
    }
}

/// Fetches what the address says is open, and again when that changed.
fn follow(page: Dashboard, opened: Opened) {
    let state = page.state;
    let open = Memo::new(move |_| state.query.with(|query| query.open.clone()));
    Effect::new(move |_| match open.get() {
        Some(OpenRow::Delivery(id)) => opened.open_delivery(id),
        Some(OpenRow::Rejection(id)) => opened.open_rejection(id),
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
        <aside class="drawer" aria-label="Details">
            <div class="drawer-head">
                <ProblemNotice problem/>
                <div class="row-wrap">
                    <button class="btn" type="button" on:click=move |_| on_close.run(())>"Close"</button>
                </div>
            </div>
        </aside>
    }
}
