//! JSON folded into a tree. Every token is shown as it is written; what is folded is not built.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::model::format;
use crate::model::json::lex::Kind;
use crate::model::json::tree::Tree;

/// Levels that are open at first.
const OPEN_LEVELS: usize = 3;
/// Values of one object or list that are shown at first, and more at a time.
const STEP: usize = 100;

/// A parsed text.
#[derive(Clone)]
pub struct JsonDocument {
    /// The text.
    pub text: Arc<str>,
    /// Its tree.
    pub tree: Arc<Tree>,
}

/// The whole tree.
#[component]
pub fn JsonTree(
    /// What to show.
    document: JsonDocument,
) -> impl IntoView {
    view! {
        <div class="json" tabindex="0" role="group" aria-label="Payload as a tree">
            {node(document, 0, 0, None)}
        </div>
    }
}

fn node(document: JsonDocument, index: usize, level: usize, place: Option<usize>) -> AnyView {
    let here = &document.tree.nodes[index];
    let text = |span: &std::ops::Range<usize>| document.text[span.clone()].to_owned();
    let key = here.key.as_ref().map(|span| view! { <span class="j-key">{text(span)}</span> ": " });
    let comma = if here.comma { "," } else { "" };
    if !here.kind.opens() {
        let class = match here.kind {
            Kind::String => "j-str",
            Kind::Number => "j-num",
            _ => "j-atom",
        };
        let comma = here.comma.then(|| view! { <span class="j-punct">","</span> });
        return view! {
            <div class="json-line"><span>{key}<span class=class>{text(&here.value)}</span>{comma}</span></div>
        }
        .into_any();
    }

    let (open, close, size) = match here.kind {
        Kind::ObjectOpen => ("{", "}", format::counted(here.kids.len() as i64, "key", "keys")),
        _ => ("[", "]", format::counted(here.kids.len() as i64, "item", "items")),
    };
    // Inside a list its place is its name.
    let size = match place {
        Some(place) => format!("{place}, {size}"),
        None => size,
    };
    let key =
        here.key.as_ref().map(|span| view! { <span><span class="j-key">{text(span)}</span> ":"</span> });
    if here.kids.is_empty() {
        return view! {
            <div class="json-line">{key}<span class="j-punct">{format!("{open}{close}{comma}")}</span></div>
        }
        .into_any();
    }

    let is_open = RwSignal::new(level < OPEN_LEVELS);
    let shown = RwSignal::new(STEP);
    let toggled = move |event: ev::Event| {
        // `toggle` does not bubble, but the listener may still hear of a details inside.
        let details = event.current_target().or(event.target());
        if let Some(details) =
            details.and_then(|target| target.dyn_into::<web_sys::HtmlDetailsElement>().ok())
        {
            is_open.set(details.open());
        }
    };
    let in_list = here.kind == Kind::ArrayOpen;
    let kids = move || {
        if !is_open.get() {
            return None;
        }
        let all = document.tree.nodes[index].kids.clone();
        let rest = all.len().saturating_sub(shown.get());
        let kids = all
            .into_iter()
            .take(shown.get())
            .enumerate()
            .map(|(place, kid)| node(document.clone(), kid, level + 1, in_list.then_some(place)))
            .collect_view();
        let more = (rest > 0).then(|| {
            view! {
                <button class="linkish" type="button" on:click=move |_| shown.update(|shown| *shown += STEP)>
                    {format!("Show {} more", format::count(rest.min(STEP) as i64))}
                </button>
            }
        });
        Some(view! {
            <div class="json-kids">{kids}{more}</div>
            <span class="j-punct">{format!("{close}{comma}")}</span>
        })
    };
    view! {
        <details open=is_open.get_untracked() on:toggle=toggled>
            <summary>
                {key}
                <span class="j-punct">{open}<span class="json-fold">{format!(" … {close}{comma}")}</span></span>
                <span class="json-size">{size}</span>
            </summary>
            {kids}
        </details>
    }
    .into_any()
}
