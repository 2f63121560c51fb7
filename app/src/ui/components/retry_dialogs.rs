//! The retry dialog that is open, if any: which one follows from what the dashboard's state names.

use leptos::prelude::*;

/// Renders the open retry dialog.
#[component]
pub fn RetryDialogs() -> impl IntoView {}
