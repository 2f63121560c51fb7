//! What keys and mouse do with the rows of the grid.

use std::sync::Arc;

use domain::delivery::Delivery;
use domain::id::DeliveryId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::keys::{self, Key, Move, focus};
use super::{Dashboard, side};
use crate::ui::browser;
use crate::ui::components::delivery_row::RowAction;
use crate::ui::components::event_drawer::DrawerAction;
use crate::ui::components::toasts::{ToastQueue, use_toasts};
use crate::ui::state::Step;

/// The rows, as a person moves through them.
#[derive(Clone, Copy)]
pub struct GridRows {
    /// The row that keys act on.
    pub current: RwSignal<Option<DeliveryId>>,
    /// The row that was selected last: where a range begins.
    marked: StoredValue<Option<DeliveryId>>,
    page: Dashboard,
    toasts: ToastQueue,
}

impl GridRows {
    /// Listens to keys for the life of the caller.
    pub fn new(page: Dashboard) -> Self {
        let rows =
            Self { current: RwSignal::new(None), marked: StoredValue::new(None), page, toasts: use_toasts() };
        keys::listen(Callback::new(move |key| rows.press(key)));
        rows
    }

    /// Does what was asked for with the mouse.
    pub fn act(self, row: Arc<Delivery>, action: RowAction) {
        self.current.set(Some(row.id.clone()));
        match action {
            RowAction::Open => self.page.state.open(&row),
            RowAction::Retry => self.page.actions.start_retry(&row),
            RowAction::Select { on, range } => self.select(&row.id, on, range),
            RowAction::Copy => self.copy(row.id.clone()),
        }
    }

    fn press(self, key: Key) {
        let state = self.page.state;
        match key {
            Key::Tab(tab) => state.change(Step::New, |query| {
                query.tab = tab;
                query.open = None;
            }),
            Key::Move(Move::By(by)) if state.query.with_untracked(|query| query.open.is_some()) => {
                side::step(self.page, by);
            }
            Key::Move(way) => self.go(way),
            Key::Open => {
                if let Some(row) = self.row() {
                    state.open(&row);
                    // The drawer is there with the next frame.
                    request_animation_frame(|| focus("#drawer-title"));
                }
            }
            Key::Select { range } => {
                if let Some(row) = self.row() {
                    let on = range || !state.selected.with_untracked(|selected| selected.contains(&row.id));
                    self.select(&row.id, on, range);
                    self.current.set(Some(row.id));
                }
            }
            Key::Edit => {
                if let Some(row) = self.row() {
                    self.page.actions.act(DrawerAction::Edit, row);
                }
            }
            Key::Retry => {
                if let Some(row) = self.row() {
                    self.page.actions.start_retry(&row);
                }
            }
            Key::Copy => {
                if let Some(row) = self.row() {
                    self.copy(row.id);
                }
            }
            Key::Live => self.page.live.toggle(),
            Key::Escape => {
                if state.query.with_untracked(|query| query.open.is_some()) {
                    side::close(self.page);
                } else {
                    state.selected.set(Default::default());
                }
            }
        }
    }

    /// The row that keys act on: the open one, else the current one, else the first.
    fn row(self) -> Option<Delivery> {
        let state = self.page.state;
        state.selected_row_data.get_untracked().or_else(|| {
            state.current_tab_logs_data_list.with_untracked(|list| {
                let current = self.current.with_untracked(|id| id.as_ref().and_then(|id| list.find(id)));
                current.or(list.first()).map(|row| Delivery::clone(row))
            })
        })
    }

    /// Moves to another row, also to one that is not in the document, and puts the focus on it.
    fn go(self, way: Move) {
        let window = self.page.window;
        let (first, fits) = window.in_sight();
        let page = isize::try_from(fits.saturating_sub(1).max(1)).unwrap_or(1);
        let target = self.page.state.current_tab_logs_data_list.with_untracked(|list| {
            let last = list.len().checked_sub(1)?;
            let here = self.current.with_untracked(|id| id.as_ref().and_then(|id| list.index_of(id)));
            let on = |by: isize| here.map_or(first, |here| here.saturating_add_signed(by));
            let index = match way {
                Move::By(by) => on(by as isize),
                Move::Pages(by) => on(page * by as isize),
                Move::First => 0,
                Move::Last => last,
            };
            let index = index.min(last);
            Some((index, list[index].id.clone()))
        });
        if let Some((index, id)) = target {
            self.current.set(Some(id.clone()));
            window.focus(index, id.as_str());
        }
    }

    /// Sets or takes the check mark of a row, or of all from the one that was last marked to it.
    fn select(self, id: &DeliveryId, on: bool, range: bool) {
        let from = self.marked.get_value().filter(|_| range);
        self.marked.set_value(Some(id.clone()));
        self.page.state.current_tab_logs_data_list.with_untracked(|list| {
            let Some(here) = list.index_of(id) else { return };
            let there = from.and_then(|from| list.index_of(&from)).unwrap_or(here);
            let rows = &list[here.min(there)..=here.max(there)];
            self.page.state.selected.update(|selected| {
                for row in rows {
                    if on {
                        selected.insert(row.id.clone());
                    } else {
                        selected.remove(&row.id);
                    }
                }
            });
        });
    }

    fn copy(self, id: DeliveryId) {
        let toasts = self.toasts;
        spawn_local(async move {
            if browser::copy(id.as_str()).await {
                toasts.done("Delivery id copied", id.to_string());
            } else {
                toasts.warn("Nothing was copied", "The browser does not allow it here.");
            }
        });
    }
}
