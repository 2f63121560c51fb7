//! What a cell of the heatmap stands for, beside the pointer.

use domain::dashboard::{Heatmap, HeatmapRow, Totals};
use domain::time::Timestamp;
use leptos::prelude::*;
use web_sys::HtmlElement;

use crate::model::format;
use crate::model::heatmap::{column_span, fail_share, span_words};
use crate::ui::zone::use_zone;

/// The card's width in pixels, as the style sheet has it (15 rem).
const WIDTH: f64 = 240.0;

/// A cell under the pointer or with the focus, and where its card goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Hovered {
    title: String,
    span: (Timestamp, Timestamp),
    totals: Totals,
    x: i32,
    y: i32,
}

impl Hovered {
    /// Describes a cell; `element` is the cell and `host` what the card is placed in.
    pub fn at(
        map: &Heatmap,
        row: HeatmapRow,
        name: Option<String>,
        column: u32,
        element: &HtmlElement,
        host: &HtmlElement,
    ) -> Option<Self> {
        let totals =
            row.cells.iter().find(|cell| cell.column == column).map(|cell| cell.totals).unwrap_or_default();
        let title = name.or_else(|| row.event_type.as_ref().map(|event_type| event_type.to_string()))?;
        let (cell, frame) = (element.get_bounding_client_rect(), host.get_bounding_client_rect());
        // Left of the cell, inside the panel.
        let x = (cell.left() - frame.left() + cell.width() / 2.0 - WIDTH - 16.0)
            .min(frame.width() - WIDTH - 8.0)
            .max(8.0);
        let y = cell.top() - frame.top() - 8.0;
        Some(Self { title, span: column_span(map, column), totals, x: x.round() as i32, y: y.round() as i32 })
    }
}

/// The card; placed by two custom properties.
#[component]
pub fn HoverCard(
    /// The cell it is about; hidden without.
    hovered: RwSignal<Option<Hovered>>,
) -> impl IntoView {
    let zone = use_zone();
    let x = move || hovered.get().map(|hovered| format!("{}px", hovered.x));
    let y = move || hovered.get().map(|hovered| format!("{}px", hovered.y));
    let line = |name: &'static str, text: String, class: &'static str| {
        view! { <dt>{name}</dt> <dd class=class>{text}</dd> }
    };
    let content = move || {
        hovered.get().map(|hovered| {
            let totals = hovered.totals;
            let span = span_words(hovered.span.0, hovered.span.1, zone.get());
            let events = totals.deliveries();
            let failed = (totals.failed > 0).then(|| {
                let text = format!(
                    "{} of {}, {}",
                    format::count(totals.failed),
                    format::count(events),
                    format::share(fail_share(&totals))
                );
                line("Failed", text, "tone-fail strong")
            });
            let other = [
                ("Delivered", totals.delivered),
                ("Under way", totals.pending),
                ("Canceled", totals.canceled),
                ("Rejected", totals.rejected),
            ];
            let other = other
                .into_iter()
                .filter(|(name, number)| *number > 0 || (*name == "Delivered" && totals.rejected == 0))
                .map(|(name, number)| line(name, format::count(number), ""));
            view! {
                <p class="hovercard-head"><b>{hovered.title}</b><span>{span}</span></p>
                <dl class="kv">{failed}{other.collect_view()}</dl>
                <p class="hovercard-foot">
                    <span><kbd>"↵"</kbd>" filter"</span>
                    <span><kbd>"⇧"</kbd>" "<kbd>"↵"</kbd>" extend range"</span>
                </p>
            }
        })
    };
    view! {
        <div class="hovercard" role="tooltip" hidden=move || hovered.get().is_none() style:--x=x style:--y=y>
            {content}
        </div>
    }
}
