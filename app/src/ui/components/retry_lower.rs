//! The lower half of ApiRetryModal: problems, where it goes and why, and the dry run.

use leptos::prelude::*;

use super::api_retry_modal::Draft;
use super::dry_run_panel::DryRunPanel;
use super::issue_list::IssueList;
use super::retry_work::RetryView;
use super::way_fields::WayFields;
use crate::model::dry_run_result::dry_run_results;
use crate::model::payload_draft::{Issue, Opening, place};

/// The lower half.
#[component]
pub fn RetryLower(
    /// The text.
    draft: Draft,
) -> impl IntoView {
    let flow = draft.flow;
    let show = move |issue: Issue| {
        draft.view.set(RetryView::Edited);
        let Some((from, to)) = draft.settled.with_untracked(|text| place(text, &issue)) else { return };
        // The view it is in shows after this.
        request_animation_frame(move || _ = draft.slot.with(|editor| editor.reveal(from, to)));
    };
    let outdated = move || {
        flow.dry_run.with(|answer| {
            answer.as_ref().is_some_and(|answer| {
                draft.text.with(|text| **text != *answer.text) || flow.way.with(|way| *way != answer.way)
            })
        })
    };
    let results = move || {
        let Some(Ok(dry_run)) = flow.dry_run.get().map(|answer| answer.result) else { return Vec::new() };
        let opening = draft.opening();
        let bytes = Opening::of_bytes();
        let opening = opening.as_deref().unwrap_or(&bytes);
        draft
            .settled
            .with(|text| draft.reading.with(|reading| dry_run_results(opening, text, reading, &dry_run)))
    };
    view! {
        <div class="retry-lower">
            <section aria-labelledby="issues-h">
                <IssueList reading=draft.reading on_show=show/>
                <WayFields flow/>
                <div class="field">
                    <label for="retry-reason">"Why "<span class="hint">"kept in the audit log"</span></label>
                    <input
                        class="input"
                        data-size="sm"
                        id="retry-reason"
                        maxlength="500"
                        autocomplete="off"
                        prop:value=draft.reason
                        on:input:target=move |event| draft.reason.set(event.target().value())
                    />
                </div>
            </section>
            <section aria-labelledby="dry-h">
                <DryRunPanel
                    answer=flow.dry_run
                    running=flow.dry_running
                    outdated=Signal::derive(outdated)
                    results=Signal::derive(results)
                />
            </section>
        </div>
    }
}
