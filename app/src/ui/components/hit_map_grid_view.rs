//! HitMapGridView: traffic and failures by row and time. A click or Enter narrows the grid below.
//!
//! Cells are told apart by `data-row` and `data-column`, so that one handler serves all of them; one of them can be
//! reached with Tab, the arrows move on from there.

use domain::dashboard::{Heatmap, HeatmapRow, HeatmapRows};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::hit_map_head::HitMapHead;
use super::hit_map_row::HitMapRow;
use super::hover_card::{HoverCard, Hovered};
use super::problem_notice::ProblemNotice;
use crate::model::heatmap::{most, ticks};
use crate::ui::state::Load;
use crate::ui::zone::use_zone;

/// Rows that are shown until a person asks for all.
pub const FEW: usize = 8;

/// What a person picked on the heatmap.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// The row.
    pub row: HeatmapRow,
    /// The column; the whole row without.
    pub column: Option<u32>,
    /// Add to the span that is chosen already.
    pub extend: bool,
}

/// The heatmap with its head, legend and hover card.
#[component]
pub fn HitMapGridView(
    /// The map.
    #[prop(into)]
    heatmap: Signal<Load<Heatmap>>,
    /// What rows stand for.
    #[prop(into)]
    rows_by: Signal<HeatmapRows>,
    /// Rows shall stand for something else.
    #[prop(into)]
    on_rows_by: Callback<HeatmapRows>,
    /// The name of a row's connector.
    name_of: Callback<HeatmapRow, Option<String>>,
    /// Whether a cell lies in what the grid is narrowed to.
    is_picked: Callback<(HeatmapRow, u32), bool>,
    /// Something was picked.
    #[prop(into)]
    on_pick: Callback<Picked>,
    /// Fetch the map again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Says whether the pointer or the focus is on the map.
    #[prop(into)]
    on_attention: Callback<bool>,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let map = Memo::new(move |_| heatmap.with(|load| load.data.clone()));
    let shown = Memo::new(move |_| {
        map.with(|map| {
            map.as_ref().map_or(0, |map| if all.get() { map.rows.len() } else { map.rows.len().min(FEW) })
        })
    });
    let highest = Memo::new(move |_| {
        map.with(|map| map.as_ref().map_or(0, |map| most(map.rows.iter().take(shown.get()))))
    });
    let columns = Memo::new(move |_| map.with(|map| map.as_ref().map_or(0, |map| map.columns)));
    // Where Tab enters: the newest column of the first row, until a person moves.
    let at = RwSignal::new(None::<(usize, u32)>);
    let enter = Memo::new(move |_| {
        let (row, column) = at.get().unwrap_or((0, u32::MAX));
        (row.min(shown.get().saturating_sub(1)), column.min(columns.get().saturating_sub(1)))
    });
    let hovered = RwSignal::new(None::<Hovered>);
    let host = NodeRef::<html::Section>::new();

    let hover = move |target: Option<web_sys::EventTarget>| {
        let cell = cell_of(target);
        let found = cell.and_then(|(row, column, element)| {
            let map = map.get_untracked()?;
            let hit = map.rows.get(row)?.clone();
            let name = name_of.run(hit.clone());
            Hovered::at(&map, hit, name, column, &element, &host.get_untracked()?)
        });
        hovered.set(found);
    };
    let pick = move |row: usize, column: Option<u32>, extend: bool| {
        let found = map.with_untracked(|map| map.as_ref().and_then(|map| map.rows.get(row).cloned()));
        if let Some(row) = found {
            on_pick.run(Picked { row, column, extend });
        }
    };
    let on_click = move |event: ev::MouseEvent| {
        if let Some((row, column, _)) = cell_of(event.target()) {
            at.set(Some((row, column)));
            pick(row, Some(column), event.shift_key());
        } else if let Some(row) = label_of(event.target()) {
            pick(row, None, false);
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let Some((row, column, _)) = cell_of(event.target()) else { return };
        let last_row = shown.get_untracked().saturating_sub(1);
        let last_column = columns.get_untracked().saturating_sub(1);
        let to = match event.key().as_str() {
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, (column + 1).min(last_column)),
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowDown" => ((row + 1).min(last_row), column),
            "Home" => (row, 0),
            "End" => (row, last_column),
            "Enter" => {
                event.prevent_default();
                return pick(row, Some(column), event.shift_key());
            }
            _ => return,
        };
        event.prevent_default();
        at.set(Some(to));
        focus_cell(to);
    };

    let rows = move || {
        (0..shown.get())
            .map(|index| {
                let row = Memo::new(move |_| {
                    map.with(|map| map.as_ref().and_then(|map| map.rows.get(index).cloned()))
                });
                let column = Memo::new(move |_| {
                    let (row, column) = enter.get();
                    (row == index).then_some(column)
                });
                view! { <HitMapRow index row map highest tab_column=column name_of is_picked/> }
            })
            .collect_view()
    };
    let zone = use_zone();
    let axis = move || {
        let ticks = map.with(|map| map.as_ref().map(|map| ticks(map, zone.get()))).unwrap_or_default();
        ticks
            .into_iter()
            .map(|tick| {
                let place = format!("{} / span {}", tick.column + 1, tick.span);
                view! { <span style:grid-column=place>{tick.text}</span> }
            })
            .collect_view()
    };
    let any_row = move || shown.get() > 0;
    let problem = move || heatmap.with(|load| load.problem.clone());

    view! {
        <section
            class="panel hitmap"
            aria-labelledby="hitmap-title"
            aria-busy=move || heatmap.with(|load| load.loading && load.data.is_none()).to_string()
            node_ref=host
            on:pointerenter=move |_| on_attention.run(true)
            on:pointerleave=move |_| {
                on_attention.run(false);
                hovered.set(None);
            }
        >
            <HitMapHead map highest shown all rows_by on_rows_by/>
            {move || {
                problem()
                    .map(|problem| view! { <div class="panel-body"><ProblemNotice problem retry=on_retry/></div> })
            }}
            <Show when=move || map.with(Option::is_some) fallback=move || view! { <Skeleton shown=problem().is_none()/> }>
                <Show
                    when=any_row
                    fallback=|| {
                        view! {
                            <div class="empty">
                                <strong>"No traffic in this range"</strong>
                                <p>"Rows appear with the first event."</p>
                            </div>
                        }
                    }
                >
                    <div class="hitmap-frame">
                        <div
                            class="hitmap-grid"
                            role="grid"
                            aria-label="Events by row and time. Arrow keys move, Enter filters."
                            aria-colcount=move || columns.get() + 3
                            on:click=on_click
                            on:keydown=on_keydown
                            on:pointerover=move |event| hover(event.target())
                            on:focusin=move |event| hover(event.target())
                            on:focusout=move |_| hovered.set(None)
                        >
                            <div class="hitmap-axis" aria-hidden="true">
                                <span></span>
                                <span class="hitmap-ticks">{axis}</span>
                                <span class="num">"Events"</span>
                                <span class="num">"Failed"</span>
                            </div>
                            {rows}
                        </div>
                    </div>
                </Show>
            </Show>
            <HoverCard hovered/>
        </section>
    }
}

