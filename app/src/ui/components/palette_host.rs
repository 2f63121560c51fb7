//! Search and commands from anywhere: the key and the buttons that open the palette, which itself is downloaded later.

use leptos::ev;
use leptos::prelude::*;

use super::later::Later;
use crate::ui::browser;
use crate::ui::parts;

/// Whether the palette is open, and what was looked for; a context below the shell.
#[derive(Clone, Copy)]
pub struct PaletteState {
    /// Whether it is open.
    pub open: RwSignal<bool>,
    /// What was looked for before, newest first. It is gone with the page: records are nobody else's business.
    pub recent: RwSignal<Vec<String>>,
    /// Whether the keys are listed, which the palette can ask for.
    pub listing_keys: RwSignal<bool>,
}

/// Provides the palette to everything below the caller.
pub fn provide_palette(listing_keys: RwSignal<bool>) {
    let (open, recent) = (RwSignal::new(false), RwSignal::new(Vec::new()));
    provide_context(PaletteState { open, recent, listing_keys });
}

/// The palette.
pub fn use_palette() -> PaletteState {
    expect_context()
}

/// Listens for the key, and shows the palette while it is open.
#[component]
pub fn PaletteHost() -> impl IntoView {
    let open = use_palette().open;
    let keys = window_event_listener(ev::keydown, move |event| {
        let modifier = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
        if !modifier || !event.key().eq_ignore_ascii_case("k") || event.default_prevented() {
            return;
        }
        // Below another dialog is nothing that could be shown without taking away what is typed there.
        if open.get_untracked() || !browser::dialog_is_open() {
            event.prevent_default();
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || keys.remove());
    move || open.get().then(|| view! { <Later part=parts::palette/> })
}
