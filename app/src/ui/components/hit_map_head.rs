//! The heatmap's head: what rows stand for, how many there are, and the legend.

use domain::dashboard::{Heatmap, HeatmapRows};
use leptos::prelude::*;

use super::hit_map_grid_view::FEW;
use super::icon::Icon;
use crate::model::brush::Columns;
use crate::model::format;
use crate::model::summary::bucket_words;
use crate::ui::state::Load;

fn name(rows: HeatmapRows) -> &'static str {
    match rows {
        HeatmapRows::Endpoint => "Endpoint",
        HeatmapRows::Vendor => "Vendor",
        HeatmapRows::EventType => "Event type",
    }
}

/// Title, switch, count and legend.
#[component]
pub fn HitMapHead(
    /// The map.
    heatmap: Signal<Load<Heatmap>>,
    /// Where the columns lie.
    columns: Memo<Option<Columns>>,
    /// What the volume steps are fifths of.
    top: Memo<i64>,
    /// How many rows are shown.
    shown: Memo<usize>,
    /// Whether all rows are shown.
    all: RwSignal<bool>,
    /// What rows stand for.
    rows_by: Signal<HeatmapRows>,
    /// Rows shall stand for something else.
    on_rows_by: Callback<HeatmapRows>,
) -> impl IntoView {
    let bucket = move || columns.get().map(|columns| format!("{} each", bucket_words(columns.bucket_us)));
    let counts = Memo::new(move |_| {
        heatmap
            .with(|load| load.data.as_ref().map_or((0, 0), |map| (map.rows.len(), i64::from(map.total_rows))))
    });
    let rows = move || counts.get().0;
    let total = move || counts.get().1;
    let many = move || rows() > FEW;
    let switch = HeatmapRows::ALL.iter().copied().map(|choice| {
        view! {
            <label>
                <input
                    type="radio"
                    name="hitmap-rows"
                    value=choice.as_str()
                    prop:checked=move || rows_by.get() == choice
                    on:change=move |_| on_rows_by.run(choice)
                />
                {name(choice)}
            </label>
        }
    });
    let cells = |cells: &'static [(&'static str, &'static str)]| {
        cells
            .iter()
            .map(|(volume, fail)| {
                view! { <span class="hitmap-cell" data-volume=*volume data-fail=*fail></span> }
            })
            .collect_view()
    };
    view! {
        <header class="panel-head">
            <h2 id="hitmap-title">
                "Traffic and failures by "{move || name(rows_by.get()).to_ascii_lowercase()}
            </h2>
            <span class="muted only-wide">{bucket}</span>
            <fieldset class="segmented">
                <legend class="sr-only">"One row for each"</legend>
                {switch.collect_view()}
            </fieldset>
            <Show when=many>
                <button
                    class="btn"
                    data-variant="ghost"
                    data-size="xs"
                    type="button"
                    aria-expanded=move || all.get().to_string()
                    on:click=move |_| all.update(|all| *all = !*all)
                >
                    {move || {
                        format!("{} of {}, most failures first", shown.get(), format::count(total()))
                    }}
                    <Icon name=Signal::derive(move || if all.get() { "chev-up" } else { "chev-down" }) size="sm"/>
                </button>
            </Show>
            <div class="hitmap-legend row-end" aria-hidden="true">
                <span class="legend">
                    "Events 0"
                    <span class="legend-scale">
                        {cells(&[("0", "0"), ("1", "0"), ("2", "0"), ("3", "0"), ("4", "0"), ("5", "0")])}
                    </span>
                    {move || format::count_short(top.get())}
                </span>
                <span class="legend">
                    "Failed under 5%"
                    <span class="legend-scale">{cells(&[("2", "1"), ("2", "2"), ("2", "3"), ("2", "4")])}</span>
                    "over 50%"
                </span>
            </div>
        </header>
    }
}
