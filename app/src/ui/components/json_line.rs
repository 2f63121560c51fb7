//! One line of a payload in colours.

use leptos::prelude::*;

use crate::model::json::Span;
use crate::model::json::paint::{pieces, split};
use crate::model::payload_draft::Language;

/// A line, coloured when it is JSON, with one part marked.
#[component]
pub fn JsonLine(
    /// The line, without its end.
    text: String,
    /// What it is a line of.
    #[prop(default = Language::Json)]
    language: Language,
    /// The bytes to mark; none when empty.
    #[prop(default = 0..0)]
    mark: Span,
) -> impl IntoView {
    let pieces = match language {
        Language::Json => pieces(&text),
        Language::Text => vec![(0..text.len(), None)],
    };
    pieces
        .into_iter()
        .map(|(span, class)| {
            let [before, marked, after] = split(&span, &mark).map(|part| text[part].to_owned());
            let marked = (!marked.is_empty()).then(|| view! { <mark>{marked}</mark> });
            match class {
                Some(class) => view! { <span class=class>{before}{marked}{after}</span> }.into_any(),
                None => view! { {before}{marked}{after} }.into_any(),
            }
        })
        .collect_view()
}
