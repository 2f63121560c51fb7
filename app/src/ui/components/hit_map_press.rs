//! Drawing a span on the heatmap with the pointer: pressed on a cell or on the axis, and moved to another column.
//!
//! Only then it is a drag; a press that stays in its column remains a click. Touch draws sideways, up and down it
//! scrolls (`touch-action` says so, and a scroll that begins cancels the press).

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::model::brush::{Brush, Columns};

/// A click comes at once with the end of the press, milliseconds.
const SAME_MOMENT: f64 = 50.0;

#[derive(Clone, Copy)]
struct Press {
    pointer: i32,
    row: Option<usize>,
    column: u32,
    left: f64,
    width: f64,
}

/// A pointer that is down.
#[derive(Clone, Copy)]
pub struct HitMapPress {
    press: StoredValue<Option<Press>>,
    dragged: StoredValue<bool>,
    /// When a drag ended, milliseconds: the click that comes with it is not a click on a cell.
    let_go_at: StoredValue<f64>,
    brush: RwSignal<Option<Brush>>,
    grid: NodeRef<html::Div>,
}

impl HitMapPress {
    /// Draws `brush` on `grid`.
    pub fn new(brush: RwSignal<Option<Brush>>, grid: NodeRef<html::Div>) -> Self {
        Self {
            press: StoredValue::new(None),
            dragged: StoredValue::new(false),
            let_go_at: StoredValue::new(f64::NEG_INFINITY),
            brush,
            grid,
        }
    }

    /// A button or a finger went down.
    pub fn down(self, event: &ev::PointerEvent, columns: Option<Columns>) {
        self.dragged.set_value(false);
        // What the keys have drawn so far is given up.
        self.abandon();
        if event.button() != 0 || !event.is_primary() {
            return;
        }
        let (Some(columns), Some((row, strip))) = (columns, strip_of(event.target())) else { return };
        let place = strip.get_bounding_client_rect();
        let (left, width) = (place.left(), place.width());
        let column = columns.at_share((f64::from(event.client_x()) - left) / width);
        self.press.set_value(Some(Press { pointer: event.pointer_id(), row, column, left, width }));
    }

    /// The pointer moved. True when the span that is drawn changed.
    pub fn moved(self, event: &ev::PointerEvent, columns: Option<Columns>) -> bool {
        let (Some(press), Some(columns)) = (self.press.get_value(), columns) else { return false };
        if press.pointer != event.pointer_id() {
            return false;
        }
        if event.buttons() == 0 {
            // It was let go where nobody heard it.
            self.abandon();
            return false;
        }
        let column = columns.at_share((f64::from(event.client_x()) - press.left) / press.width);
        if !self.dragged.get_value() {
            if column == press.column {
                return false;
            }
            self.dragged.set_value(true);
            // What is drawn goes on outside the map; a pointer that is gone already ends it by itself.
            if let Some(grid) = self.grid.get_untracked() {
                let _ = grid.set_pointer_capture(press.pointer);
            }
        }
        let before = self.brush.get_untracked();
        let begun = before.unwrap_or_else(|| Brush::new(press.row, &columns, press.column));
        let now = Some(begun.to(&columns, column));
        if before == now {
            return false;
        }
        self.brush.set(now);
        true
    }

    /// The pointer is up: what was drawn, if anything was.
    pub fn up(self, event: &ev::PointerEvent) -> Option<Brush> {
        self.press.get_value().filter(|press| press.pointer == event.pointer_id())?;
        self.press.set_value(None);
        if !self.dragged.get_value() {
            return None;
        }
        self.let_go_at.set_value(event.time_stamp());
        let drawn = self.brush.get_untracked();
        self.brush.set(None);
        drawn
    }

    /// Gives up what is drawn. True when something was.
    pub fn abandon(self) -> bool {
        self.press.set_value(None);
        if self.brush.get_untracked().is_none() {
            return false;
        }
        self.brush.set(None);
        true
    }

    /// Whether a click only ends a drag.
    pub fn swallows(self, click: &ev::MouseEvent) -> bool {
        click.time_stamp() - self.let_go_at.get_value() < SAME_MOMENT
    }
}

/// The strip of columns that an event is about: a row's cells, or the axis.
fn strip_of(target: Option<web_sys::EventTarget>) -> Option<(Option<usize>, Element)> {
    let element: Element = target?.dyn_into().ok()?;
    if let Some(axis) = axis_of(&element) {
        return Some((None, axis));
    }
    let cells = element.closest(".hitmap-cells").ok()??;
    let row = cells.get_attribute("data-row")?.parse().ok()?;
    Some((Some(row), cells))
}

/// The axis, when an element is part of it.
fn axis_of(element: &Element) -> Option<Element> {
    element.closest(".hitmap-ticks").ok()?
}

/// The column of the axis that a click is about.
pub fn axis_column(event: &ev::MouseEvent, columns: Columns) -> Option<u32> {
    let place = axis_of(&event.target()?.dyn_into().ok()?)?.get_bounding_client_rect();
    Some(columns.at_share((f64::from(event.client_x()) - place.left()) / place.width()))
}
