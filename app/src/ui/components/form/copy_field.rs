//! A text to take along: an address, a new secret.

use leptos::prelude::*;

use crate::ui::components::copy_button::CopyButton;

/// The text on one line, and a button that copies it.
#[component]
pub fn CopyField(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What the button says, for example "Copy URL".
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="copyfield">
            <span class="mono truncate" title=text>{text}</span>
            <CopyButton text label/>
        </div>
    }
}
