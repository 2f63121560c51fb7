//! The upper half of ApiRetryModal: the switch between views and the views themselves.

use std::sync::Arc;

use leptos::prelude::*;

use super::api_retry_modal::Draft;
use super::diff_view::DiffView;
use super::icon::Icon;
use super::json_editor::JsonEditor;
use super::request_preview::RequestPreview;
use crate::model::payload_draft::{Language, Opening};

/// What the upper half shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryView {
    /// The payload as received.
    Original,
    /// The payload as it is to be.
    Edited,
    /// What differs between them.
    Diff,
    /// What would be sent.
    Request,
}

impl RetryView {
    /// The word in `value` and `data-view`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Edited => "edited",
            Self::Diff => "diff",
            Self::Request => "request",
        }
    }
}

/// The switch, and what can be done with the text.
#[component]
pub fn RetryTools(
    /// The text.
    draft: Draft,
    /// Where editing began.
    opening: Arc<Opening>,
) -> impl IntoView {
    let changes = move || {
        let changes = draft.reading.with(|reading| reading.diff.changes);
        (changes > 0).then(|| view! { " "<span class="count">{changes}</span> })
    };
    let choice = move |view: RetryView, words: &'static str| {
        view! {
            <input
                type="radio"
                name="retry-view"
                value=view.as_str()
                prop:checked=move || draft.view.get() == view
                on:change=move |_| draft.view.set(view)
            />
            {words}
        }
    };
    let is_editing = move || draft.view.get() == RetryView::Edited;
    let is_json = opening.language == Language::Json;
    let lay_out = move |_| {
        let text = draft.text.get_untracked();
        if let Some(text) = draft.slot.with(|editor| editor.lay_out(&text)).flatten() {
            draft.text.set(text);
        }
    };
    let note =
        opening.is_laid_out().then(|| view! { <span class="hint only-wide">"Laid out for editing"</span> });
    view! {
        <div class="retry-tools">
            <fieldset class="segmented">
                <legend class="sr-only">"Payload view"</legend>
                <label>{choice(RetryView::Original, "Original")}</label>
                <label>{choice(RetryView::Edited, "Edited")} {changes}</label>
                <label>{choice(RetryView::Diff, "Diff")}</label>
                <label>{choice(RetryView::Request, "Request")}</label>
            </fieldset>
            <span class="row-end row" hidden=move || !is_editing()>
                {note}
                <Show when=move || draft.slot.is_rich()>
                    <button
                        class="icon-btn"
                        type="button"
                        aria-label="Undo (⌘Z)"
                        title="Undo (⌘Z)"
                        on:click=move |_| _ = draft.slot.with(|editor| editor.undo())
                    >
                        <Icon name="undo"/>
                    </button>
                    <button
                        class="icon-btn"
                        type="button"
                        aria-label="Search (⌘F)"
                        title="Search (⌘F)"
                        on:click=move |_| _ = draft.slot.with(|editor| editor.search())
                    >
                        <Icon name="search"/>
                    </button>
                </Show>
                {is_json
                    .then(|| {
                        view! {
                            <button class="btn" type="button" data-variant="ghost" on:click=lay_out>
                                <Icon name="braces"/>
                                "Format"
                            </button>
                        }
                    })}
            </span>
        </div>
    }
}

/// The view that the switch chose.
#[component]
pub fn RetryWork(
    /// The text.
    draft: Draft,
    /// Where editing began.
    opening: Arc<Opening>,
) -> impl IntoView {
    let language = opening.language;
    let base = opening.base.clone();
    let original = StoredValue::new(opening.original.clone());
    let breaks_lines = opening.is_laid_out();
    // The original gets its editor when somebody looks at it, and keeps it.
    let is_looked_at = Memo::new(move |before: Option<&bool>| {
        before.is_some_and(|before| *before) || draft.view.get() == RetryView::Original
    });
    let marks =
        Signal::derive(move || draft.settled.with(|text| draft.reading.with(|reading| reading.marks(text))));
    let changed_lines =
        Signal::derive(move || draft.reading.with(|reading| reading.diff.changed_lines.clone()));
    let diff = Signal::derive(move || draft.reading.with(|reading| reading.diff.clone()));
    let dry_run = Signal::derive(move || draft.flow.dry_run.get().and_then(|answer| answer.result.ok()));
    let is = move |view| move || draft.view.get() == view;
    view! {
        <div class="editor-frame" data-view="original">
            <Show when=move || is_looked_at.get()>
                <JsonEditor
                    text=original.get_value()
                    label="Original payload, read only"
                    language
                    read_only=true
                    wrap=breaks_lines
                />
            </Show>
        </div>
        <div class="editor-frame" data-view="edited">
            <JsonEditor
                text=base
                label="Edited payload"
                language
                autofocus=true
                on_change=move |text| draft.text.set(text)
                marks
                changed_lines
                handle=draft.slot
            />
        </div>
        <div class="editor-frame" data-view="diff">
            <Show when=is(RetryView::Diff)>
                <DiffView diff language/>
            </Show>
        </div>
        <div class="editor-frame" data-view="request">
            <Show when=is(RetryView::Request)>
                <RequestPreview dry_run/>
            </Show>
        </div>
    }
}
