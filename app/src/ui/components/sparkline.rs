//! The series under the header as bars: geometry in SVG attributes, paint in classes. Few elements with long paths
//! rather than one per bar, because all of them change with every push.

use leptos::prelude::*;

use crate::model::summary::{SPARK_HEIGHT, SPARK_WIDTH, Spark, bars_path};

/// Bars from the floor; what failed stands on the floor in its own colour, the last bucket is darker.
#[component]
pub fn Sparkline(
    /// The drawing.
    #[prop(into)]
    spark: Signal<Spark>,
    /// What a screen reader says instead.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let draw = move |failed: bool, now: bool| {
        spark.with(|Spark { bars, .. }| {
            let last = bars.len().saturating_sub(1);
            match failed {
                true => bars_path(bars, |_| true, |_| 0.0, |bar| bar.failed),
                false => bars_path(bars, |index| (index == last) == now, |bar| bar.failed, |bar| bar.height),
            }
        })
    };
    view! {
        <svg
            class="chart"
            viewBox=format!("0 0 {SPARK_WIDTH} {SPARK_HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            <path class="bar" d=move || draw(false, false)></path>
            <path class="bar bar-now" d=move || draw(false, true)></path>
            <path class="bar-fail" d=move || draw(true, false)></path>
        </svg>
    }
}
