//! A point in time for people.

use domain::time::Timestamp;
use leptos::prelude::*;

use crate::model::format;
use crate::ui::clock::use_clock;
use crate::ui::zone::use_zone;

/// "12 min ago", the exact time on hover; the day once it is over a week.
#[component]
pub fn Time(
    /// The point in time.
    #[prop(into)]
    at: Signal<Timestamp>,
) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    view! {
        <time datetime=move || at.get().to_rfc3339() title=move || format::exact(at.get())>
            {move || format::ago(at.get(), clock.get(), zone.get())}
        </time>
    }
}
