//! What can be done with the selected rows. The style sheet shows it while there are any.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::format;

/// Retry and clear.
#[component]
pub fn BulkBar(
    /// How many rows are selected.
    #[prop(into)]
    selected: Signal<usize>,
    /// How many of them can be retried.
    #[prop(into)]
    retryable: Signal<usize>,
    /// Why nothing can be retried.
    #[prop(into)]
    obstacle: Signal<Option<&'static str>>,
    /// Retry was pressed.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Clear was pressed.
    #[prop(into)]
    on_clear: Callback<()>,
) -> impl IntoView {
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
