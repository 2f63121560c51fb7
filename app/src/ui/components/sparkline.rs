//! The series under the header as bars: geometry in SVG attributes, paint in classes.

use leptos::prelude::*;

use crate::model::summary::{SPARK_HEIGHT, SPARK_WIDTH, Spark};

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
    let bars = move || {
        let spark = spark.get();
        let last = spark.bars.len().saturating_sub(1);
        spark
            .bars
            .into_iter()
            .enumerate()
            .map(|(index, bar)| {
                let class = if index == last { "bar bar-now" } else { "bar" };
                let rest = (bar.height - bar.failed).max(0.0);
                let top = SPARK_HEIGHT - bar.failed - rest;
                let number = |value: f64| format!("{value:.1}");
                view! {
                    <rect class=class x=number(bar.x) y=number(top) width=number(bar.width) height=number(rest)/>
                    <rect
                        class="bar-fail"
                        x=number(bar.x)
                        y=number(SPARK_HEIGHT - bar.failed)
                        width=number(bar.width)
                        height=number(bar.failed)
                    />
                }
            })
            .collect_view()
    };
    view! {
        <svg
            class="chart"
            viewBox=format!("0 0 {SPARK_WIDTH} {SPARK_HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            {bars}
        </svg>
    }
}
