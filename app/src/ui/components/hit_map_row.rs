//! One row of the heatmap: it follows its own numbers, and not another row's.

use domain::dashboard::HeatmapRow;
use domain::id::ConnectorId;
use leptos::prelude::*;

use super::hit_map_cells::HitMapCells;
use super::vendor::Vendor;
use crate::model::brush::{Brush, Columns};
use crate::model::format;
use crate::model::heatmap::fail_share;

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
    /// The row it is drawn on.
    brushed_row: Memo<Option<usize>>,
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
    // Only the row that is drawn on follows what is drawn.
    let drawn = Memo::new(move |_| if brushed_row.get() == Some(index) { brush.get() } else { None });
    let sums = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.totals).unwrap_or_default()));
    view! {
        <div class="hitmap-row" role="row" aria-rowindex=index + 1>
            <div role="rowheader">{label}</div>
            <HitMapCells index row columns top tab_column picked drawn/>
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
