//! ActionCategoryModal: failed deliveries of a selection, grouped by what stopped them, are retried one by one.
//!
//! What is affected comes first: how many, by which cause, one of them as a sample, and what is left out and why.

use std::collections::BTreeSet;

use domain::delivery::Delivery;
use domain::id::DeliveryId;
use leptos::prelude::*;

use super::dialog::{Dialog, DialogHead};
use super::icon::Icon;
use crate::model::failed_batch::{Cause, FailedBatch, Group, Progress};
use crate::model::format::{count, counted};

/// Shows the batch, then its progress.
#[component]
pub fn ActionCategoryModal(
    /// The selected rows.
    selection: Vec<Delivery>,
    /// Why nothing can be retried by this person; nothing when it can.
    #[prop(optional_no_strip)]
    obstacle: Option<&'static str>,
    /// How far it is; nothing before it begins.
    #[prop(into)]
    progress: Signal<Option<Progress>>,
    /// Retries these one by one, with the reason if there is one.
    #[prop(into)]
    on_retry: Callback<(Vec<DeliveryId>, Option<String>)>,
    /// Retries no more after the one under way.
    #[prop(into)]
    on_stop: Callback<()>,
    /// Closes it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let batch = StoredValue::new(FailedBatch::of(&selection));
    let causes =
        batch.with_value(|batch| batch.groups.iter().map(|group| group.cause).collect::<BTreeSet<_>>());
    let chosen = RwSignal::new(causes);
    let reason = RwSignal::new(String::new());
    let number = move || {
        batch.with_value(|batch| chosen.with(|chosen| batch.chosen(|cause| chosen.contains(cause)).len()))
    };
    let is_running = move || progress.get().is_some_and(|progress| !progress.is_over());
    let close = Callback::new(move |()| if is_running() { on_stop.run(()) } else { on_close.run(()) });
    let title = move || {
        let affected =
            batch.with_value(|batch| batch.groups.iter().map(|group| group.rows.len()).sum::<usize>());
        match progress.get() {
            None => format!("Retry {}", counted(size(affected), "failed delivery", "failed deliveries")),
            Some(progress) if progress.is_over() => progress.words(),
            Some(progress) => {
                format!("Retrying {} of {}", count(size(progress.done() + 1)), count(size(progress.total())))
            }
        }
    };
    let blocked = move || match obstacle {
        Some(words) => Some(words),
        None if batch.with_value(|batch| batch.groups.is_empty()) => Some("Nothing selected can be retried"),
        None => (number() == 0).then_some("Choose a group to retry"),
    };
    let retry = move |_| {
        if untrack(blocked).is_none() {
            let ids = batch.with_value(|batch| {
                chosen.with_untracked(|chosen| batch.chosen(|cause| chosen.contains(cause)))
            });
            let reason = reason.get_untracked().trim().to_owned();
            on_retry.run((ids, (!reason.is_empty()).then_some(reason)));
        }
    };
    view! {
        <Dialog labelled_by="batch-title" on_close=close>
            <DialogHead id="batch-title" title=Signal::derive(title) on_close=close/>
            {move || match progress.get() {
                Some(progress) => view! { <BatchProgress progress/> }.into_any(),
                None => view! { <BatchChoice batch chosen reason/> }.into_any(),
            }}
            <footer class="dialog-foot">
                {move || {
                    let words = blocked().filter(|_| progress.get().is_none())?;
                    Some(view! { <span class="error" id="batch-why"><Icon name="alert" size="sm"/>{words}</span> })
                }}
                <span class="dialog-foot-end">
                    <button class="btn" type="button" data-size="md" on:click=move |_| close.run(())>
                        {move || match progress.get() {
                            None => "Cancel",
                            Some(progress) if progress.is_over() => "Close",
                            Some(_) => "Stop",
                        }}
                    </button>
                    <Show when=move || progress.get().is_none()>
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
                            {move || format!("Retry {}", count(size(number())))}
                        </button>
                    </Show>
                </span>
            </footer>
        </Dialog>
    }
}

#[component]
fn BatchChoice(
    batch: StoredValue<FailedBatch>,
    chosen: RwSignal<BTreeSet<Cause>>,
    reason: RwSignal<String>,
) -> impl IntoView {
    let (groups, left_out, dead_letters) =
        batch.with_value(|batch| (batch.groups.clone(), batch.left_out.clone(), batch.dead_letters()));
    let left_out = (!left_out.is_empty()).then(|| {
        let reasons: Vec<_> =
            left_out.iter().map(|(reason, number)| format!("{} {reason}", count(size(*number)))).collect();
        view! { <p class="hint">"Left out: "{reasons.join(", ")}</p> }
    });
    let dead_letters = (dead_letters > 0).then(|| {
        let words = counted(size(dead_letters), "is a dead letter and leaves", "are dead letters and leave");
        view! { <p class="hint">{words}" that list once delivered."</p> }
    });
    view! {
        <div class="dialog-body stack">
            <fieldset class="field plain">
                <legend>"Stopped by"</legend>
                {groups.into_iter().map(|group| view! { <GroupChoice group chosen/> }).collect_view()}
            </fieldset>
            {left_out}
            {dead_letters}
            <div class="field">
                <label for="batch-reason">"Why "<span class="hint">"kept in the audit log"</span></label>
                <input
                    class="input"
                    id="batch-reason"
                    maxlength="500"
                    autocomplete="off"
                    prop:value=reason
                    on:input:target=move |event| reason.set(event.target().value())
                />
            </div>
            <p class="hint">"They are retried one by one with the payload they have, keeping their delivery ids."</p>
        </div>
    }
}

#[component]
fn GroupChoice(group: Group, chosen: RwSignal<BTreeSet<Cause>>) -> impl IntoView {
    let Group { cause, rows } = group;
    let sample = rows.first().map(|row| {
        let what = row.source_record_id.clone().unwrap_or_else(|| row.event_type.to_string());
        let error = row.error.clone().map(|error| format!(": {error}")).unwrap_or_default();
        view! { <span class="hint">{format!("{} to {}", row.event_type, row.destination_name)}<br/><span class="mono">{what}</span>{error}</span> }
    });
    let warning = cause.needs_a_fix().then(|| {
        view! { <span class="hint tone-warn">"Fails the same way until the payload, route or destination is corrected"</span> }
    });
    let toggle = move |on: bool| {
        chosen.update(|chosen| _ = if on { chosen.insert(cause) } else { chosen.remove(&cause) });
    };
    view! {
        <label class="option">
            <input
                class="check"
                type="checkbox"
                prop:checked=move || chosen.with(|chosen| chosen.contains(&cause))
                on:change:target=move |event| toggle(event.target().checked())
            />
            <span>
                {cause.words()}
                " "
                <span class="count">{count(size(rows.len()))}</span>
                {sample}
                {warning}
            </span>
        </label>
    }
}

#[component]
fn BatchProgress(progress: Progress) -> impl IntoView {
    let reasons = progress
        .reasons()
        .into_iter()
        .map(|(reason, number)| {
            let words = format!("{} refused: {reason}", count(size(number)));
            view! { <li data-issue="error"><Icon name="st-failed"/><p>{words}</p></li> }
        })
        .collect_view();
    view! {
        <div class="dialog-body stack" aria-live="polite">
            <progress class="progress" max=progress.total() value=progress.done() aria-label="Deliveries retried"></progress>
            <p>{progress.words()}</p>
            <ul class="issues">{reasons}</ul>
        </div>
    }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
