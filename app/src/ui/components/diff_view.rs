//! What a person changed in a payload, line by line.

use leptos::prelude::*;

use super::json_line::JsonLine;
use crate::model::diff::{Diff, Row};
use crate::model::format::counted;
use crate::model::payload_draft::Language;

/// More rows than this are counted and not shown: nobody reads them, and the browser would have to lay them out.
const MOST_ROWS: usize = 2_000;

/// The difference between the original and the edited payload.
#[component]
pub fn DiffView(
    /// What differs.
    #[prop(into)]
    diff: Signal<Diff>,
    /// What the lines are lines of.
    language: Language,
) -> impl IntoView {
    let rows = move || {
        diff.with(|diff| {
            if diff.rows.is_empty() {
                return view! { <li data-op="skip">"Nothing is changed"</li> }.into_any();
            }
            let shown = diff.rows.iter().take(MOST_ROWS).map(|row| row_view(row, language)).collect_view();
            let hidden = lines(diff.rows.len().saturating_sub(MOST_ROWS));
            let rest =
                (diff.rows.len() > MOST_ROWS).then(|| view! { <li data-op="skip">{hidden}" more"</li> });
            view! { {shown} {rest} }.into_any()
        })
    };
    view! {
        <ol class="diff" tabindex="0" aria-label="Differences between original and edited payload">{rows}</ol>
    }
}

fn row_view(row: &Row, language: Language) -> AnyView {
    match row.clone() {
        Row::Skip(count) => view! { <li data-op="skip">{lines(count)}" unchanged"</li> }.into_any(),
        Row::Same { old, new, text } => {
            view! {
                <li data-op="ctx"><span>{old}</span><span>{new}</span><i>" "</i><code><JsonLine text language/></code></li>
            }
                .into_any()
        }
        Row::Removed { old, text, mark } => {
            view! {
                <li data-op="del"><span>{old}</span><span></span><i>"−"</i><code><JsonLine text language mark/></code></li>
            }
                .into_any()
        }
        Row::Added { new, text, mark } => {
            view! {
                <li data-op="add"><span></span><span>{new}</span><i>"+"</i><code><JsonLine text language mark/></code></li>
            }
                .into_any()
        }
    }
}

fn lines(count: usize) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), "line", "lines")
}
