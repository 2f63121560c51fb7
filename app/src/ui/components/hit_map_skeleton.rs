//! The heatmap before its first numbers.

use leptos::prelude::*;

/// Rows without content.
#[component]
pub fn HitMapSkeleton(
    /// Whether the numbers are still to come.
    shown: bool,
) -> impl IntoView {
    shown.then(|| {
        let rows = (0..5).map(|_| {
            view! {
                <div class="hitmap-row">
                    <span class="skel" data-w="m"></span>
                    <span class="skel"></span>
                    <span class="skel"></span>
                    <span class="skel"></span>
                </div>
            }
        });
        view! { <div class="hitmap-frame"><div class="hitmap-grid" aria-hidden="true">{rows.collect_view()}</div></div> }
    })
}
