//! A retry policy as a picture: a line per retry, time runs to the right on a logarithmic axis.

use leptos::prelude::*;

use crate::model::format::counted;
use crate::model::schedule::{FIRST_TRY, Schedule, wait_words};
use crate::ui::components::icon::Icon;
use crate::ui::components::status_chip::StateChip;

/// The picture and what it says in words.
#[component]
pub fn RetrySchedule(
    /// The retries.
    schedule: Schedule,
    /// The share of each wait that is random.
    jitter: f64,
) -> impl IntoView {
    let marks = schedule.marks();
    let percent = |position: f64| format!("{position:.1}%");
    let ticks = {
        let positions: Vec<_> = marks.iter().map(|mark| percent(schedule.position(*mark))).collect();
        move || {
            positions
                .iter()
                .map(|x| view! { <line class="tick" x1=x.clone() x2=x.clone() y1="0" y2="100%"></line> })
                .collect_view()
        }
    };
    let labels = marks
        .iter()
        .map(|mark| view! { <text x=percent(schedule.position(*mark)) y="70%">{wait_words(*mark)}</text> })
        .collect_view();
    let mut before = FIRST_TRY;
    let lines = schedule
        .retries
        .iter()
        .map(|retry| {
            let at = schedule.position(retry.at_ms);
            let (from, to) = (schedule.position(retry.earliest_ms), schedule.position(retry.latest_ms));
            let wait = (before, at - before);
            before = at;
            let swing = retry.latest_ms - retry.at_ms;
            let label = format!(
                "Retry {}: {} after the first try{}",
                retry.number,
                wait_words(retry.at_ms),
                if swing > 0 {
                    format!(", between {} and {}", wait_words(retry.earliest_ms), wait_words(retry.latest_ms))
                } else {
                    String::new()
                }
            );
            view! {
                <li>
                    <span>{format!("Retry {}", retry.number)}</span>
                    <span class="soft">{wait_words(retry.wait_ms)}</span>
                    <svg class="schedule-track" role="img" aria-label=label>
                        {ticks()}
                        <rect class="wait" x=percent(wait.0) y="15" width=percent(wait.1) height="4"></rect>
                        {(swing > 0)
                            .then(|| {
                                view! {
                                    <rect
                                        class="band"
                                        x=percent(from)
                                        y="8"
                                        width=percent(to - from)
                                        height="18"
                                        rx="3"
                                    ></rect>
                                }
                            })}
                        <circle class="stop" cx=percent(at) cy="50%" r="5"></circle>
                    </svg>
                    <span class="num">{wait_words(retry.at_ms)}</span>
                </li>
            }
        })
        .collect_view();
    let tries = counted(i64::try_from(schedule.tries()).unwrap_or_default(), "try", "tries");
    let summary = match schedule.retries.last() {
        None => format!("{tries} at most: a failure is a dead letter at once."),
        Some(last) if last.latest_ms > last.earliest_ms => format!(
            "{tries} at most. With jitter the last one falls between {} and {}.",
            wait_words(last.earliest_ms),
            wait_words(last.latest_ms)
        ),
        Some(last) => format!("{tries} at most, the last one after {}.", wait_words(last.at_ms)),
    };
    let after = match schedule.retries.last() {
        None => "after the 1st try".to_owned(),
        Some(last) => format!("after {tries} in {}", wait_words(last.at_ms)),
    };
    view! {
        <section class="panel" aria-label="Resulting schedule" aria-live="polite">
            <header class="panel-head">
                <h4>"Resulting schedule"</h4>
                <span class="muted">"time since the first try, log scale"</span>
                <span class="row-end row only-wide">
                    <span class="legend">
                        <span class="swatch" data-tone="wait"></span>
                        "wait"
                    </span>
                    {(jitter > 0.0)
                        .then(|| {
                            view! {
                                <span class="legend">
                                    <span class="swatch" data-tone="jitter"></span>
                                    {format!("jitter ±{:.0}%", jitter * 100.0)}
                                </span>
                            }
                        })}
                </span>
            </header>
            <div class="panel-body">
                <ol class="schedule">
                    <li data-axis="">
                        <span>"Try"</span>
                        <span>"Wait"</span>
                        <svg class="schedule-track" height="24" aria-hidden="true">{labels}</svg>
                        <span class="num">"after the 1st try"</span>
                    </li>
                    <li>
                        <span>
                            <Icon name="st-failed" size="sm"/>
                            "1st try"
                        </span>
                        <span class="soft">"–"</span>
                        <svg class="schedule-track" aria-hidden="true">
                            {ticks()} <circle class="stop-first" cx=percent(FIRST_TRY) cy="50%" r="5"></circle>
                        </svg>
                        <span class="num">"0 s"</span>
                    </li>
                    {lines}
                    <li data-status="dead_letter">
                        <span>
                            <StateChip state="dead_letter" icon="st-dead_letter" label="Dead letter".to_owned()/>
                            <span class="soft">{after}</span>
                        </span>
                        <span>"kept for a person"</span>
                    </li>
                </ol>
            </div>
            <footer class="panel-foot">
                <span>{summary}</span>
            </footer>
        </section>
    }
}
