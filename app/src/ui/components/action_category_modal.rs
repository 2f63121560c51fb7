//! ActionCategoryModal: failed deliveries of a selection or a filter, grouped by what stopped them, become a batch.
//!
//! What is affected comes first, as the server counts it: how many, by which cause, one of them as a sample, and what is
//! left out and why. Then the batch goes on in the server; the dialog shows how far it is and may be closed.

use std::collections::BTreeSet;

use domain::delivery::Delivery;
use domain::error::Problem;
use domain::retry_job::{Cause, DEFAULT_PER_SECOND, RetryGroup, RetryJobDetail, RetryPreview};
use leptos::html;
use leptos::prelude::*;

use super::dialog::{Dialog, DialogHead};
use super::form::select_field::{Choice, Select};
use super::icon::Icon;
use super::problem_notice::ProblemNotice;
use crate::model::failed_batch::{bound_words, cause_words, left_out_words, progress_words, title};
use crate::model::format::{count, counted};
use crate::ui::state::Load;

/// What a person decided about a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchWish {
    /// Only what these stopped; nothing for all.
    pub causes: Option<Vec<Cause>>,
    /// Why.
    pub reason: Option<String>,
    /// Deliveries in a second.
    pub per_second: i64,
}

/// What is chosen and typed in the dialog.
#[derive(Clone, Copy)]
struct Form {
    /// The causes that are not to be retried: what is new in a later preview is chosen.
    refused: RwSignal<BTreeSet<Cause>>,
    reason: RwSignal<String>,
    per_second: RwSignal<i64>,
}

