//! The two-letter mark of a third party, an organization or a person.

use leptos::prelude::*;

use crate::model::format::initials;

/// Decorative: the name stands beside it.
#[component]
pub fn Vendor(
    /// The name to shorten.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! { <span class="vendor" aria-hidden="true">{initials(&name)}</span> }
}
