//! The bytes of an event or a refused request: as a tree or as text, to copy or to keep; exactly as received.

use std::sync::Arc;

use domain::event::PayloadView;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::copy_button::CopyButton;
use super::icon::Icon;
use super::json_tree::{JsonDocument, JsonTree};
use super::problem_notice::ProblemNotice;
use super::status_chip::StateChip;
use super::toasts::use_toasts;
use crate::model::format;
use crate::model::json::tree::tree;
use crate::model::json::{check, lex};
use crate::ui::browser;
use crate::ui::state::Load;

/// Text is shown up to here; the whole is in the copy and in the file.
const SHOWN_BYTES: usize = 256 * 1024;

/// Payload with its tools. The content of a drawer section.
#[component]
pub fn PayloadSection(
    /// The bytes.
    #[prop(into)]
    payload: Signal<Load<PayloadView>>,
    /// What they are: "Original, as received" or "Edited for the replay".
    #[prop(into)]
    what: Signal<&'static str>,
    /// The bytes are no longer kept.
    #[prop(into)]
    expired: Signal<bool>,
    /// The name of the file to keep, without its ending.
    #[prop(into)]
    file_name: Signal<String>,
    /// Fetch again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    move || {
        if expired.get() {
            return view! { <Gone/> }.into_any();
        }
        let load = payload.get();
        match (load.data, load.problem) {
            (Some(view), _) => view! { <Bytes view what file_name/> }.into_any(),
            (None, Some(problem)) if problem.status == 410 => view! { <Gone/> }.into_any(),
            (None, Some(problem)) => view! { <ProblemNotice problem retry=on_retry/> }.into_any(),
            (None, None) => view! {
                <div class="json" role="status" aria-label="Loading the payload">
                    <span class="skel" data-w="m"></span>
                    <span class="skel" data-w="l"></span>
                    <span class="skel" data-w="m"></span>
                </div>
            }
            .into_any(),
        }
    }
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <div class="row">
            <StateChip state="expired" icon="st-expired" label="Payload expired".to_owned()/>
            <span class="hint">"The facts about it stay; its bytes are no longer kept."</span>
        </div>
    }
}

#[component]
fn Bytes(view: PayloadView, what: Signal<&'static str>, file_name: Signal<String>) -> impl IntoView {
    let toasts = use_toasts();
    let view = StoredValue::new(view);
    let document = view.with_value(|view| view.text.as_deref().and_then(parsed));
    let folded = RwSignal::new(document.is_some());
    let document = StoredValue::new(document);
    let copied = Signal::derive(move || {
        view.with_value(|view| view.text.clone().or_else(|| view.base64.clone()).unwrap_or_default())
    });
    let save = move |_| {
        let saved = view.with_value(|view| keep(view, &file_name.get_untracked()));
        if saved.is_err() {
            toasts.warn("Nothing was saved", "The browser does not allow downloads here.");
        }
    };
    let is_text = view.with_value(|view| view.text.is_some());
    let copy_label = if is_text { "Copy payload" } else { "Copy payload as base64" };
    let switch = move || {
        document.with_value(Option::is_some).then(|| {
            let choice = move |tree: bool, name: &'static str| {
                view! {
                    <label>
                        <input
                            type="radio"
                            name="payload-view"
                            prop:checked=move || folded.get() == tree
                            on:change=move |_| folded.set(tree)
                        />
                        {name}
                    </label>
                }
            };
            view! {
                <fieldset class="segmented">
                    <legend class="sr-only">"Payload view"</legend>
                    {choice(true, "Tree")}
                    {choice(false, "Text")}
                </fieldset>
            }
        })
    };
    let content = move || match document.get_value().filter(|_| folded.get()) {
        Some(document) => view! { <JsonTree document/> }.into_any(),
        None => view.with_value(plain),
    };
    view! {
        <div class="stack">
            <div class="row">
                <span class="hint">{what}</span>
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
            {content}
        </div>
    }
}

/// The text as a tree, when it is JSON with something to fold.
fn parsed(text: &str) -> Option<JsonDocument> {
    let tokens = lex(text);
    if check(text, &tokens).fault.is_some() {
        return None;
    }
    let tree = tree(&tokens).filter(|tree| tree.nodes[0].kind.opens())?;
    Some(JsonDocument { text: text.into(), tree: Arc::new(tree) })
}

/// The bytes as they are, as far as they are text.
fn plain(view: &PayloadView) -> AnyView {
    let (text, about) = match (&view.text, &view.base64) {
        (Some(text), _) => (text.as_str(), None),
        (None, Some(base64)) => (base64.as_str(), Some("Not text; shown in base64.")),
        (None, None) => ("", Some("Empty.")),
    };
    let mut end = text.len().min(SHOWN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = (end < text.len()).then(|| {
        format!(
            "The first {} of {}; copy or download for the whole.",
            format::bytes(end as i64),
            format::bytes(view.bytes)
        )
    });
    let shown = text[..end].to_owned();
    view! {
        {about.map(|about| view! { <p class="hint">{about}</p> })}
        <div class="code">
            <pre tabindex="0" role="group" aria-label="Payload as text"><code>{shown}</code></pre>
        </div>
        {cut.map(|cut| view! { <p class="hint">{cut}</p> })}
    }
    .into_any()
}

/// Offers the bytes as a file, the same bytes that were received.
fn keep(view: &PayloadView, name: &str) -> Result<(), JsValue> {
    let content_type = view.content_type.as_deref().unwrap_or("application/octet-stream");
    let ending = if content_type.contains("json") { "json" } else { "txt" };
    match (&view.text, &view.base64) {
        (Some(text), _) => browser::download(&format!("{name}.{ending}"), content_type, text.as_bytes()),
        (None, Some(base64)) => {
            // `atob` answers with one character per byte.
            let binary = window().atob(base64)?;
            let bytes: Vec<u8> = binary.chars().map(|letter| u32::from(letter) as u8).collect();
            browser::download(&format!("{name}.bin"), content_type, &bytes)
        }
        (None, None) => browser::download(&format!("{name}.txt"), content_type, &[]),
    }
}
