//! ApiRetryModal: a failed delivery's payload is corrected, tried out and replayed.
//!
//! The original is never touched. What the editor shows is what goes out, byte for byte; an untouched text goes out
//! as it was received. The dry run follows the typing, so that problems stand beside their line before anything is sent.

use std::time::Duration;

use domain::user::Role;
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::confirm_dialog::ConfirmDialog;
use super::dialog::{Dialog, DialogHead};
use super::icon::Icon;
use super::json_editor::EditorSlot;
use super::problem_notice::ProblemNotice;
use super::retry_lower::RetryLower;
use super::retry_work::{RetryTools, RetryView, RetryWork};
use crate::model::format;
use crate::model::payload_draft::{Opening, Reading};
use crate::ui::state::api_retry::{ApiRetry, PayloadState};

/// A longer text is read after a pause in the typing only.
const READ_AT_ONCE: usize = 100_000;
/// How long a pause in the typing is before a long text is read, and before a text is tried out.
const PAUSE: Duration = Duration::from_millis(400);

/// The text in the editor and what follows from it, shared by the dialog's parts.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The payload, the dry run and the replay.
    pub flow: ApiRetry,
    /// The text as it stands.
    pub text: RwSignal<String>,
    /// The text as it was last read; the same but for long texts while somebody types.
    pub settled: RwSignal<String>,
    /// What follows from it.
    pub reading: Memo<Reading>,
    /// Which of the views shows.
    pub view: RwSignal<RetryView>,
    /// The editor.
    pub slot: EditorSlot,
    /// Why, for the audit log.
    pub reason: RwSignal<String>,
}

impl Draft {
    /// What is edited, when it is text; reactive.
    pub fn opening(self) -> Option<std::sync::Arc<Opening>> {
        match self.flow.payload.get() {
            PayloadState::Text(opening) => Some(opening),
            _ => None,
        }
    }

    /// Why it cannot be replayed now; reactive.
    pub fn obstacle(self) -> Option<String> {
        self.flow.obstacle().or_else(|| self.reading.with(Reading::obstacle))
    }

    fn try_out(self) {
        if self.reading.with_untracked(|reading| reading.well_formed) {
            self.flow.try_out(self.text.get_untracked());
        }
    }

    /// By itself a text is tried out only once.
    fn try_out_new(self) {
        if !self.text.with_untracked(|text| self.flow.was_tried(text)) {
            self.try_out();
        }
    }

    fn replay(self) {
        // A long text may not have been read since the last key.
        self.settled.set(self.text.get_untracked());
        if untrack(|| self.obstacle()).is_none() {
            let reason = self.reason.get_untracked().trim().to_owned();
            self.flow.replay(&self.text.get_untracked(), (!reason.is_empty()).then_some(reason));
        }
    }

    fn is_changed(self) -> bool {
        let text = self.text.get_untracked();
        self.flow.payload.with_untracked(|payload| match payload {
            PayloadState::Text(opening) => text != opening.base,
            _ => false,
        })
    }
}

/// The dialog.
#[component]
pub fn ApiRetryModal(
    /// What is corrected.
    flow: ApiRetry,
    /// Closes it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let draft = provide_draft(flow);
    let leaving = RwSignal::new(false);
    let close = Callback::new(move |()| match draft.is_changed() && !flow.replaying.get_untracked() {
        true => leaving.set(true),
        false => on_close.run(()),
    });
    let keys = move |event: ev::KeyboardEvent| {
        let with_command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            _ if event.default_prevented() => return,
            "Enter" if with_command && event.shift_key() => draft.replay(),
            "Enter" if with_command => draft.try_out(),
            "F8" => _ = draft.slot.with(|editor| editor.next_issue()),
            _ => return,
        }
        event.prevent_default();
    };
    let title = flow.delivery.with_value(|delivery| format!("Edit and replay {}", delivery.event_type));
    let changes = move || {
        let changes = draft.reading.with(|reading| reading.diff.changes).max(1);
        format::counted(i64::try_from(changes).unwrap_or(i64::MAX), "change", "changes")
    };

    view! {
        <Dialog labelled_by="retry-title" class="retry-modal" size="wide" on_close=close on:keydown=keys>
            <DialogHead id="retry-title" title on_close=close>
                <p class="retry-note">
                    <Icon name="shield" size="sm"/>
                    <span>"The original stays as received. The replay is a new delivery that links back to it."</span>
                </p>
            </DialogHead>
            {move || match flow.payload.get() {
                PayloadState::Loading => {
                    view! { <div class="dialog-body stack" aria-busy="true"><span class="skel"></span></div> }.into_any()
                }
                PayloadState::Failed(problem) => {
                    let retry = Callback::new(move |()| flow.load());
                    let is_gone = problem.code == "payload_expired";
                    view! {
                        <div class="dialog-body stack">
                            {if is_gone {
                                view! {
                                    <ProblemNotice problem/>
                                    <div class="row-wrap">
                                        <button class="btn" type="button" on:click=move |_| flow.write_anew()>
                                            <Icon name="edit"/>
                                            "Write a new payload"
                                        </button>
                                    </div>
                                }
                                    .into_any()
                            } else {
                                view! { <ProblemNotice problem retry/> }.into_any()
                            }}
                        </div>
                    }
                        .into_any()
                }
                PayloadState::Text(opening) => {
                    view! {
                        <RetryTools draft opening=opening.clone()/>
                        <div class="retry-work">
                            <RetryWork draft opening/>
                            <RetryLower draft/>
                        </div>
                    }
                        .into_any()
                }
                PayloadState::Bytes(payload) => {
                    let size = format::bytes(payload.bytes);
                    view! {
                        <div class="retry-work">
                            <div>
                                <div class="empty">
                                    <Icon name="braces"/>
                                    <strong>{format!("{size} that are not text")}</strong>
                                    <p>"Nobody could edit them faithfully. They can be replayed as received."</p>
                                </div>
                            </div>
                            <RetryLower draft/>
                        </div>
                    }
                        .into_any()
                }
            }}
            <RetryFoot draft on_close=close/>
        </Dialog>
        <Show when=move || leaving.get()>
            <ConfirmDialog
                title=Signal::derive(move || format!("Discard {}?", changes()))
                confirm=Signal::derive(move || format!("Discard {}", changes()))
                cancel="Keep editing"
                on_confirm=move |()| on_close.run(())
                on_close=move |()| leaving.set(false)
            >
                <p>"The corrected payload is kept nowhere else. The original stays as received."</p>
            </ConfirmDialog>
        </Show>
    }
}

