//! Keeps rows where they are while a person has scrolled into them or has selected some.

use leptos::ev;
use leptos::prelude::*;

use crate::ui::realtime::Live;
use crate::ui::state::IntegrationDashboardState;

/// The first row lies under the bar at the top from here on, in pixels from the window's edge.
const UNDER_THE_BAR: f64 = 40.0;

/// Whether the first row is out of sight.
fn is_scrolled() -> bool {
    document()
        .get_element_by_id("log")
        .is_some_and(|log| log.get_bounding_client_rect().top() < UNDER_THE_BAR)
}

/// Watches for the life of the caller.
pub fn watch(live: Live, state: IntegrationDashboardState) {
    let scrolled = RwSignal::new(false);
    let handle = window_event_listener(ev::scroll, move |_| {
        let now = is_scrolled();
        if scrolled.get_untracked() != now {
            scrolled.set(now);
        }
    });
    let selecting = Memo::new(move |_| state.selected.with(|selected| !selected.is_empty()));
    Effect::new(move |_| live.hold(scrolled.get() || selecting.get()));
    on_cleanup(move || {
        handle.remove();
        live.hold(false);
    });
}

/// Brings the newest rows into sight.
pub fn scroll_to_newest() {
    if is_scrolled()
        && let Some(log) = document().get_element_by_id("log")
    {
        let top = log.get_bounding_client_rect().top() + window().scroll_y().unwrap_or(0.0);
        window().scroll_to_with_x_and_y(0.0, (top - 160.0).max(0.0));
    }
}
