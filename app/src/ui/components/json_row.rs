//! One line of a JSON tree.

use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;

use crate::model::format;
use crate::model::json::lex::{Kind, Span};
use crate::model::json::outline::Line;
use crate::model::json::search::{excerpt, places};
use crate::ui::state::json_view::{JsonView, row_id};

/// Of a longer text only a part is shown; the whole is in the copy.
const SHOWN_BYTES: usize = 1_000;

/// A value, or the closing bracket of one.
#[component]
pub fn JsonRow(
    /// The tree.
    view: JsonView,
    /// What is on the line.
    line: Line,
    /// What is in it follows on the next lines.
    open: bool,
) -> impl IntoView {
    match line {
        Line::Value(node) => view! { <Value view node open/> }.into_any(),
        Line::Close(node) => {
            let tree = view.tree();
            let here = &tree.nodes[node];
            let comma = if here.comma { "," } else { "" };
            view! {
                <div class="json-line" aria-hidden="true" style:--level=here.level.to_string()>
                    <span class="j-punct">{bracket(here.kind).1}{comma}</span>
                </div>
            }
            .into_any()
        }
    }
}

const fn bracket(kind: Kind) -> (&'static str, &'static str) {
    if matches!(kind, Kind::ObjectOpen) { ("{", "}") } else { ("[", "]") }
}

#[component]
fn Value(view: JsonView, node: usize, open: bool) -> impl IntoView {
    let tree = view.tree();
    let here = tree.nodes[node].clone();
    let folds = here.folds();
    let siblings = if node == 0 { 1 } else { tree.nodes[here.parent].kids };
    let is_current = move || view.current.get() == Some(node);
    let comma = if here.comma { "," } else { "" };
    let key = here.key.clone().map(|key| {
        view! {
            <Words view node span=key class="j-key"/>
            ": "
        }
    });
    // Inside a list its place is its name.
    let place = tree.is_item(node).then_some(here.place);
    let value = if here.kind.opens() {
        let (begin, end) = bracket(here.kind);
        let (one, many) = if here.kind == Kind::ObjectOpen { ("key", "keys") } else { ("item", "items") };
        let size = format::counted(here.kids as i64, one, many);
        let size = folds.then(|| match place {
            Some(place) => format!("{place}, {size}"),
            None => size,
        });
        let rest = match (folds, open) {
            (true, true) => String::new(),
            (true, false) => format!(" … {end}{comma}"),
            (false, _) => format!("{end}{comma}"),
        };
        view! {
            <span class="j-punct">{begin}{rest}</span>
            {size.map(|size| view! { <span class="json-size">{size}</span> })}
        }
        .into_any()
    } else {
        let class = match here.kind {
            Kind::String => "j-str",
            Kind::Number => "j-num",
            _ => "j-atom",
        };
        let comma = here.comma.then(|| view! { <span class="j-punct">","</span> });
        view! { <Words view node span=here.value.clone() class/> {comma} }.into_any()
    };
    view! {
        <div
            class="json-line"
            role="treeitem"
            id=row_id(node)
            data-node=node.to_string()
            {..custom_attribute("aria-level", (here.level + 1).to_string())}
            aria-posinset=(here.place + 1).to_string()
            aria-setsize=siblings.to_string()
            aria-expanded=folds.then_some(if open { "true" } else { "false" })
            aria-selected=move || if is_current() { "true" } else { "false" }
            style:--level=here.level.to_string()
        >
            {key}
            {value}
        </div>
    }
}

/// A key or a plain value; the searched words in it are marked.
#[component]
fn Words(view: JsonView, node: usize, span: Span, class: &'static str) -> impl IntoView {
    let tree = view.tree();
    move || {
        let text = tree.part(&span);
        let hit = view.hit_in(node).filter(|hit| span.contains(&hit.span.start));
        let hit = hit.map(|hit| hit.span.start - span.start);
        let shown = excerpt(text, hit, SHOWN_BYTES);
        let hidden = text.len() - shown.len();
        let before = (shown.start > 0).then_some("… ");
        let after = (hidden > 0).then(|| {
            let all = format::bytes(text.len() as i64);
            view! { <span class="json-size">{format!("… {all} in all, copy the value for the whole")}</span> }
        });
        let pieces = view.words.with(|words| {
            let part = &text[shown.clone()];
            let mut pieces = Vec::new();
            let mut at = 0;
            for start in places(part, words) {
                let end = start + words.len();
                let current = (Some(shown.start + start) == hit).then_some("");
                pieces.push(part[at..start].to_owned().into_any());
                pieces.push(
                    view! { <mark data-current=current>{part[start..end].to_owned()}</mark> }.into_any(),
                );
                at = end;
            }
            pieces.push(part[at..].to_owned().into_any());
            pieces
        });
        view! { <span class=class>{before}{pieces}</span> {after} }
    }
}