/// Shows what is affected, then the batch.
#[component]
pub fn ActionCategoryModal(
    /// What is affected.
    #[prop(into)]
    preview: Signal<Load<RetryPreview>>,
    /// Why nothing can be retried by this person; nothing when it can.
    #[prop(optional_no_strip)]
    obstacle: Option<&'static str>,
    /// Whether the batch is being made.
    #[prop(into)]
    sending: Signal<bool>,
    /// Why the server refused it.
    #[prop(into)]
    refusal: Signal<Option<Problem>>,
    /// The batch, once it is made.
    #[prop(into)]
    batch: Signal<Option<RetryJobDetail>>,
    /// Asks what is affected once more.
    #[prop(into)]
    on_look: Callback<()>,
    /// Makes the batch.
    #[prop(into)]
    on_retry: Callback<BatchWish>,
    /// Ends the batch.
    #[prop(into)]
    on_stop: Callback<()>,
    /// Closes it; a batch goes on.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let form = Form {
        refused: RwSignal::new(BTreeSet::new()),
        reason: RwSignal::new(String::new()),
        per_second: RwSignal::new(DEFAULT_PER_SECOND),
    };
    let number = move || {
        preview.with(|preview| {
            form.refused.with(|refused| {
                let groups = preview.data.iter().flat_map(|preview| &preview.groups);
                groups.filter(|group| !refused.contains(&group.cause)).map(|group| group.count).sum::<i64>()
            })
        })
    };
    let head = move || match batch.get() {
        Some(batch) => title(&batch.job),
        None => match preview.with(|load| load.data.as_ref().map(RetryPreview::affected)) {
            Some(affected) => {
                format!("Retry {}", counted(affected, "failed delivery", "failed deliveries"))
            }
            None => "Retry failed deliveries".into(),
        },
    };
    let blocked = move || {
        let known = preview.with(|load| load.data.as_ref().map(|preview| preview.groups.is_empty()));
        match (obstacle, known) {
            (Some(words), _) => Some(words),
            (None, None) => Some("Nothing to retry until it is known what is affected"),
            (None, Some(true)) => Some("None of these can be retried"),
            (None, Some(false)) if sending.get() => Some("Sending"),
            (None, Some(false)) => (number() == 0).then_some("Choose a group to retry"),
        }
    };
    let retry = move |_| {
        if untrack(blocked).is_some() {
            return;
        }
        let causes = preview.with_untracked(|load| {
            form.refused.with_untracked(|refused| {
                let groups = load.data.iter().flat_map(|preview| &preview.groups).map(|group| group.cause);
                (!refused.is_empty()).then(|| groups.filter(|cause| !refused.contains(cause)).collect())
            })
        });
        let reason = form.reason.get_untracked().trim().to_owned();
        let per_second = form.per_second.get_untracked();
        on_retry.run(BatchWish { causes, reason: (!reason.is_empty()).then_some(reason), per_second });
    };
    let is_made = Memo::new(move |_| batch.with(Option::is_some));
    let foot = move || {
        match is_made.get() {
        true => view! { <BatchFoot batch obstacle on_stop on_close/> }.into_any(),
        false => view! {
            {move || {
                blocked()
                    .filter(|_| preview.with(|load| load.data.is_some()))
                    .map(|words| {
                        view! { <span class="error" id="batch-why"><Icon name="alert" size="sm"/>{words}</span> }
                    })
            }}
            <span class="dialog-foot-end">
                <button class="btn" type="button" data-size="md" on:click=move |_| on_close.run(())>
                    "Cancel"
                </button>
                <button
                    class="btn"
                    type="button"
                    data-variant="primary"
                    data-size="md"
                    aria-disabled=move || blocked().is_some().to_string()
                    aria-describedby="batch-why"
                    on:click=retry
                >
                    <Icon name="retry"/>
                    {move || format!("Retry {}", count(number()))}
                </button>
            </span>
        }
        .into_any(),
    }
    };
    // A form must not be built anew while somebody types in it.
    let has_preview = Memo::new(move |_| preview.with(|load| load.data.is_some()));
    let problem = Memo::new(move |_| refusal.get().or_else(|| preview.with(|load| load.problem.clone())));
    view! {
        <Dialog labelled_by="batch-title" on_close>
            <DialogHead id="batch-title" title=Signal::derive(head) on_close/>
            {move || match (is_made.get(), has_preview.get()) {
                (true, _) => view! { <BatchProgress batch/> }.into_any(),
                (false, true) => {
                    let data = preview.with_untracked(|load| load.data.clone());
                    data.map(|preview| view! { <BatchChoice preview form problem on_look/> }).into_any()
                }
                (false, false) => {
                    view! {
                        <div class="dialog-body stack" aria-busy=move || problem.get().is_none().to_string()>
                            {move || match problem.get() {
                                Some(problem) => view! { <ProblemNotice problem retry=on_look/> }.into_any(),
                                None => {
                                    view! { <span class="skel" role="status" aria-label="Counting what is affected"></span> }
                                        .into_any()
                                }
                            }}
                        </div>
                    }
                        .into_any()
                }
            }}
            <footer class="dialog-foot">{foot}</footer>
        </Dialog>
    }
}

#[component]
fn BatchChoice(
    preview: RetryPreview,
    form: Form,
    problem: Memo<Option<Problem>>,
    on_look: Callback<()>,
) -> impl IntoView {
    let bound = bound_words(&preview).map(|words| {
        view! { <p class="hint tone-warn row"><Icon name="alert" size="sm"/>{words}</p> }
    });
    let left_out =
        left_out_words(&preview.left_out).map(|words| view! { <p class="hint">"Left out: "{words}</p> });
    let dead_letters: i64 = preview.groups.iter().map(|group| group.dead_letters).sum();
    let dead_letters = (dead_letters > 0).then(|| {
        let words = counted(dead_letters, "is a dead letter and leaves", "are dead letters and leave");
        view! { <p class="hint">{words}" that list once delivered."</p> }
    });
    let speeds = vec![
        Choice::new(1, "1 per second, behind live traffic"),
        Choice::new(10, "10 per second, behind live traffic"),
        Choice::new(50, "50 per second, behind live traffic"),
        Choice::new(500, "500 per second, behind live traffic"),
    ];
    view! {
        <div class="dialog-body stack">
            {move || problem.get().map(|problem| view! { <ProblemNotice problem retry=on_look/> })}
            {bound}
            <fieldset class="field plain">
                <legend>"Stopped by"</legend>
                {preview.groups.into_iter().map(|group| view! { <GroupChoice group form/> }).collect_view()}
            </fieldset>
            {left_out}
            {dead_letters}
            <div class="field">
                <label for="batch-speed">"Speed"</label>
                <Select id="batch-speed" choices=Signal::stored(speeds) value=form.per_second/>
            </div>
            <div class="field">
                <label for="batch-reason">"Why "<span class="hint">"kept in the audit log"</span></label>
                <input
                    class="input"
                    id="batch-reason"
                    maxlength="500"
                    autocomplete="off"
                    prop:value=form.reason
                    on:input:target=move |event| form.reason.set(event.target().value())
                />
            </div>
            <p class="hint">
                "Each is tried again with the payload it has and keeps its delivery id, the oldest first. \
                 The batch goes on when you leave."
            </p>
        </div>
    }
}

