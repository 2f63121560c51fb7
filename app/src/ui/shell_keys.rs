//! The keys that every page has: `G` and a letter goes to a page, `?` lists all keys.
//!
//! Like the keys of pages they are silent while somebody types or a dialog is open, and with modifiers. The letter
//! after `G` is no page's own.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::browser;
use crate::model::places;

/// How long after `G` its letter may come.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Listens during the caller's life; `list` says that the keys are to be listed.
pub fn listen(list: RwSignal<bool>) {
    let navigate = use_navigate();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if browser::is_typing() || browser::dialog_is_open() {
            return;
        }
        let key = event.key();
        // On some keyboards a letter needs Shift first, which is no letter.
        if key == "Shift" {
            return;
        }
        let before = waiting.try_update_value(Option::take).flatten();
        if let Some(before) = before {
            before.clear();
            event.prevent_default();
            if let Some(place) = places::by_key(&key) {
                navigate(place.href, Default::default());
            }
        } else if key == "?" {
            event.prevent_default();
            list.set(true);
        } else if key == "g" || key == "G" {
            event.prevent_default();
            let forget = move || waiting.set_value(None);
            waiting.set_value(set_timeout_with_handle(forget, PATIENCE).ok());
        }
    });
    on_cleanup(move || keys.remove());
}
