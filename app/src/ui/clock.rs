//! The time of day in the browser: one ticking signal for everything that says "12 min ago" or "in 42 s".

use std::time::Duration;

use domain::time::Timestamp;
use leptos::prelude::*;

/// Now, by the browser's clock.
pub fn now() -> Timestamp {
    Timestamp((js_sys::Date::now() * 1_000.0) as i64)
}

#[derive(Clone, Copy)]
struct Clock(ReadSignal<Timestamp>);

/// Starts the clock that [`use_clock`] reads.
pub fn provide_clock() {
    let (time, set_time) = signal(now());
    let ticking = set_interval_with_handle(move || set_time.set(now()), Duration::from_secs(1));
    if let Ok(ticking) = ticking {
        on_cleanup(move || ticking.clear());
    }
    provide_context(Clock(time));
}

/// Now, again every second.
pub fn use_clock() -> ReadSignal<Timestamp> {
    expect_context::<Clock>().0
}
