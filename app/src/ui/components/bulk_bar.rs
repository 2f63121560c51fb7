//! What can be done with the selected rows. The style sheet shows it while there are any.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::format;

/// The selected rows, and what can be done with them.
#[derive(Clone, Copy)]
pub struct Selection {
    /// How many rows are selected.
    pub selected: Signal<usize>,
    /// How many of them can be retried.
    pub retryable: Signal<usize>,
    /// Why nothing can be retried.
    pub obstacle: Signal<Option<&'static str>>,
    /// Retry was pressed.
    pub on_retry: Callback<()>,
    /// Clear was pressed.
    pub on_clear: Callback<()>,
}

/// Retry and clear.
#[component]
pub fn BulkBar(
    /// What it is about.
    selection: Selection,
) -> impl IntoView {
    let Selection { selected, retryable, obstacle, on_retry, on_clear } = selection;
    let count = move |number: usize| format::count(i64::try_from(number).unwrap_or(i64::MAX));
    let label = move || match (retryable.get(), selected.get()) {
        (some, all) if some == all => format!("Retry {} selected", count(all)),
        (some, all) => format!("Retry {} of {} selected", count(some), count(all)),
    };
    let why = move || {
        obstacle.get().or_else(|| {
            (retryable.get() == 0).then_some("Only failed, canceled and retrying rows are retried")
        })
    };
    let press = move |_| {
        if why().is_none() {
            on_retry.run(());
        }
    };
    view! {
        <div
            class="bulkbar"
            role="toolbar"
            aria-label="Selected rows"
            data-some=move || (selected.get() > 0).then_some("")
        >
            <button
                class="btn"
                type="button"
                data-variant="primary"
                aria-disabled=move || why().map(|_| "true")
                aria-describedby="bulk-why"
                on:click=press
            >
                <Icon name="retry"/>
                <span>{label}</span>
            </button>
            <span class="hint" id="bulk-why">{why}</span>
            <button
                class="icon-btn"
                type="button"
                aria-label="Clear selection (Esc)"
                title="Clear selection (Esc)"
                on:click=move |_| on_clear.run(())
            >
                <Icon name="x"/>
            </button>
        </div>
    }
}
