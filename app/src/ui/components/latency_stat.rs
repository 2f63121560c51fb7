//! How long destinations take to answer.

use domain::dashboard::Summary;
use leptos::prelude::*;

use super::stat::{Stat, StatNote};
use crate::model::summary::{Change, change_of_latency, latency_figure, latency_words};

/// p95 as the figure; below it the change against the range before, and p50.
#[component]
pub fn LatencyStat(
    /// The numbers.
    data: Memo<Option<Summary>>,
    /// What the range before is called.
    before: Signal<String>,
) -> impl IntoView {
    let latency = Memo::new(move |_| {
        data.with(|data| data.as_ref().map(|summary| (summary.latency, summary.previous_latency)))
    });
    let figure = move || Some(latency_figure(latency.get()?.0.p95_us?));
    let value = Signal::derive(move || figure().map(|(figure, _)| figure));
    let unit = Signal::derive(move || figure().map(|(_, unit)| format!(" {unit}")));
    let note = Signal::derive(move || {
        let (now, past) = latency.get()?;
        let Some(p50) = now.p50_us.map(latency_words) else {
            return Some(StatNote::plain("no attempt yet"));
        };
        Some(match change_of_latency(now.p95_us, past.p95_us) {
            Change::Up(by) => StatNote { icon: Some("up"), text: format!("{by}, p50 {p50}") },
            Change::Down(by) => StatNote { icon: Some("down"), text: format!("{by}, p50 {p50}") },
            Change::Same | Change::Unknown => StatNote::plain(format!("p50 {p50}")),
        })
    });
    let title = Signal::derive(move || {
        let (_, past) = latency.get()?;
        let past = past.p95_us.map_or_else(|| "unknown".into(), latency_words);
        Some(format!(
            "How long attempts took, from the request to the answer: 95 of 100 took no longer, half took no longer \
             than p50. At most 19% off. p95 in the {}: {past}.",
            before.get(),
        ))
    });
    view! { <Stat label="Latency, p95" tone=Signal::stored(None) value unit note title/> }
}
