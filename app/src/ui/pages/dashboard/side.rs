//! The way to and from the drawer beside the grid.

use leptos::prelude::*;

use super::Dashboard;
use super::keys::focus;
use crate::model::query::OpenRow;
use crate::ui::state::Step;

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
