//! An icon of the sprite in `frontend/icons.svg`, which `index.html` carries inline.

use leptos::prelude::*;

/// One icon, decorative: the text or label beside it says the same.
#[component]
pub fn Icon(
    /// Its name in the sprite, without `i-`.
    #[prop(into)]
    name: Signal<&'static str>,
    /// `sm` or `lg`; 16 px without.
    #[prop(optional)]
    size: Option<&'static str>,
    /// Turns, for work under way.
    #[prop(optional)]
    spin: bool,
) -> impl IntoView {
    view! {
        <svg class="icon" data-size=size data-spin=spin.then_some("") aria-hidden="true">
            <use href=move || format!("#i-{}", name.get())/>
        </svg>
    }
}
