//! A secret in the only moment it can be seen.

use leptos::prelude::*;

use super::copy_field::CopyField;

/// A secret that was just made; what of it is kept is said beside it.
#[component]
pub fn NewSecret(
    /// What it is, for example "New secret".
    #[prop(into)]
    title: String,
    /// What the copy button says.
    label: &'static str,
    /// The secret.
    secret: String,
    /// What can be seen of it later.
    #[prop(default = "Shown once. Copy it now; later only its last 4 characters are visible.")]
    note: &'static str,
) -> impl IntoView {
    view! {
        <div class="once" role="status">
            <div class="row-wrap">
                <b>{title}</b>
                <span class="hint">{note}</span>
            </div>
            <CopyField text=secret label=label/>
        </div>
    }
}