/// The draft of `flow`, and what happens by itself: reading while somebody types, trying out when they pause.
fn provide_draft(flow: ApiRetry) -> Draft {
    let text = RwSignal::new(String::new());
    let settled = RwSignal::new(String::new());
    let reading = Memo::new(move |_| {
        let dry_run =
            flow.dry_run.with(|answer| answer.as_ref().and_then(|answer| answer.result.clone().ok()));
        flow.payload.with(|payload| match payload {
            PayloadState::Text(opening) => {
                settled.with(|text| Reading::of(opening, text, dry_run.as_deref()))
            }
            // No text, nothing to find in it: only what the server says.
            _ => Reading::of(&Opening::of_bytes(), "", dry_run.as_deref()),
        })
    });
    let view = RwSignal::new(RetryView::Edited);
    let draft = Draft {
        flow,
        text,
        settled,
        reading,
        view,
        slot: EditorSlot::new(),
        reason: RwSignal::new(String::new()),
    };

    let reading_soon = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let now = text.get();
        clear(reading_soon);
        if now.len() <= READ_AT_ONCE {
            settled.set(now);
        } else {
            reading_soon
                .set_value(set_timeout_with_handle(move || settled.set(text.get_untracked()), PAUSE).ok());
        }
    });
    let trying_soon = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |before: Option<bool>| {
        let is_ready =
            flow.payload.with(|payload| matches!(payload, PayloadState::Text(_) | PayloadState::Bytes(_)));
        settled.track();
        flow.way.track();
        clear(trying_soon);
        if is_ready && flow.allows(Role::Operator) {
            if before == Some(true) {
                trying_soon.set_value(set_timeout_with_handle(move || draft.try_out_new(), PAUSE).ok());
            } else {
                if let PayloadState::Text(opening) = flow.payload.get_untracked() {
                    text.set(opening.base.clone());
                    settled.set(opening.base.clone());
                }
                draft.try_out();
            }
        }
        is_ready
    });
    on_cleanup(move || {
        clear(reading_soon);
        clear(trying_soon);
    });
    draft
}

fn clear(timeout: StoredValue<Option<TimeoutHandle>>) {
    if let Some(timeout) = timeout.try_update_value(Option::take).flatten() {
        timeout.clear();
    }
}

#[component]
fn RetryFoot(draft: Draft, on_close: Callback<()>) -> impl IntoView {
    let flow = draft.flow;
    let obstacle = Memo::new(move |_| draft.obstacle());
    let said = move || match (flow.refusal.get(), obstacle.get()) {
        (Some(problem), None) => {
            let words = format!("{}: {}", problem.title, problem.detail);
            view! { <span class="error" id="replay-why" role="alert"><Icon name="alert" size="sm"/>{words}</span> }.into_any()
        }
        (_, Some(_)) if flow.replaying.get() => {
            view! { <span class="hint" id="replay-why" role="status">"Sending"</span> }.into_any()
        }
        (_, Some(obstacle)) => {
            view! { <span class="error" id="replay-why"><Icon name="alert" size="sm"/>{obstacle}</span> }
                .into_any()
        }
        (None, None) => {
            let untouched = draft.reading.with(|reading| reading.diff.changes == 0);
            let words = if untouched {
                "Nothing is changed: the payload goes out as received"
            } else {
                "Ready to replay"
            };
            view! { <span class="hint" id="replay-why">{words}</span> }.into_any()
        }
    };
    view! {
        <footer class="dialog-foot">
            {said}
            <span class="dialog-foot-end">
                <button class="btn" type="button" data-variant="ghost" data-size="md" on:click=move |_| on_close.run(())>
                    "Cancel"
                </button>
                <button
                    class="btn"
                    type="button"
                    data-size="md"
                    aria-keyshortcuts="Control+Enter Meta+Enter"
                    title="Dry run (⌘Enter)"
                    on:click=move |_| draft.try_out()
                >
                    <Icon name="flask"/>
                    "Dry run"
                </button>
                <button
                    class="btn"
                    type="button"
                    data-variant="primary"
                    data-size="md"
                    aria-keyshortcuts="Control+Shift+Enter Meta+Shift+Enter"
                    title="Replay (⌘⇧Enter)"
                    aria-disabled=move || obstacle.get().is_some().to_string()
                    aria-describedby="replay-why"
                    on:click=move |_| draft.replay()
                >
                    <Icon name="send"/>
                    "Replay"
                </button>
            </span>
        </footer>
    }
}
