//! Disclosure menus (`<details class="menu">`): they close on a click elsewhere, on choosing an item, and on Esc.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDetailsElement, HtmlElement};

/// For a menu whose content is downloaded when it is opened for the first time: whether that has happened, and what its
/// `toggle` event calls.
pub fn opened_once() -> (ReadSignal<bool>, impl Fn(ev::Event) + Copy + 'static) {
    let (opened, set_opened) = signal(false);
    // The event comes a moment later, and the menu may be gone by then.
    (opened, move |_: ev::Event| _ = set_opened.try_set(true))
}

fn open_menus() -> Vec<HtmlDetailsElement> {
    let Ok(found) = document().query_selector_all("details.menu[open]") else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// Listens for the life of the console.
pub fn close_menus_elsewhere() {
    let clicks = window_event_listener(ev::click, |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let chose = target
            .as_ref()
            .is_some_and(|element| element.closest(".menu-item").is_ok_and(|item| item.is_some()));
        for menu in open_menus() {
            if chose || !menu.contains(target.as_ref().map(|element| element.as_ref())) {
                menu.set_open(false);
            }
        }
    });
    let keys = window_event_listener(ev::keydown, |event| {
        if event.key() != "Escape" {
            return;
        }
        for menu in open_menus() {
            menu.set_open(false);
            event.prevent_default();
            if let Ok(Some(summary)) = menu.query_selector("summary") {
                // A summary can always take the focus.
                let _ = summary.unchecked_into::<HtmlElement>().focus();
            }
        }
    });
    on_cleanup(move || {
        clicks.remove();
        keys.remove();
    });
}
