//! One foldable part of a drawer or a sheet.

use leptos::prelude::*;

use super::icon::Icon;

/// A line, and what it folds.
#[component]
pub fn Fold(
    /// What stands on the line.
    #[prop(into)]
    head: ViewFnOnce,
    /// Open at first.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="drawer-section" open=open>
            <summary>
                <Icon name="chev-right" size="sm" attr:data-caret=""/>
                {head.run()}
            </summary>
            <div class="drawer-content">{children()}</div>
        </details>
    }
}

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
    let head = move || {
        view! {
            {title}
            <span class="row-end hint">{move || about.get()}</span>
        }
    };
    view! { <Fold head open>{children()}</Fold> }
}
