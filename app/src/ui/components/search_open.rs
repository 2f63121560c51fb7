//! What opens the palette from the topbar: something like a field where there is room, else an icon.

use leptos::prelude::*;

use super::icon::Icon;
use super::palette_host::use_palette;

/// The wide one.
#[component]
pub fn SearchOpen() -> impl IntoView {
    let open = use_palette().open;
    // Asked for like everything about the browser: an unknown one is no Mac.
    let is_mac = window().navigator().platform().is_ok_and(|name| name.starts_with("Mac"));
    view! {
        <button
            class="search-open only-wide"
            type="button"
            aria-haspopup="dialog"
            aria-keyshortcuts="Meta+K Control+K"
            on:click=move |_| open.set(true)
        >
            <Icon name="search"/>
            <span class="truncate">"Search events, records, ids"</span>
            <kbd aria-hidden="true">{if is_mac { "⌘K" } else { "Ctrl K" }}</kbd>
        </button>
    }
}

/// The narrow one.
#[component]
pub fn SearchIcon() -> impl IntoView {
    let open = use_palette().open;
    view! {
        <button
            class="icon-btn only-narrow"
            type="button"
            aria-label="Search"
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            <Icon name="search"/>
        </button>
    }
}
