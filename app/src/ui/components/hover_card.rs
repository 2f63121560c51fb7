//! What a cell of the heatmap stands for, or a span that is being drawn, beside the pointer. The numbers are live.

use domain::dashboard::{Heatmap, Totals};
use domain::id::ConnectorId;
use domain::time::Timestamp;
use leptos::prelude::*;
use web_sys::Element;

use crate::model::brush::{Columns, sum};
use crate::model::format;
use crate::model::heatmap::{fail_share, span_words};
use crate::ui::state::Load;
use crate::ui::zone::use_zone;

/// The card's width in pixels, as the style sheet has it (15 rem).
const WIDTH: f64 = 240.0;

/// Why there is a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The pointer or the focus is on a cell.
    Cell,
    /// A span is drawn with the pointer.
    Dragging,
    /// A span is drawn with the keys.
    Keys,
}

/// What the card is about, and where it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hovered {
    /// The row; all rows without.
    pub row: Option<usize>,
    /// The first and the last column.
    pub columns: (u32, u32),
    /// Why it is there.
    pub why: Why,
    x: i32,
    y: i32,
}

impl Hovered {
    /// Places the card left of a column of `strip`, inside `host`.
    pub fn at(
        row: Option<usize>,
        columns: (u32, u32),
        why: Why,
        (strip, column, count): (&Element, u32, u32),
        host: &Element,
    ) -> Self {
        let (strip, frame) = (strip.get_bounding_client_rect(), host.get_bounding_client_rect());
        let middle = strip.width() * (f64::from(column) + 0.5) / f64::from(count.max(1));
        let x =
            (strip.left() - frame.left() + middle - WIDTH - 16.0).min(frame.width() - WIDTH - 8.0).max(8.0);
        let y = strip.top() - frame.top() - 8.0;
        Self { row, columns, why, x: x.round() as i32, y: y.round() as i32 }
    }
}

/// What the card says.
#[derive(Clone, PartialEq)]
struct Facts {
    title: String,
    span: (Timestamp, Timestamp),
    totals: Totals,
    /// The share of failures in the other columns of the row, when there is anything in them.
    elsewhere: Option<f64>,
}

fn facts(map: &Heatmap, hovered: &Hovered, name_of: Callback<ConnectorId, String>) -> Option<Facts> {
    let columns = Columns::of(map);
    let (first, last) = hovered.columns;
    let span = (columns.span(first).0, columns.span(last).1);
    let Some(index) = hovered.row else {
        let totals = map.rows.iter().map(|row| sum(row, hovered.columns)).fold(Totals::default(), plus);
        return Some(Facts { title: "All rows".into(), span, totals, elsewhere: None });
    };
    let row = map.rows.get(index)?;
    let name = row.connector_id.clone().map(|id| name_of.run(id));
    let title = name.or_else(|| row.event_type.as_ref().map(|event_type| event_type.to_string()))?;
    let totals = sum(row, hovered.columns);
    let rest = row.totals.deliveries() - totals.deliveries();
    let elsewhere = (rest > 0).then(|| (row.totals.failed - totals.failed).max(0) as f64 / rest as f64);
    Some(Facts { title, span, totals, elsewhere })
}

fn plus(one: Totals, other: Totals) -> Totals {
    Totals {
        delivered: one.delivered + other.delivered,
        failed: one.failed + other.failed,
        pending: one.pending + other.pending,
        canceled: one.canceled + other.canceled,
        rejected: one.rejected + other.rejected,
    }
}

/// The card; placed by two custom properties.
#[component]
pub fn HoverCard(
    /// What it is about; hidden without.
    hovered: RwSignal<Option<Hovered>>,
    /// The map.
    heatmap: Signal<Load<Heatmap>>,
    /// A connector's name.
    name_of: Callback<ConnectorId, String>,
) -> impl IntoView {
    let zone = use_zone();
    let x = move || hovered.get().map(|hovered| format!("{}px", hovered.x));
    let y = move || hovered.get().map(|hovered| format!("{}px", hovered.y));
    let facts = Memo::new(move |_| {
        let hovered = hovered.get()?;
        heatmap.with(|load| load.data.as_ref().and_then(|map| facts(map, &hovered, name_of)))
    });
    let why = Memo::new(move |_| hovered.get().map(|hovered| hovered.why));
    let line = |name: &'static str, text: String, class: &'static str| {
        view! { <dt>{name}</dt> <dd class=class>{text}</dd> }
    };
    let numbers = move || {
        facts.get().map(|Facts { title, span, totals, elsewhere }| {
            let span = span_words(span.0, span.1, zone.get());
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
            // What is usual says whether this is a spike.
            let usual = elsewhere
                .filter(|_| totals.failed > 0)
                .map(|share| line("Failed in the rest of the row", format::share(share), ""));
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
                <p class="hovercard-head"><b>{title}</b><span>{span}</span></p>
                <dl class="kv">{failed}{usual}{other.collect_view()}</dl>
            }
        })
    };
    let foot = move || match why.get()? {
        Why::Cell => Some(
            view! {
                <span><kbd>"↵"</kbd>" filter"</span>
                <span><kbd>"⇧"</kbd>" "<kbd>"→"</kbd>" or drag: a span"</span>
            }
            .into_any(),
        ),
        Why::Dragging => {
            Some(view! { <span>"Let go to filter"</span> <span><kbd>"Esc"</kbd>" give up"</span> }.into_any())
        }
        Why::Keys => Some(
            view! { <span><kbd>"↵"</kbd>" filter"</span> <span><kbd>"Esc"</kbd>" give up"</span> }.into_any(),
        ),
    };
    view! {
        <div class="hovercard" role="tooltip" hidden=move || facts.with(Option::is_none) style:--x=x style:--y=y>
            {numbers}
            <p class="hovercard-foot">{foot}</p>
        </div>
    }
}
