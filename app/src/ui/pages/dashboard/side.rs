//! The drawer beside the grid.

use domain::delivery::Delivery;
use domain::id::ConnectorId;
use leptos::prelude::*;

use super::Dashboard;
use super::keys::focus;
use crate::model::query::OpenRow;
use crate::ui::components::event_drawer::{DrawerAction, EventDrawer};
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::rejection_drawer::RejectionDrawer;
use crate::ui::state::Step;

/// The drawer that is open, if any.
#[component]
pub fn DashboardSide(
    /// The page.
    page: Dashboard,
) -> impl IntoView {
    let state = page.state;
    let open = Memo::new(move |_| state.query.with(|query| query.open.clone()));
    let has_row =
        Memo::new(move |_| state.selected_row_data.with(|row| row.as_ref().map(|row| row.id.clone())));
    let on_close = move |()| close(page);
    let on_step = Callback::new(move |by: i32| step(page, by));

    move || match open.get()? {
        OpenRow::Delivery(id) => {
            if has_row.get().as_ref() != Some(&id) {
                // Opened by its address: its facts come first.
                let problem = page.opened.detail.with(|load| load.problem.clone())?;
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
                page.opened.fetch_detail(id.clone());
                page.opened.fetch_payload(row.with_untracked(|row| row.payload_id.clone()));
            };
            Some(
                view! {
                    <EventDrawer
                        row
                        detail=page.opened.detail
                        payload=page.opened.payload
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
                page.opened.rejection.with(|load| (load.data.clone(), load.problem.clone()));
            if let Some(problem) = problem {
                return Some(view! { <Missing problem on_close=Callback::new(on_close)/> }.into_any());
            }
            let rejection = rejection?;
            let id: ConnectorId = rejection.connector_id.clone();
            let connector = Signal::derive(move || state.connector_name(&id));
            let payload_id = rejection.payload_id.clone();
            let on_retry = move |()| {
                if let Some(id) = payload_id.clone() {
                    page.opened.fetch_payload(id);
                }
            };
            let payload = page.opened.payload;
            Some(
                view! { <RejectionDrawer rejection payload connector on_step on_retry on_close/> }.into_any(),
            )
        }
    }
}

/// Closes the drawer; the focus goes back to its row.
pub fn close(page: Dashboard) {
    let id = match page.state.query.with_untracked(|query| query.open.clone()) {
        Some(OpenRow::Delivery(id)) => id.to_string(),
        Some(OpenRow::Rejection(id)) => id.to_string(),
        None => return,
    };
    page.state.close_drawer();
    focus(&format!("tr[data-id=\"{id}\"]"));
}

/// Opens the row above (-1) or below (1) the open one.
pub fn step(page: Dashboard, by: i32) {
    let state = page.state;
    let moved = |place: Option<usize>, len: usize| {
        let place = place?;
        let next = place.checked_add_signed(isize::try_from(by).ok()?)?;
        (next < len).then_some(next)
    };
    match state.query.with_untracked(|query| query.open.clone()) {
        Some(OpenRow::Delivery(id)) => {
            let next = state.current_tab_logs_data_list.with_untracked(|rows| {
                let place = rows.iter().position(|row| row.id == id);
                moved(place, rows.len()).map(|place| rows[place].clone())
            });
            if let Some(row) = next {
                state.open(&row);
            }
        }
        Some(OpenRow::Rejection(id)) => {
            let next = page.refusals.rows.with_untracked(|rows| {
                let place = rows.iter().position(|row| row.id == id);
                moved(place, rows.len()).map(|place| rows[place].id.clone())
            });
            if let Some(id) = next {
                state.change(Step::Same, |query| query.open = Some(OpenRow::Rejection(id)));
            }
        }
        None => {}
    }
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
