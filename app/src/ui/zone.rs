//! Whose clock times are written by: the person's choice, and the browser's clock.

use std::sync::OnceLock;

use domain::preferences::Times;
use domain::time::{MINUTE, Timestamp};
use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;

use super::preferences::use_preferences;
use crate::model::zone::Zone;

#[derive(Clone, Copy)]
struct CurrentZone(Memo<Zone>);

/// Provides the zone that [`use_zone`] reads. It follows the preferences.
pub fn provide_zone() {
    let preferences = use_preferences();
    provide_context(CurrentZone(Memo::new(move |_| match preferences.with(|chosen| chosen.times) {
        Times::Utc => Zone::UTC,
        Times::Local => local(),
    })));
}

/// The zone in which times are written here.
pub fn use_zone() -> Memo<Zone> {
    expect_context::<CurrentZone>().0
}

/// The browser's zone by its name, "Europe/Berlin".
pub fn local_name() -> &'static str {
    local().name()
}

fn local() -> Zone {
    static NAME: OnceLock<String> = OnceLock::new();
    Zone::new(NAME.get_or_init(browser_zone), offset)
}

fn browser_zone() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let name = Reflect::get(&options, &"timeZone".into()).ok().and_then(|name| name.as_string());
    // Very old browsers know their distance from UTC only.
    name.unwrap_or_else(|| "Local time".into())
}

/// How far the browser's clock is ahead of UTC, microseconds.
fn offset(time: Timestamp) -> i64 {
    let date = Date::new(&(time.as_millis() as f64).into());
    // It says how far UTC is ahead, in minutes; a date out of its range has no offset.
    let behind = date.get_timezone_offset();
    if behind.is_finite() { -(behind * MINUTE as f64) as i64 } else { 0 }
}
