//! A piece of text as it is: coloured when it is JSON, with a way to copy it. Of a long one the beginning is built.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::json_line::JsonLine;
use super::text_view::{Reading, TextPieces};
use crate::model::format;
use crate::model::json::format::formatted;
use crate::model::json::{check, lex};
use crate::model::payload_draft::Language;
use crate::ui::browser;

/// Longer text is shown without colours: painting costs, and nobody reads that much here.
const PAINTED_BYTES: usize = 64 * 1024;
/// Painted lines that are built at first, and more at a time.
const STEP: usize = 200;

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
    /// It is base64, and stands for bytes that are no text.
    #[prop(optional)]
    base64: bool,
) -> impl IntoView {
    let label = format!("{title} {about}");
    let content = match painted(&text).filter(|_| !base64) {
        Some(lines) => view! { <Painted lines label/> }.into_any(),
        None => {
            let bytes = if base64 { browser::from_base64(&text) } else { None };
            let reading =
                bytes.map_or_else(|| Reading::Text(text.as_str().into()), |bytes| Reading::Hex(bytes.into()));
            view! { <TextPieces reading label/> }.into_any()
        }
    };
    view! {
        <div class="code">
            <div class="code-head">
                <span>{title} " " <span class="muted">{about}</span></span>
                <span class="row-end"><CopyButton text label=format!("Copy {}", title.to_lowercase())/></span>
            </div>
            {content}
        </div>
    }
}

/// The lines of `text` when it is JSON. Only white space moves for the eye; the copy is as it was.
fn painted(text: &str) -> Option<Vec<String>> {
    let tokens = if text.len() <= PAINTED_BYTES { lex(text) } else { Vec::new() };
    if tokens.is_empty() || check(text, &tokens).fault.is_some() {
        return None;
    }
    let laid_out = if text.contains('\n') { text.to_owned() } else { formatted(text, &tokens) };
    Some(laid_out.lines().map(str::to_owned).collect())
}

#[component]
fn Painted(lines: Vec<String>, label: String) -> impl IntoView {
    let all = lines.len();
    let lines = StoredValue::new(lines);
    let shown = RwSignal::new(STEP.min(all));
    let line = move |index: usize| {
        let text = lines.with_value(|lines| lines[index].clone());
        let end = if index + 1 < all { "\n" } else { "" };
        view! { <JsonLine text language=Language::Json/> {end} }
    };
    let more = move || {
        let rest = all - shown.get();
        (rest > 0).then(|| {
            let words = format!("Show {} more lines", format::count(rest.min(STEP) as i64));
            let press = move |_| shown.update(|shown| *shown = (*shown + STEP).min(all));
            view! {
                <button class="btn" data-size="xs" data-variant="ghost" type="button" on:click=press>
                    {words}
                </button>
            }
        })
    };
    view! {
        <pre tabindex="0" role="group" aria-label=label>
            <code>
                <For each=move || 0..shown.get() key=|index| *index let:index>
                    {line(index)}
                </For>
            </code>
        </pre>
        {more}
    }
}
