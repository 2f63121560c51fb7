//! The dashboard's keys. They are silent while somebody types or a dialog is open, and with modifiers.

use domain::filter::ViewTab;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::ui::browser;

/// Where to among the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The next (1) or previous (-1) one.
    By(i32),
    /// As many rows as are in sight on (1) or back (-1).
    Pages(i32),
    /// The first one.
    First,
    /// The last one that is loaded.
    Last,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Show a tab.
    Tab(ViewTab),
    /// Move to another row.
    Move(Move),
    /// Open the current row.
    Open,
    /// Select the current row, or all rows up to it.
    Select {
        /// Up to it.
        range: bool,
    },
    /// Correct the current row's payload and replay it.
    Edit,
    /// Retry the current row.
    Retry,
    /// Copy the current row's id.
    Copy,
    /// Pause or resume.
    Live,
    /// Close the drawer, then clear the selection.
    Escape,
}

const ROWS: &str = "[data-kind=events], [data-kind=events] tr[data-id]";

/// Calls `act` for every key during the caller's life.
pub fn listen(act: Callback<Key>) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if browser::is_typing() || browser::dialog_is_open() {
            return;
        }
        let key = match event.key().as_str() {
            "1" => Key::Tab(ViewTab::Api),
            "2" => Key::Tab(ViewTab::Webhook),
            "3" => Key::Tab(ViewTab::Errors),
            "/" => {
                event.prevent_default();
                return focus("#log-search");
            }
            "j" | "J" => Key::Move(Move::By(1)),
            "k" | "K" => Key::Move(Move::By(-1)),
            "ArrowDown" if on_row(&event) => Key::Move(Move::By(1)),
            "ArrowUp" if on_row(&event) => Key::Move(Move::By(-1)),
            "PageDown" if on_row(&event) => Key::Move(Move::Pages(1)),
            "PageUp" if on_row(&event) => Key::Move(Move::Pages(-1)),
            "Home" if on_row(&event) => Key::Move(Move::First),
            "End" if on_row(&event) => Key::Move(Move::Last),
            "Enter" if on_row(&event) => Key::Open,
            "x" => Key::Select { range: false },
            "X" => Key::Select { range: true },
            "e" | "E" => Key::Edit,
            "r" | "R" => Key::Retry,
            "c" | "C" => Key::Copy,
            "l" | "L" => Key::Live,
            "Escape" => Key::Escape,
            _ => return,
        };
        event.prevent_default();
        act.run(key);
    });
    on_cleanup(move || handle.remove());
}

/// Whether a delivery's row itself has the focus, or the table for one that is out of sight; not something inside.
fn on_row(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.matches(ROWS).unwrap_or(false))
}

/// Puts the focus on the first element that matches, if there is one.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        // What cannot take the focus leaves it where it is.
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}
