//! The head of a column: its name, and its edge, by which it is made wider and narrower.

use domain::preferences::GridColumns;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::model::columns::{self, Column, GRID, WIDTHS};
use crate::ui::preferences::use_preferences;

/// How far an arrow moves the edge, pixels.
const STEP: i32 = 8;

/// One column's head. Its width is the person's, or what the style sheet says.
#[component]
pub fn ColumnHead(
    /// The column.
    column: &'static Column,
    /// In which order the list is, when it can be sorted by this column.
    #[prop(optional, into)]
    sort: MaybeProp<&'static str>,
    /// What stands in the head; the column's title without.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let preferences = use_preferences();
    let key = column.key;
    let width = Memo::new(move |_| columns::width(preferences.grid(GRID).as_ref(), key));
    let head = NodeRef::<html::Th>::new();
    let now = move || head.get_untracked().map_or(0, |head| head.offset_width());
    let resize = move |wide: Option<i32>| {
        let chosen: Option<GridColumns> = untrack(|| preferences.grid(GRID));
        preferences.set_grid(GRID, columns::resize(chosen.as_ref(), key, wide));
    };
    // Where the pointer took the edge, and how wide the column was then.
    let taken = StoredValue::new(None::<(i32, i32)>);
    let take = move |event: ev::PointerEvent| {
        event.prevent_default();
        if let Some(edge) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
            // Without it the edge follows only while the pointer is over it.
            let _ = edge.set_pointer_capture(event.pointer_id());
        }
        taken.set_value(Some((event.client_x(), now())));
    };
    let drag = move |event: ev::PointerEvent| {
        if let Some((from, wide)) = taken.get_value() {
            resize(Some(wide + event.client_x() - from));
        }
    };
    let press = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" => resize(Some(now() - STEP)),
            "ArrowRight" => resize(Some(now() + STEP)),
            "ArrowUp" => focus_edge(key, -1),
            "ArrowDown" => focus_edge(key, 1),
            "Home" => resize(None),
            _ => return,
        }
        event.prevent_default();
    };
    let title = children.map_or_else(|| column.title.into_any(), |children| children().into_any());
    view! {
        <th
            role="columnheader"
            scope="col"
            data-col=key
            class:num=column.numbers
            aria-labelledby=format!("col-{key}")
            aria-sort=move || sort.get()
            style:--col-width=move || width.get().map(|width| format!("min({width}px, 40cqi)"))
            node_ref=head
        >
            <span id=format!("col-{key}")>{title}</span>
            <span
                class="grid-edge"
                role="separator"
                aria-orientation="vertical"
                aria-label=format!("Width of {}", column.title)
                aria-valuemin="0"
                aria-valuemax=WIDTHS.end().to_string()
                aria-valuenow=move || width.get().unwrap_or_default().to_string()
                aria-valuetext=move || width.get().map_or("automatic".to_owned(), |width| format!("{width} pixels"))
                title="Drag or ← → to resize, ↑ ↓ for other columns, double-click or Home to reset"
                data-edge=key
                tabindex=if key == columns::COLUMNS[0].key { "0" } else { "-1" }
                on:pointerdown=take
                on:pointermove=drag
                on:pointerup=move |_| taken.set_value(None)
                on:pointercancel=move |_| taken.set_value(None)
                on:dblclick=move |_| resize(None)
                on:keydown=press
            ></span>
        </th>
    }
}

/// Puts the focus on the edge of the next (1) or previous (-1) column that is shown: Tab stops at the first one only.
fn focus_edge(from: &str, by: i32) {
    let Ok(found) = document().query_selector_all(".grid-edge") else { return };
    let edges = (0..found.length()).filter_map(|index| found.item(index)?.dyn_into::<HtmlElement>().ok());
    let edges: Vec<_> = edges.filter(|edge| edge.offset_width() > 0).collect();
    let here = edges.iter().position(|edge| edge.get_attribute("data-edge").as_deref() == Some(from));
    let next = here.and_then(|here| here.checked_add_signed(isize::try_from(by).ok()?));
    if let Some(edge) = next.and_then(|next| edges.get(next)) {
        // An edge can always take the focus.
        let _ = edge.focus();
    }
}
