//! HTTP headers as a list.

use domain::connector::Header;
use leptos::prelude::*;

/// Names and values in the order they came.
#[component]
pub fn HeaderList(
    /// The headers; values that authenticate are masked already.
    headers: Vec<Header>,
) -> impl IntoView {
    if headers.is_empty() {
        return view! { <p class="hint">"None."</p> }.into_any();
    }
    let lines = headers.into_iter().map(|header| view! { <dt>{header.name}</dt> <dd>{header.value}</dd> });
    view! { <dl class="headers">{lines.collect_view()}</dl> }.into_any()
}