/// Row and column of the cell that an event is about.
fn cell_of(target: Option<web_sys::EventTarget>) -> Option<(usize, u32, HtmlElement)> {
    let element: HtmlElement = target?.dyn_into().ok()?;
    let row = element.get_attribute("data-row")?.parse().ok()?;
    let column = element.get_attribute("data-column")?.parse().ok()?;
    Some((row, column, element))
}

/// Row of the label that an event is about.
fn label_of(target: Option<web_sys::EventTarget>) -> Option<usize> {
    let element: web_sys::Element = target?.dyn_into().ok()?;
    element.closest(".hitmap-label").ok()??.get_attribute("data-row")?.parse().ok()
}

fn focus_cell((row, column): (usize, u32)) {
    let selector = format!(".hitmap-cell[data-row=\"{row}\"][data-column=\"{column}\"]");
    if let Ok(Some(cell)) = document().query_selector(&selector) {
        // A button can always take the focus.
        let _ = cell.unchecked_into::<HtmlElement>().focus();
    }
}

#[component]
fn Skeleton(shown: bool) -> impl IntoView {
    shown.then(|| {
        let rows = (0..5).map(|_| {
            view! {
                <div class="hitmap-row">
                    <span class="skel" data-w="m"></span>
                    <span class="skel"></span>
                    <span class="skel"></span>
                    <span class="skel"></span>
                </div>
            }
        });
        view! { <div class="hitmap-frame"><div class="hitmap-grid" aria-hidden="true">{rows.collect_view()}</div></div> }
    })
}
