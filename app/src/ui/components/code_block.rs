//! A piece of text as it is: coloured when it is JSON, with a way to copy it.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::json_line::JsonLine;
use crate::model::json::format::formatted;
use crate::model::json::{check, lex};
use crate::model::payload_draft::Language;

/// Longer text is shown without colours: painting costs, and nobody reads that much here.
const PAINTED_BYTES: usize = 64 * 1024;

/// A title, a few words, the text and a copy button.
#[component]
pub fn CodeBlock(
    /// What the text is, for example "Response".
    title: &'static str,
    /// A few words more, for example its type and size.
    #[prop(into)]
    about: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let label = format!("{title} {about}");
    let tokens = if text.len() <= PAINTED_BYTES { lex(&text) } else { Vec::new() };
    let is_json = !tokens.is_empty() && check(&text, &tokens).fault.is_none();
    let shown = if is_json {
        // Only white space moves for the eye; the copy is as it was.
        let laid_out = if text.contains('\n') { text.clone() } else { formatted(&text, &tokens) };
        let last = laid_out.lines().count().saturating_sub(1);
        laid_out
            .lines()
            .enumerate()
            .map(|(index, line)| {
                let end = if index < last { "\n" } else { "" };
                view! { <JsonLine text=line.to_owned() language=Language::Json/> {end} }
            })
            .collect_view()
            .into_any()
    } else {
        text.clone().into_any()
    };
    view! {
        <div class="code">
            <div class="code-head">
                <span>{title} " " <span class="muted">{about}</span></span>
                <span class="row-end"><CopyButton text label=format!("Copy {}", title.to_lowercase())/></span>
            </div>
            <pre tabindex="0" role="group" data-wrap=(!is_json).then_some("") aria-label=label><code>{shown}</code></pre>
        </div>
    }
}
