//! One row of the heatmap. It is drawn anew when its own numbers change, and not when another row's do.

use domain::dashboard::{HeatmapRow, Totals};
use domain::id::ConnectorId;
use leptos::prelude::*;

use super::hit_map_band::HitMapBand;
use super::vendor::Vendor;
use crate::model::brush::{Brush, Columns};
use crate::model::format;
use crate::model::heatmap::{cell_label, fail_share, fail_step, volume_step};
use crate::ui::zone::use_zone;

/// From this share on a row's failures are said in red.
const LOUD: f64 = 0.02;

/// Label, cells and sums.
#[component]
pub fn HitMapRow(
    /// Its place, for the handlers of the grid.
    index: usize,
    /// The row; `None` once the map has fewer.
    row: Memo<Option<HeatmapRow>>,
    /// Where the columns lie.
    columns: Memo<Option<Columns>>,
    /// What the volume steps are fifths of.
    top: Memo<i64>,
    /// The column that Tab reaches, if it is in this row.
    tab_column: Memo<Option<u32>>,
    /// A connector's name.
    name_of: Callback<ConnectorId, String>,
    /// The columns that the grid is narrowed to, both ends included.
    picked: Memo<Option<(u32, u32)>>,
    /// What is being drawn.
    brush: RwSignal<Option<Brush>>,
) -> impl IntoView {
    let names = Memo::new(move |_| {
        row.with(|row| {
            let row = row.as_ref()?;
            let name = row.connector_id.clone().map(|id| name_of.run(id));
            let event_type = match (&row.event_type, &name) {
                (Some(event_type), _) => Some(event_type.to_string()),
                // Only a refused request can name no event type.
                (None, None) => Some("no event type".to_owned()),
                (None, Some(_)) => None,
            };
            Some((name, event_type))
        })
    });
    let label = move || {
        let (name, event_type) = names.get()?;
        let title = format!(
            "Filter by {}",
            [name.clone(), event_type.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
        );
        Some(view! {
            <button class="hitmap-label" type="button" title=title data-row=index.to_string()>
                {name.map(|name| view! { <Vendor name=name.clone()/> <span>{name}</span> })}
                {event_type.map(|event_type| view! { <span class="mono">{event_type}</span> })}
            </button>
        })
    };
    let zone = use_zone();
    let cells = move || {
        let zone = zone.get();
        let columns = columns.get()?;
        let (top, tab_column, picked) = (top.get(), tab_column.get(), picked.get());
        row.with(|row| {
            let mut filled = row.as_ref()?.cells.iter().peekable();
            let cell = |column: u32| {
                let totals = filled
                    .next_if(|cell| cell.column == column)
                    .map_or_else(Totals::default, |cell| cell.totals);
                let (from, to) = columns.span(column);
                let picked = picked.is_some_and(|(first, last)| (first..=last).contains(&column));
                view! {
                    <button
                        class="hitmap-cell"
                        role="gridcell"
                        type="button"
                        tabindex=if tab_column == Some(column) { "0" } else { "-1" }
                        data-row=index.to_string()
                        data-column=column.to_string()
                        data-volume=volume_step(totals.deliveries(), top).to_string()
                        data-fail=fail_step(&totals).to_string()
                        aria-selected=picked.then_some("true")
                        aria-label=cell_label(from, to, &totals, zone)
                    ></button>
                }
            };
            Some((0..columns.count).map(cell).collect_view())
        })
    };
    let drawn = Memo::new(move |_| brush.get().filter(|brush| brush.row == Some(index)));
    let shares = Memo::new(move |_| {
        let columns = columns.get()?;
        if let Some(brush) = drawn.get() {
            return columns.shares(brush.span());
        }
        // One cell has a frame of its own.
        let (first, last) = picked.get().filter(|(first, last)| first < last)?;
        columns.shares((columns.span(first).0, columns.span(last).1))
    });
    let sums = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.totals).unwrap_or_default()));
    view! {
        <div class="hitmap-row" role="row" aria-rowindex=index + 1>
            <div role="rowheader">{label}</div>
            <div class="hitmap-cells" role="presentation" data-row=index.to_string()>
                {cells}
                <HitMapBand shares drawing=Signal::derive(move || drawn.get().is_some())/>
            </div>
            <span class="hitmap-sum" role="gridcell">{move || format::count(sums.get().deliveries())}</span>
            <span
                class="hitmap-sum"
                role="gridcell"
                data-tone=move || (fail_share(&sums.get()) >= LOUD).then_some("fail")
            >
                {move || format::share(fail_share(&sums.get()))}
            </span>
        </div>
    }
}
