//! Long text or bytes for reading, a piece at a time: a megabyte on one line would hold the browser up.

use std::sync::Arc;

use leptos::prelude::*;

use crate::model::format;
use crate::model::hex;

/// Bytes of text that are shown at first, and more at a time.
const TEXT_STEP: usize = 64 * 1024;
/// The same for bytes as hexadecimal numbers, which take five times the room.
const HEX_STEP: usize = 4 * 1024;

/// What is read.
#[derive(Clone)]
pub enum Reading {
    /// Text as it is.
    Text(Arc<str>),
    /// Bytes as numbers.
    Hex(Arc<[u8]>),
}

impl Reading {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Hex(bytes) => bytes.len(),
        }
    }

    const fn step(&self) -> usize {
        match self {
            Self::Text(_) => TEXT_STEP,
            Self::Hex(_) => HEX_STEP,
        }
    }

    /// The piece with this number.
    fn piece(&self, number: usize) -> String {
        let (from, to) = (number * self.step(), (number + 1) * self.step());
        match self {
            Self::Text(text) => text[text.floor_char_boundary(from)..text.floor_char_boundary(to)].to_owned(),
            Self::Hex(bytes) => hex::dump(&bytes[from.min(bytes.len())..to.min(bytes.len())], from),
        }
    }
}

/// The beginning, and a button for more of it.
#[component]
pub fn TextView(
    /// What to show.
    reading: Reading,
    /// What it is called, for example "Payload as text".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <div class="code"><TextPieces reading label/></div> }
}

/// The same without a frame.
#[component]
pub fn TextPieces(
    /// What to show.
    reading: Reading,
    /// What it is called.
    label: String,
) -> impl IntoView {
    let pieces = RwSignal::new(1);
    let wrap = matches!(reading, Reading::Text(_)).then_some("");
    let (all, step) = (reading.len(), reading.step());
    let more = move || {
        let shown = pieces.get() * step;
        (shown < all).then(|| {
            let words = format!(
                "Show {} more; {} of {} shown",
                format::bytes(step.min(all - shown) as i64),
                format::bytes(shown as i64),
                format::bytes(all as i64)
            );
            let press = move |_| pieces.update(|count| *count += 1);
            view! {
                <button class="btn" data-size="xs" data-variant="ghost" type="button" on:click=press>
                    {words}
                </button>
            }
        })
    };
    view! {
        <pre tabindex="0" role="group" data-wrap=wrap aria-label=label>
            <code>
                <For each=move || 0..pieces.get() key=|number| *number let:number>
                    {reading.piece(number)}
                </For>
            </code>
        </pre>
        {more}
    }
}
