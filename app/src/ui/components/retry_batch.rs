//! One batch of retries that is under way or over: how far it is, what became of its deliveries, pause and stop.

use domain::id::RetryJobId;
use domain::retry_job::{RetryJobDetail, RetryJobState};
use leptos::prelude::*;

use super::icon::Icon;
use crate::model::failed_batch::{is_moving, left_out_words, progress_words, title};
use crate::model::format::count;

/// What a person may ask of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchAction {
    /// Stop for now.
    Pause,
    /// Go on.
    Resume,
    /// End it.
    Stop,
    /// Show it no longer.
    Dismiss,
}

/// The panel of a batch.
#[component]
pub fn RetryBatch(
    /// The batch, in its newest state.
    detail: Memo<RetryJobDetail>,
    /// Where its rows are listed.
    #[prop(into)]
    href: Signal<String>,
    /// Why this person can change nothing about it; nothing when they can.
    #[prop(optional_no_strip)]
    obstacle: Option<&'static str>,
    /// Something was asked for.
    on_action: Callback<(RetryJobId, BatchAction)>,
) -> impl IntoView {
    // Only a new state builds anew what is pressed and read out.
    let state = Memo::new(move |_| detail.with(|detail| detail.job.state));
    let icon = move || match state.get() {
        RetryJobState::Running => view! { <Icon name="retry" spin=true/> },
        RetryJobState::Paused => view! { <Icon name="pause"/> },
        RetryJobState::Finished => view! { <Icon name="st-delivered"/> },
        RetryJobState::Canceled => view! { <Icon name="st-canceled"/> },
    };
    let button = move |action: BatchAction, words: &'static str, icon: Option<&'static str>| {
        let blocked = obstacle.filter(|_| action != BatchAction::Dismiss);
        let press = move |_| {
            if blocked.is_none() {
                on_action.run((detail.with_untracked(|detail| detail.job.id.clone()), action));
            }
        };
        view! {
            <button
                class="btn"
                type="button"
                data-size="xs"
                aria-disabled=blocked.map(|_| "true")
                title=blocked
                on:click=press
            >
                {icon.map(|name| view! { <Icon name/> })}
                {words}
            </button>
        }
    };
    let buttons = move || match state.get() {
        RetryJobState::Running => {
            vec![button(BatchAction::Pause, "Pause", Some("pause")), button(BatchAction::Stop, "Stop", None)]
        }
        RetryJobState::Paused => {
            vec![button(BatchAction::Resume, "Resume", Some("play")), button(BatchAction::Stop, "Stop", None)]
        }
        RetryJobState::Finished | RetryJobState::Canceled => {
            vec![button(BatchAction::Dismiss, "Dismiss", None)]
        }
    };
    let skipped = move || {
        let words = detail.with(|detail| left_out_words(&detail.job.skipped))?;
        Some(view! { <span class="muted">"Not retried: "{words}</span> })
    };
    let has_rows = Memo::new(move |_| detail.with(|detail| detail.job.retried > 0));
    let total = move || detail.with(|detail| detail.job.total);
    let done = move || detail.with(|detail| detail.job.done());
    view! {
        <section
            class="panel job"
            aria-label="Batch of retries"
            data-state=move || state.get().as_str()
            aria-busy=move || detail.with(is_moving).to_string()
        >
            {icon}
            <div class="job-text">
                <b role="status">{move || detail.with(|detail| title(&detail.job))}</b>
                <span class="muted">{move || detail.with(progress_words)}</span>
                {skipped}
                <Show when=move || has_rows.get()>
                    <a href=href>"Show rows"</a>
                </Show>
            </div>
            <div class="job-actions">{buttons}</div>
            <progress
                class="progress"
                max=total
                value=done
                aria-label=move || format!("{} of {} retried", count(done()), count(total()))
            ></progress>
        </section>
    }
}
