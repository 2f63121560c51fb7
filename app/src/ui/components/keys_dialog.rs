//! The list of keys that `?` opens.

use leptos::prelude::*;

use super::dialog::{Dialog, DialogHead};
use crate::model::places;

type Line = (&'static [&'static str], &'static str);

const EVERYWHERE: &[Line] =
    &[(&["⌘", "K"], "Search and commands"), (&["?"], "These keys"), (&["Esc"], "Close what is open")];
const LOG: &[Line] = &[
    (&["1", "2", "3"], "API, webhooks, errors"),
    (&["/"], "Filter"),
    (&["J", "K"], "Next and previous row"),
    (&["Enter"], "Open the row"),
    (&["X"], "Select the row"),
    (&["⇧", "X"], "Select up to here"),
    (&["E"], "Edit and replay"),
    (&["R"], "Retry"),
    (&["C"], "Copy the id"),
    (&["L"], "Pause or resume live updates"),
];
const HEATMAP: &[Line] = &[
    (&["←", "→", "↑", "↓"], "Move between cells"),
    (&["Enter"], "Filter by the cell"),
    (&["⇧", "Enter"], "Extend the span of time"),
];
const EDITOR: &[Line] =
    &[(&["⌘", "Enter"], "Dry run"), (&["⌘", "⇧", "Enter"], "Replay"), (&["F8"], "Next problem")];

/// The dialog.
#[component]
pub fn KeysDialog(
    /// It is to be closed.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let pages = places::all().map(|place| line(&["G", place.key], place.name));
    view! {
        <Dialog labelled_by="keys-title" size="wide" on_close>
            <DialogHead id="keys-title" title="Keys" on_close>
                <p class="hint">"Off while you type. On Windows and Linux, Ctrl stands for ⌘."</p>
            </DialogHead>
            <div class="dialog-body cols">
                <section class="stack-tight">
                    <h3>"Everywhere"</h3>
                    <dl class="kv">{lines(EVERYWHERE)}{pages.collect_view()}</dl>
                </section>
                <section class="stack-tight"><h3>"Log"</h3><dl class="kv">{lines(LOG)}</dl></section>
                <section class="stack-tight">
                    <h3>"Heatmap"</h3>
                    <dl class="kv">{lines(HEATMAP)}</dl>
                    <h3>"Payload editor"</h3>
                    <dl class="kv">{lines(EDITOR)}</dl>
                </section>
            </div>
        </Dialog>
    }
}

fn lines(of: &'static [Line]) -> Vec<impl IntoView> {
    of.iter().map(|(keys, what)| line(keys, what)).collect()
}

fn line(keys: &[&'static str], what: &'static str) -> impl IntoView + use<> {
    let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view();
    view! { <dt>{keys}</dt> <dd>{what}</dd> }
}
