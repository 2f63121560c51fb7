//! HitMapGridView: traffic and failures by row and time. A click or Enter narrows the grid below; a span of time is
//! drawn with the pointer, or with Shift and the arrows.
//!
//! Cells are told apart by `data-row` and `data-column`, so that one handler serves all of them; one of them can be
//! reached with Tab, the arrows move on from there. What is drawn is one frame: no cell changes until it is let go.

use domain::dashboard::{Heatmap, HeatmapRow, HeatmapRows};
use domain::id::ConnectorId;
use domain::time::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::hit_map_band::HitMapBand;
use super::hit_map_head::HitMapHead;
use super::hit_map_press::{HitMapPress, axis_column};
use super::hit_map_row::HitMapRow;
use super::hit_map_skeleton::HitMapSkeleton;
use super::hover_card::{Hovered, Why};
use super::later::Later;
use super::problem_notice::ProblemNotice;
use crate::model::brush::{Brush, Columns, scale_top};
use crate::model::heatmap::{most, span_words, ticks};
use crate::ui::parts;
use crate::ui::state::Load;
use crate::ui::zone::use_zone;

/// Rows that are shown until a person asks for all.
pub const FEW: usize = 8;

/// What a person picked on the heatmap.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// The row; whatever the grid shows without.
    pub row: Option<HeatmapRow>,
    /// The span; the whole range without.
    pub span: Option<(Timestamp, Timestamp)>,
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
    /// A connector's name.
    name_of: Callback<ConnectorId, String>,
    /// The span that the grid is narrowed to on a row.
    span_of: Callback<HeatmapRow, Option<(Timestamp, Timestamp)>>,
    /// The span that the grid is narrowed to on all rows.
    #[prop(into)]
    window: Signal<Option<(Timestamp, Timestamp)>>,
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
    let map = move |read: fn(&Heatmap) -> usize| heatmap.with(|load| load.data.as_ref().map_or(0, read));
    let columns = Memo::new(move |_| heatmap.with(|load| load.data.as_ref().map(Columns::of)));
    let shown = Memo::new(move |_| {
        let rows = map(|map| map.rows.len());
        if all.get() { rows } else { rows.min(FEW) }
    });
    let top = Memo::new(move |_| {
        let shown = shown.get();
        heatmap.with(|load| load.data.as_ref().map_or(0, |map| scale_top(most(map.rows.iter().take(shown)))))
    });
    let column_count = Memo::new(move |_| columns.get().map_or(0, |columns| columns.count));
    // Where Tab enters: the newest column of the first row, until a person moves.
    let at = RwSignal::new(None::<(usize, u32)>);
    let enter = Memo::new(move |_| {
        let (row, column) = at.get().unwrap_or((0, u32::MAX));
        (row.min(shown.get().saturating_sub(1)), column.min(column_count.get().saturating_sub(1)))
    });
    let host = NodeRef::<html::Section>::new();
    let grid = NodeRef::<html::Div>::new();
    let hovered = RwSignal::new(None::<Hovered>);
    // The card is downloaded when there is something to say for the first time.
    let was_hovered =
        Memo::new(move |was: Option<&bool>| was == Some(&true) || hovered.with(Option::is_some));
    let brush = RwSignal::new(None::<Brush>);
    let brushed_row = Memo::new(move |_| brush.get().and_then(|brush| brush.row));
    let press = HitMapPress::new(brush, grid);
    Effect::new(move |_| {
        // Another range has other columns: what was drawn on the old ones means nothing on them.
        let columns = columns.get();
        if brush.get_untracked().is_some_and(|brush| !columns.is_some_and(|columns| brush.fits(&columns))) {
            press.abandon();
            hovered.set(None);
        }
    });

    let place_card = move |row: Option<usize>, covered: (u32, u32), column: u32, why: Why| {
        let strip = match row {
            Some(row) => format!(".hitmap-cells[data-row=\"{row}\"]"),
            None => ".hitmap-ticks".into(),
        };
        let found = grid.get_untracked().and_then(|grid| grid.query_selector(&strip).ok()?);
        if let (Some(strip), Some(host)) = (found, host.get_untracked()) {
            let count = column_count.get_untracked();
            hovered.set(Some(Hovered::at(row, covered, why, (&strip, column, count), &host)));
        }
    };
    let place_brush_card = move |why: Why| {
        let (Some(brush), Some(columns)) = (brush.get_untracked(), columns.get_untracked()) else { return };
        if let Some(covered) = columns.inside(brush.span()) {
            place_card(brush.row, covered, covered.0, why);
        }
    };
    let hover = move |target: Option<web_sys::EventTarget>| {
        if brush.get_untracked().is_some() {
            return;
        }
        match cell_of(target) {
            Some((row, column)) => place_card(Some(row), (column, column), column, Why::Cell),
            None => hovered.set(None),
        }
    };
    let row_at = move |index: usize| {
        heatmap.with_untracked(|load| load.data.as_ref().and_then(|map| map.rows.get(index).cloned()))
    };
    let pick_cell = move |index: usize, column: u32, extend: bool| {
        if let (Some(row), Some(columns)) = (row_at(index), columns.get_untracked()) {
            on_pick.run(Picked { row: Some(row), span: Some(columns.span(column)), extend });
        }
    };
    let pick_drawn = move |brush: Brush| {
        hovered.set(None);
        let row = brush.row.map(row_at);
        // The row may be gone since.
        if row != Some(None) {
            on_pick.run(Picked { row: row.flatten(), span: Some(brush.span()), extend: false });
        }
    };
    let abandon = move || {
        let had_card = hovered.get_untracked().is_some();
        hovered.set(None);
        press.abandon() || had_card
    };

    let on_click = move |event: ev::MouseEvent| {
        if press.swallows(&event) {
            return;
        }
        if let Some((row, column)) = cell_of(event.target()) {
            at.set(Some((row, column)));
            pick_cell(row, column, event.shift_key());
        } else if let Some(row) = label_of(event.target()).and_then(row_at) {
            on_pick.run(Picked { row: Some(row), span: None, extend: false });
        } else if let Some(columns) = columns.get_untracked()
            && let Some(column) = axis_column(&event, columns)
        {
            on_pick.run(Picked { row: None, span: Some(columns.span(column)), extend: event.shift_key() });
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let Some((row, column)) = cell_of(event.target()) else { return };
        let Some(columns) = columns.get_untracked() else { return };
        let last_row = shown.get_untracked().saturating_sub(1);
        let last_column = columns.count.saturating_sub(1);
        let key = event.key();
        let to = match key.as_str() {
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, (column + 1).min(last_column)),
            "ArrowUp" if !event.shift_key() => (row.saturating_sub(1), column),
            "ArrowDown" if !event.shift_key() => ((row + 1).min(last_row), column),
            "Home" => (row, 0),
            "End" => (row, last_column),
            "Enter" => {
                event.prevent_default();
                return match brush.get_untracked() {
                    Some(drawn) => {
                        press.abandon();
                        pick_drawn(drawn);
                    }
                    None => pick_cell(row, column, event.shift_key()),
                };
            }
            "Escape" if abandon() => return event.prevent_default(),
            _ => return,
        };
        event.prevent_default();
        if event.shift_key() {
            let drawn = brush.get_untracked().filter(|drawn| drawn.row == Some(row));
            let drawn = drawn.unwrap_or_else(|| Brush::new(Some(row), &columns, column));
            brush.set(Some(drawn.to(&columns, to.1)));
        } else {
            press.abandon();
        }
        at.set(Some(to));
        focus_cell(to);
        place_brush_card(Why::Keys);
    };
    let on_pointermove = move |event: ev::PointerEvent| {
        if press.moved(&event, columns.get_untracked()) {
            place_brush_card(Why::Dragging);
        }
    };
    let on_pointerup = move |event: ev::PointerEvent| {
        if let Some(drawn) = press.up(&event) {
            pick_drawn(drawn);
        }
    };
    // Esc gives up wherever the focus is while a button is held.
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && brush.get_untracked().is_some() && abandon() {
            event.prevent_default();
        }
    });
    on_cleanup(move || escape.remove());

    let pointer = StoredValue::new(false);
    let focus = StoredValue::new(false);
    let attend = move |part: StoredValue<bool>, is_on: bool| {
        // A page that goes away takes the focus with it, and that is told when nobody is left to hear it.
        if part.try_set_value(is_on).is_some() {
            return;
        }
        on_attention.run(pointer.get_value() || focus.get_value());
    };
    let on_focusout = move |event: ev::FocusEvent| {
        if focus.try_get_value().is_none() {
            return;
        }
        let next = event.related_target().and_then(|next| next.dyn_into::<Element>().ok());
        let stays = grid.get_untracked().is_some_and(|grid| grid.contains(next.as_deref()));
        if !stays {
            attend(focus, false);
            abandon();
        }
    };

    let rows = move || {
        (0..shown.get())
            .map(|index| {
                let row = Memo::new_owning(move |old: Option<Option<HeatmapRow>>| {
                    heatmap.with(|load| {
                        let row = load.data.as_ref().and_then(|map| map.rows.get(index));
                        match old {
                            Some(old) if old.as_ref() == row => (old, false),
                            _ => (row.cloned(), true),
                        }
                    })
                });
                let column = Memo::new(move |_| {
                    let (row, column) = enter.get();
                    (row == index).then_some(column)
                });
                let picked = Memo::new(move |_| {
                    let span = row.with(Option::clone).and_then(|row| span_of.run(row))?;
                    columns.get()?.inside(span)
                });
                view! { <HitMapRow index row columns top tab_column=column name_of picked brush brushed_row/> }
            })
            .collect_view()
    };
    let zone = use_zone();
    let axis_ticks = Memo::new(move |_| {
        // Only where the columns lie matters.
        columns.track();
        let zone = zone.get();
        heatmap.with_untracked(|load| load.data.as_ref().map(|map| ticks(map, zone))).unwrap_or_default()
    });
    let axis = move || {
        axis_ticks
            .get()
            .into_iter()
            .map(|tick| {
                let place = format!("{} / span {}", tick.column + 1, tick.span);
                view! { <span style:grid-column=place>{tick.text}</span> }
            })
            .collect_view()
    };
    let on_all = Memo::new(move |_| brush.get().filter(|brush| brush.row.is_none()));
    let band = Memo::new(move |_| {
        columns.get()?.shares(on_all.get().map(|brush| brush.span()).or_else(|| window.get())?)
    });
    let said = move || {
        let drawn = brush.get().filter(|_| hovered.get().is_some_and(|hovered| hovered.why == Why::Keys))?;
        let (from, to) = drawn.span();
        Some(format!(
            "{} drawn. Enter filters, Escape gives up.",
            span_words(from, to, zone.get()).replace('–', "to")
        ))
    };
    let any_row = move || shown.get() > 0;
    let problem = move || heatmap.with(|load| load.problem.clone());

    view! {
        <section
            class="panel hitmap"
            aria-labelledby="hitmap-title"
            aria-busy=move || heatmap.with(|load| load.loading && load.data.is_none()).to_string()
            node_ref=host
            on:pointerenter=move |_| attend(pointer, true)
            on:pointerleave=move |_| {
                attend(pointer, false);
                if brush.get_untracked().is_none() {
                    hovered.set(None);
                }
            }
        >
            <HitMapHead heatmap columns top shown all rows_by on_rows_by/>
            {move || {
                problem()
                    .map(|problem| view! { <div class="panel-body"><ProblemNotice problem retry=on_retry/></div> })
            }}
            <Show
                when=move || columns.get().is_some()
                fallback=move || view! { <HitMapSkeleton shown=problem().is_none()/> }
            >
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
                    <div class="hitmap-frame" data-stale=move || problem().is_some().then_some("")>
                        <div
                            class="hitmap-grid"
                            role="grid"
                            aria-label="Events by row and time. Arrow keys move, Enter filters, Shift and arrows draw a span."
                            aria-colcount=move || column_count.get() + 3
                            aria-rowcount=move || map(|map| map.total_rows as usize)
                            aria-multiselectable="true"
                            node_ref=grid
                            on:click=on_click
                            on:keydown=on_keydown
                            on:pointerover=move |event| hover(event.target())
                            on:pointerdown=move |event| press.down(&event, columns.get_untracked())
                            on:pointermove=on_pointermove
                            on:pointerup=on_pointerup
                            on:pointercancel=move |_| {
                                abandon();
                            }
                            on:focusin=move |event| {
                                attend(focus, true);
                                hover(event.target());
                            }
                            on:focusout=on_focusout
                        >
                            <div class="hitmap-axis" aria-hidden="true">
                                <span></span>
                                <span class="hitmap-ticks" title="Drag to choose a time span">{axis}</span>
                                <span class="num">"Events"</span>
                                <span class="num">"Failed"</span>
                            </div>
                            {rows}
                            <div class="hitmap-over" aria-hidden="true">
                                <span>
                                    <HitMapBand shares=band drawing=Signal::derive(move || on_all.get().is_some())/>
                                </span>
                            </div>
                        </div>
                    </div>
                </Show>
            </Show>
            <p class="sr-only" role="status">{said}</p>
            <Show when=move || was_hovered.get()>
                <Later part=move || parts::hover_card(hovered, heatmap, name_of)/>
            </Show>
        </section>
    }
}

/// Row and column of the cell that an event is about.
fn cell_of(target: Option<web_sys::EventTarget>) -> Option<(usize, u32)> {
    let element: Element = target?.dyn_into().ok()?;
    let column = element.get_attribute("data-column")?.parse().ok()?;
    Some((element.get_attribute("data-row")?.parse().ok()?, column))
}

/// Row of the label that an event is about.
fn label_of(target: Option<web_sys::EventTarget>) -> Option<usize> {
    let element: Element = target?.dyn_into().ok()?;
    element.closest(".hitmap-label").ok()??.get_attribute("data-row")?.parse().ok()
}

fn focus_cell((row, column): (usize, u32)) {
    let selector = format!(".hitmap-cell[data-row=\"{row}\"][data-column=\"{column}\"]");
    if let Ok(Some(cell)) = document().query_selector(&selector) {
        // A button can always take the focus.
        let _ = cell.unchecked_into::<HtmlElement>().focus();
    }
}
