//! The cells of one row of the heatmap.
//!
//! There can be twelve thousand of them, and numbers change ten times a second. A view that is made anew sets every
//! attribute of every cell again, and a closure for each attribute would cost more than the cells; so the cells are made
//! once, and afterwards only what differs from what was painted is painted.

use domain::dashboard::HeatmapRow;
use leptos::html;
use leptos::prelude::*;
use web_sys::Element;

use super::hit_map_band::HitMapBand;
use crate::model::brush::{Brush, Columns};
use crate::model::heatmap::{Face, cell_label, faces};
use crate::model::zone::Zone;
use crate::ui::zone::use_zone;

/// What is on the screen.
#[derive(Clone, PartialEq)]
struct Painted {
    columns: Columns,
    zone: Zone,
    faces: Vec<Face>,
}

impl Painted {
    fn label(&self, column: usize) -> String {
        let (from, to) = self.columns.span(u32::try_from(column).unwrap_or(u32::MAX));
        cell_label(from, to, &self.faces[column].totals, self.zone)
    }
}

/// One cell per column, and the frame over those that are drawn or chosen.
#[component]
pub fn HitMapCells(
    /// The row's place.
    index: usize,
    /// The row.
    row: Memo<Option<HeatmapRow>>,
    /// Where the columns lie.
    columns: Memo<Option<Columns>>,
    /// What the volume steps are fifths of.
    top: Memo<i64>,
    /// The column that Tab reaches, if it is in this row.
    tab_column: Memo<Option<u32>>,
    /// The columns that the grid is narrowed to, both ends included.
    picked: Memo<Option<(u32, u32)>>,
    /// What is being drawn on this row.
    drawn: Memo<Option<Brush>>,
) -> impl IntoView {
    let zone = use_zone();
    let wanted = Memo::new(move |_| {
        let columns = columns.get()?;
        row.with(|row| {
            let faces = faces(row.as_ref()?, columns.count, top.get(), picked.get(), tab_column.get());
            Some(Painted { columns, zone: zone.get(), faces })
        })
    });
    let count =
        Memo::new(move |_| wanted.with(|wanted| wanted.as_ref().map_or(0, |wanted| wanted.faces.len())));
    let shares = Memo::new(move |_| {
        let columns = columns.get()?;
        if let Some(brush) = drawn.get() {
            return columns.shares(brush.span());
        }
        // One cell has a frame of its own.
        let (first, last) = picked.get().filter(|(first, last)| first < last)?;
        columns.shares((columns.span(first).0, columns.span(last).1))
    });
    let drawing = Signal::derive(move || drawn.with(Option::is_some));
    let strip = NodeRef::<html::Div>::new();
    let painted = StoredValue::new(None::<Painted>);
    // Another number of columns makes the cells anew.
    let cells = move || {
        // Read and not only tracked: a memo that nobody has read follows nothing.
        let count = count.get();
        let first = wanted.get_untracked().filter(|_| count > 0);
        let cells = first.iter().flat_map(|first| {
            first.faces.iter().enumerate().map(|(column, face)| {
                view! {
                    <button
                        class="hitmap-cell"
                        role="gridcell"
                        type="button"
                        tabindex=tabindex(face)
                        data-row=index.to_string()
                        data-column=column.to_string()
                        data-volume=face.volume.to_string()
                        data-fail=face.fail.to_string()
                        aria-selected=face.picked.then_some("true")
                        aria-label=first.label(column)
                    ></button>
                }
            })
        });
        let cells = cells.collect_view();
        let _ = painted.try_set_value(first);
        cells
    };
    Effect::new(move |_| {
        let wanted = wanted.get();
        // The row may be gone by now.
        let before = painted.try_get_value().flatten();
        if let (Some(strip), Some(before), Some(now)) = (strip.get(), before, wanted)
            && before.faces.len() == now.faces.len()
        {
            repaint(&strip, &before, &now);
            let _ = painted.try_set_value(Some(now));
        }
    });
    view! {
        <div class="hitmap-cells" role="presentation" data-row=index.to_string() node_ref=strip>
            {cells}
            <HitMapBand shares drawing/>
        </div>
    }
}

fn tabindex(face: &Face) -> &'static str {
    if face.tab { "0" } else { "-1" }
}

/// Sets what differs.
fn repaint(strip: &Element, before: &Painted, now: &Painted) {
    let moved = (before.columns, before.zone) != (now.columns, now.zone);
    let mut next = strip.first_element_child();
    for (column, (old, face)) in before.faces.iter().zip(&now.faces).enumerate() {
        let Some(cell) = next else { return };
        next = cell.next_element_sibling();
        if old == face && !moved {
            continue;
        }
        // These names are always allowed.
        let set = |name: &str, value: &str| drop(cell.set_attribute(name, value));
        if old.volume != face.volume {
            set("data-volume", &face.volume.to_string());
        }
        if old.fail != face.fail {
            set("data-fail", &face.fail.to_string());
        }
        if old.tab != face.tab {
            set("tabindex", tabindex(face));
        }
        match (old.picked, face.picked) {
            (false, true) => set("aria-selected", "true"),
            (true, false) => drop(cell.remove_attribute("aria-selected")),
            _ => {}
        }
        if moved || old.totals != face.totals {
            set("aria-label", &now.label(column));
        }
    }
}
