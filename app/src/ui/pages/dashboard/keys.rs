//! The dashboard's keys. They are silent while somebody types or a dialog is open, and with modifiers.

use domain::filter::ViewTab;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::ui::browser;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Show a tab.
    Tab(ViewTab),
    /// Move to the next (1) or previous (-1) row.
    Step(i32),
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
            "j" | "J" => Key::Step(1),
            "k" | "K" => Key::Step(-1),
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

/// Whether the row itself has the focus, not something inside it.
fn on_row(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.matches("tr[data-id]").unwrap_or(false))
}

/// Puts the focus on the first element that matches, if there is one.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        // What cannot take the focus leaves it where it is.
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}
