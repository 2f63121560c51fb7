//! One row of the heatmap.

use domain::dashboard::{Heatmap, HeatmapRow, Totals};
use leptos::prelude::*;

use super::vendor::Vendor;
use crate::model::format;
use crate::model::heatmap::{cell_label, column_span, fail_share, fail_step, volume_step};
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
    /// The map it belongs to.
    map: Memo<Option<Heatmap>>,
    /// The most events of a cell that is shown.
    highest: Memo<i64>,
    /// The column that Tab reaches, if it is in this row.
    tab_column: Memo<Option<u32>>,
    /// The name of the row's connector.
    name_of: Callback<HeatmapRow, Option<String>>,
    /// Whether a cell lies in what the grid is narrowed to.
    is_picked: Callback<(HeatmapRow, u32), bool>,
) -> impl IntoView {
    let label = move || {
        let row = row.get()?;
        let name = name_of.run(row.clone());
        let event_type = match (&row.event_type, &name) {
            (Some(event_type), _) => Some(event_type.to_string()),
            // Only a refused request can name no event type.
            (None, None) => Some("no event type".to_owned()),
            (None, Some(_)) => None,
        };
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
        let (row, columns) = (row.get()?, map.with(|map| map.as_ref().map(|map| map.columns))?);
        let highest = highest.get();
        let tab_column = tab_column.get();
        let mut filled = row.cells.iter().peekable();
        let cells = (0..columns)
            .map(|column| {
                let totals = filled
                    .next_if(|cell| cell.column == column)
                    .map_or_else(Totals::default, |cell| cell.totals);
                let (from, to) =
                    map.with(|map| map.as_ref().map(|map| column_span(map, column))).unwrap_or_default();
                let picked = is_picked.run((row.clone(), column));
                view! {
                    <button
                        class="hitmap-cell"
                        role="gridcell"
                        type="button"
                        tabindex=if tab_column == Some(column) { "0" } else { "-1" }
                        data-row=index.to_string()
                        data-column=column.to_string()
                        data-volume=volume_step(totals.deliveries(), highest).to_string()
                        data-fail=fail_step(&totals).to_string()
                        aria-selected=picked.then_some("true")
                        aria-label=cell_label(from, to, &totals, zone)
                    ></button>
                }
            })
            .collect_view();
        Some(cells)
    };
    let totals = move || row.get().map(|row| row.totals).unwrap_or_default();
    view! {
        <div class="hitmap-row" role="row">
            <div role="rowheader">{label}</div>
            <div class="hitmap-cells" role="presentation">{cells}</div>
            <span class="hitmap-sum" role="gridcell">{move || format::count(totals().deliveries())}</span>
            <span
                class="hitmap-sum"
                role="gridcell"
                data-tone=move || (fail_share(&totals()) >= LOUD).then_some("fail")
            >
                {move || format::share(fail_share(&totals()))}
            </span>
        </div>
    }
}
