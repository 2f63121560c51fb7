//! The bytes of an event or a refused request: as a tree, as text or as numbers, to search, to copy or to keep;
//! exactly as received. Once they are gone it says since when.

use std::sync::Arc;

use domain::event::PayloadView;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::copy_button::CopyButton;
use super::icon::Icon;
use super::json_tree::JsonTree;
use super::problem_notice::ProblemNotice;
use super::status_chip::StateChip;
use super::text_view::{Reading, TextView};
use super::time::Time;
use super::toasts::use_toasts;
use crate::model::body::file_ending;
use crate::model::json::tree::{Builder, Tree};
use crate::ui::browser;
use crate::ui::clock::use_clock;
use crate::ui::pieces::{Piece, pause};
use crate::ui::state::Load;

/// From here on a text is taken in pieces from the beginning to the end.
const LONG_BYTES: usize = 64 * 1024;

/// Payload with its tools. The content of a drawer section.
#[component]
pub fn PayloadSection(
    /// The bytes.
    #[prop(into)]
    payload: Signal<Load<PayloadView>>,
    /// What they are: "Original, as received" or "Edited for the replay".
    #[prop(into)]
    what: Signal<&'static str>,
    /// When they are or were gone, as far as it is known.
    #[prop(into)]
    expires_at: Signal<Option<Timestamp>>,
    /// The name of the file to keep, without its ending.
    #[prop(into)]
    file_name: Signal<String>,
    /// Fetch again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let clock = use_clock();
    let expired = Memo::new(move |_| expires_at.get().is_some_and(|at| at <= clock.get()));
    move || {
        if expired.get() {
            return view! { <Gone expires_at/> }.into_any();
        }
        let load = payload.get();
        match (load.data, load.problem) {
            (Some(view), _) => view! { <Bytes view what file_name/> }.into_any(),
            (None, Some(problem)) if problem.code == "payload_expired" => {
                view! { <Gone expires_at/> }.into_any()
            }
            (None, Some(problem)) => view! { <ProblemNotice problem retry=on_retry/> }.into_any(),
            (None, None) => view! { <Waiting/> }.into_any(),
        }
    }
}

#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="json" role="status" aria-label="Loading the payload">
            <span class="skel" data-w="m"></span>
            <span class="skel" data-w="l"></span>
            <span class="skel" data-w="m"></span>
        </div>
    }
}

#[component]
fn Gone(expires_at: Signal<Option<Timestamp>>) -> impl IntoView {
    let clock = use_clock();
    // The server may have taken it away early: then nobody knows when.
    let since = move || {
        let at = expires_at.get().filter(|at| *at <= clock.get())?;
        Some(view! { <Time at/> })
    };
    view! {
        <div class="row-wrap">
            <StateChip state="expired" icon="st-expired" label="Payload expired".to_owned()/>
            {since}
            <span class="hint">"The facts about it stay; its bytes are no longer kept."</span>
        </div>
    }
}

/// How the bytes are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Tree,
    Text,
    Hex,
    Base64,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Tree => "Tree",
            Self::Text => "Text",
            Self::Hex => "Hex",
            Self::Base64 => "Base64",
        }
    }
}

/// What is known of the bytes so far.
#[derive(Clone)]
enum Content {
    /// They are text, and being read as JSON.
    Reading,
    /// They are JSON with something to fold.
    Json(Arc<Tree>),
    /// They are other text.
    Text,
    /// They are no text.
    Binary(Arc<[u8]>),
}

