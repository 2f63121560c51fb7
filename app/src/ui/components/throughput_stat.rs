//! How many deliveries there were, over the range: now, at most, and as bars.

use domain::dashboard::Summary;
use domain::time::{DAY, Timestamp};
use leptos::prelude::*;

use super::sparkline::Sparkline;
use crate::model::format;
use crate::model::summary::{Spark, bucket_words, spark};
use crate::ui::zone::use_zone;

/// The widest figure of the summary.
#[component]
pub fn ThroughputStat(
    /// The numbers.
    data: Memo<Option<Summary>>,
    /// The end of what is shown.
    until: Signal<Timestamp>,
) -> impl IntoView {
    let drawing = Memo::new(move |_| {
        data.with(|data| data.as_ref().map(|summary| spark(summary, until.get().max(summary.to))))
    });
    let empty = || Spark { bars: Vec::new(), last: 0, peak: None, bucket_us: 0 };
    let drawn = Signal::derive(move || drawing.get().unwrap_or_else(empty));
    let bucket = move || bucket_words(drawn.get().bucket_us);
    let zone = use_zone();
    let peak = move || {
        let zone = zone.get();
        drawn.get().peak.map(|(at, most)| {
            let bucket = drawn.get().bucket_us;
            let several_days = bucket * drawn.get().bars.len() as i64 > 2 * DAY;
            let when = match bucket {
                us if us >= DAY => format!("on {}", format::day(at, zone)),
                _ if several_days => format!("on {}", format::day_time(at, zone)),
                _ => format!("at {}", format::hour_minute(at, zone)),
            };
            format!("peak {} {when}", format::count(most))
        })
    };
    let label = Signal::derive(move || {
        format!(
            "Deliveries per {}: {} now, {}",
            bucket(),
            format::count(drawn.get().last),
            peak().unwrap_or_else(|| "none before".into()),
        )
    });
    view! {
        <div class="stat stat-spark" data-wide="">
            <span class="stat-label">"Deliveries per "{bucket}</span>
            <span class="stat-value">
                {move || format::count(drawn.get().last)} " " <small>"now"</small>
            </span>
            <span class="stat-note">{move || peak().unwrap_or_else(|| "nothing yet".into())}</span>
            <Sparkline spark=drawn label/>
        </div>
    }
}