#[component]
fn GroupChoice(group: RetryGroup, form: Form) -> impl IntoView {
    let RetryGroup { cause, count: number, sample, .. } = group;
    let Delivery { source_record_id, event_type, destination_name, error, .. } = sample;
    let what = source_record_id.unwrap_or_else(|| event_type.to_string());
    let error = error.map(|error| format!(": {error}"));
    let warning = cause.needs_a_fix().then(|| {
        view! { <span class="hint tone-warn">"Fails the same way until the payload, route or destination is corrected"</span> }
    });
    let toggle = move |on: bool| {
        form.refused.update(|refused| _ = if on { refused.remove(&cause) } else { refused.insert(cause) });
    };
    view! {
        <label class="option">
            <input
                class="check"
                type="checkbox"
                prop:checked=move || form.refused.with(|refused| !refused.contains(&cause))
                on:change:target=move |event| toggle(event.target().checked())
            />
            <span>
                {cause_words(cause)}
                " "
                <span class="count">{count(number)}</span>
                <span class="hint">
                    {format!("{event_type} to {destination_name}, for example ")}
                    <span class="mono">{what}</span>
                    {error}
                </span>
                {warning}
            </span>
        </label>
    }
}

#[component]
fn BatchProgress(batch: Signal<Option<RetryJobDetail>>) -> impl IntoView {
    move || {
        let batch = batch.get()?;
        let skipped = left_out_words(&batch.job.skipped).map(|words| {
            view! {
                <ul class="issues">
                    <li data-issue="warning"><Icon name="alert"/><p>"Not retried: "{words}</p></li>
                </ul>
            }
        });
        let (total, done) = (batch.job.total, batch.job.done());
        Some(view! {
            <div class="dialog-body stack">
                <progress
                    class="progress"
                    max=total
                    value=done
                    aria-label=format!("{} of {} retried", count(done), count(total))
                ></progress>
                <p>{progress_words(&batch)}</p>
                {skipped}
            </div>
        })
    }
}

#[component]
fn BatchFoot(
    batch: Signal<Option<RetryJobDetail>>,
    obstacle: Option<&'static str>,
    on_stop: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    // The button that was pressed is gone, and the focus with it.
    let close = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(button) = close.get() {
            // It fails for a button that is gone already.
            let _ = button.focus();
        }
    });
    let is_over = move || batch.with(|batch| batch.as_ref().is_none_or(|batch| batch.job.state.is_final()));
    view! {
        <span class="hint">{move || (!is_over()).then_some("It goes on when you close this")}</span>
        <span class="dialog-foot-end">
            <Show when=move || !is_over() && obstacle.is_none()>
                <button class="btn" type="button" data-size="md" on:click=move |_| on_stop.run(())>
                    "Stop"
                </button>
            </Show>
            <button
                class="btn"
                type="button"
                data-variant="primary"
                data-size="md"
                node_ref=close
                on:click=move |_| on_close.run(())
            >
                "Close"
            </button>
        </span>
    }
}
