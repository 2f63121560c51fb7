//! JSON folded into a tree, with a search and ways to copy. Every token is shown as it is written; what is folded is
//! not built, and of what is open some lines at a time.
//!
//! It is the tree of the ARIA practices: arrows move, open and fold; the search, and the copies of the current line's
//! path and value stand before and after it.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::copy_button::CopyButton;
use super::json_row::JsonRow;
use super::json_search::JsonSearch;
use crate::model::format;
use crate::model::json::outline::Move;
use crate::model::json::tree::Tree;
use crate::ui::browser;
use crate::ui::state::json_view::{JsonView, STEP, row_id};

/// The tree with its tools.
#[component]
pub fn JsonTree(
    /// What to show.
    tree: Arc<Tree>,
) -> impl IntoView {
    let view = JsonView::new(tree);
    let more = move |below: bool| {
        move || {
            let (above, under) = view.rest();
            let rest = if below { under } else { above };
            let side = if below { "more" } else { "earlier" };
            let words = format!(
                "Show {} {side} of {} lines",
                format::count(rest.min(STEP) as i64),
                format::count(rest as i64)
            );
            (rest > 0).then(|| {
                view! {
                    <button class="btn" data-size="xs" data-variant="ghost" type="button" on:click=move |_| view.show_more(below)>
                        {words}
                    </button>
                }
            })
        }
    };
    view! {
        <div class="json-box">
            <JsonSearch view/>
            {more(false)}
            <div
                class="json"
                role="tree"
                tabindex="0"
                aria-label="Payload as a tree"
                aria-activedescendant=move || view.current.get().map(row_id)
                on:focus=move |_| {
                    if view.current.get_untracked().is_none() {
                        view.current.set(Some(0));
                    }
                }
                on:keydown=move |event| press(view, &event)
                on:click=move |event| click(view, &event)
            >
                <For each=move || view.lines() key=|line| *line let((line, open))>
                    <JsonRow view line open/>
                </For>
            </div>
            {more(true)}
            <Place view/>
        </div>
    }
}

/// Where the current line is, and what can be copied of it.
#[component]
fn Place(view: JsonView) -> impl IntoView {
    let tree = view.tree();
    let here = move || {
        let node = view.current.get()?;
        let tree = tree.clone();
        let pointer = tree.pointer(node);
        let shown = if pointer.is_empty() { "The whole payload".to_owned() } else { pointer.clone() };
        let path = (!pointer.is_empty()).then(|| {
            view! { <CopyButton text=pointer label="Copy path, a JSON pointer".to_owned() words="Copy path" size="xs"/> }
        });
        // Made when it is copied: the outermost value is the whole payload.
        let value = Signal::derive(move || tree.value(node));
        Some(view! {
            <div class="json-place">
                <code class="truncate" title=shown.clone()>{shown.clone()}</code>
                {path}
                <CopyButton text=value label="Copy value; a text without its quotes".to_owned() words="Copy value" size="xs"/>
            </div>
        })
    };
    view! { {here} }
}

fn press(view: JsonView, event: &ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let by = match event.key().as_str() {
        "ArrowUp" => Move::Up,
        "ArrowDown" => Move::Down,
        "ArrowLeft" => Move::Out,
        "ArrowRight" => Move::In,
        "Home" => Move::First,
        "End" => Move::Last,
        "Enter" | " " => {
            event.prevent_default();
            return view.toggle(view.current.get_untracked().unwrap_or(0));
        }
        _ => return,
    };
    event.prevent_default();
    view.step(by);
}

fn click(view: JsonView, event: &ev::MouseEvent) {
    let row = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let row = row.and_then(|element| element.closest("[data-node]").ok().flatten());
    let Some(node) = row.and_then(|row| row.get_attribute("data-node")?.parse().ok()) else { return };
    // Who marks text to copy it wants nothing folded.
    if browser::has_selection() {
        return;
    }
    view.current.set(Some(node));
    view.toggle(node);
}
