//! One foldable part of a drawer.

use leptos::prelude::*;

use super::icon::Icon;

/// A heading with a few words at its end, and what it folds.
#[component]
pub fn DrawerSection(
    /// The heading.
    title: &'static str,
    /// A few words at its end.
    #[prop(optional, into)]
    about: MaybeProp<String>,
    /// Open at first.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="drawer-section" open=open>
            <summary>
                <Icon name="chev-right" size="sm" attr:data-caret=""/>
                {title}
                <span class="row-end hint">{move || about.get()}</span>
            </summary>
            <div class="drawer-content">{children()}</div>
        </details>
    }
}
