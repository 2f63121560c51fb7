//! The way to and from the drawer beside the grid.

use leptos::prelude::*;

use super::Dashboard;
use super::keys::focus;
use crate::model::query::OpenRow;
use crate::ui::state::Step;

/// Closes the drawer; the focus goes back to its row.
pub fn close(page: Dashboard) {
    let open = page.state.query.with_untracked(|query| query.open.clone());
    page.state.close_drawer();
    match open {
        Some(OpenRow::Delivery(id)) => {
            let place = page.state.current_tab_logs_data_list.with_untracked(|list| list.index_of(&id));
            if let Some(place) = place {
                page.window.focus(place, id.as_str());
            }
        }
        Some(OpenRow::Rejection(id)) => focus(&format!("tr[data-id=\"{id}\"]")),
        None => {}
    }
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
            let next = state.current_tab_logs_data_list.with_untracked(|list| {
                moved(list.index_of(&id), list.len()).map(|place| (place, list[place].clone()))
            });
            if let Some((place, row)) = next {
                state.open(&row);
                page.window.reveal(place);
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