#[component]
fn Bytes(view: PayloadView, what: Signal<&'static str>, file_name: Signal<String>) -> impl IntoView {
    let toasts = use_toasts();
    let text: Option<Arc<str>> = view.text.as_deref().map(Into::into);
    // The server wrote it: it can be read.
    let bytes = view.base64.as_deref().map(|base64| browser::from_base64(base64).unwrap_or_default());
    let content = RwSignal::new(match &bytes {
        Some(bytes) => Content::Binary(bytes.as_slice().into()),
        None if text.as_ref().is_none_or(|text| text.is_empty()) => Content::Text,
        None => Content::Reading,
    });
    if let Some(text) = text.clone().filter(|text| !text.is_empty()) {
        read_json(text, content);
    }
    let view = StoredValue::new(view);
    let chosen = RwSignal::new(None::<Form>);
    let forms = move || match content.get() {
        Content::Reading | Content::Text => vec![Form::Text],
        Content::Json(_) => vec![Form::Tree, Form::Text],
        Content::Binary(_) => vec![Form::Hex, Form::Base64],
    };
    let form = Memo::new(move |_| {
        let forms = forms();
        chosen.get().filter(|form| forms.contains(form)).unwrap_or(forms[0])
    });
    let copied = Signal::derive(move || {
        view.with_value(|view| view.text.clone().or_else(|| view.base64.clone()).unwrap_or_default())
    });
    let save = move |_| {
        let saved = view.with_value(|view| keep(view, bytes.as_deref(), &file_name.get_untracked()));
        if saved.is_err() {
            toasts.warn("Nothing was saved", "The browser does not allow downloads here.");
        }
    };
    let copy_label = if text.is_some() { "Copy payload" } else { "Copy payload as base64" };
    let switch = move || {
        let forms = forms();
        (forms.len() > 1).then(|| {
            let choices = forms.into_iter().map(|choice| {
                view! {
                    <label>
                        <input
                            type="radio"
                            name="payload-view"
                            prop:checked=move || form.get() == choice
                            on:change=move |_| chosen.set(Some(choice))
                        />
                        {choice.name()}
                    </label>
                }
            });
            view! {
                <fieldset class="segmented">
                    <legend class="sr-only">"Payload view"</legend>
                    {choices.collect_view()}
                </fieldset>
            }
        })
    };
    let shown = move || {
        let text = || text.clone().unwrap_or_default();
        let base64 = || view.with_value(|view| view.base64.as_deref().unwrap_or_default().into());
        match (content.get(), form.get()) {
            (Content::Reading, _) => view! { <Waiting/> }.into_any(),
            (Content::Json(tree), Form::Tree) => view! { <JsonTree tree/> }.into_any(),
            (Content::Binary(bytes), Form::Hex) => {
                view! { <TextView reading=Reading::Hex(bytes) label="Payload as hexadecimal numbers"/> }
                    .into_any()
            }
            (Content::Binary(_), _) => {
                view! { <TextView reading=Reading::Text(base64()) label="Payload in base64"/> }.into_any()
            }
            (_, _) if text().is_empty() => view! { <p class="hint">"Empty."</p> }.into_any(),
            (_, _) => view! { <TextView reading=Reading::Text(text()) label="Payload as text"/> }.into_any(),
        }
    };
    view! {
        <div class="stack">
            <div class="row-wrap">
                <span class="hint">{what}{view.with_value(kind)}</span>
                <span class="row-end row">
                    {switch}
                    <CopyButton text=copied label=copy_label.to_owned()/>
                    <button
                        class="icon-btn"
                        data-size="xs"
                        type="button"
                        aria-label="Download payload"
                        title="Download payload"
                        on:click=save
                    >
                        <Icon name="download"/>
                    </button>
                </span>
            </div>
            {shown}
        </div>
    }
}

/// Says what the bytes are, where it is not the usual.
fn kind(view: &PayloadView) -> String {
    let kind = view.content_type.as_deref().filter(|kind| file_ending(kind) != "json");
    match (kind, view.base64.is_some()) {
        (Some(kind), false) => format!(" · {kind}"),
        (Some(kind), true) => format!(" · {kind}, not text"),
        (None, true) => " · not text".to_owned(),
        (None, false) => String::new(),
    }
}

/// Reads `text` as JSON, with pauses for the browser; what is no JSON, or a single value, is text.
fn read_json(text: Arc<str>, content: RwSignal<Content>) {
    spawn_local(async move {
        // A long text has just been taken out of the server's answer, and its lines are about to be built.
        let is_long = text.len() > LONG_BYTES;
        if is_long {
            pause().await;
        }
        let mut builder = Builder::new(text);
        let mut piece = Piece::begin();
        while !builder.step(500) {
            if piece.is_over() {
                pause().await;
                piece = Piece::begin();
            }
            // Another row was opened meanwhile.
            if content.is_disposed() {
                return;
            }
        }
        let tree = builder.finish().filter(|tree| tree.nodes[0].kind.opens());
        if is_long {
            pause().await;
        }
        // The row may be closed by now.
        let _ = content.try_set(tree.map_or(Content::Text, |tree| Content::Json(Arc::new(tree))));
    });
}

/// Offers the bytes as a file, the same bytes that were received.
fn keep(view: &PayloadView, bytes: Option<&[u8]>, name: &str) -> Result<(), wasm_bindgen::JsValue> {
    let content_type = view.content_type.as_deref().unwrap_or(match bytes {
        Some(_) => "application/octet-stream",
        None => "text/plain",
    });
    let bytes = bytes.or(view.text.as_deref().map(str::as_bytes)).unwrap_or_default();
    browser::download(&format!("{name}.{}", file_ending(content_type)), content_type, bytes)
}
