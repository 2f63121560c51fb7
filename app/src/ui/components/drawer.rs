//! The frame of a drawer: it stands beside the grid, which stays usable.

use leptos::prelude::*;

use super::icon::Icon;

/// Head with ways to the neighbours and out, and a body that scrolls.
#[component]
pub fn Drawer(
    /// Chips and a hint at the top.
    #[prop(into)]
    status: ViewFn,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// The heading is words, not the name of a type.
    #[prop(optional)]
    in_words: bool,
    /// Facts and buttons below the heading.
    #[prop(into)]
    head: ViewFn,
    /// The row above or below: -1 or 1.
    on_step: Callback<i32>,
    /// Close it.
    #[prop(into)]
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let button = |label: &'static str, icon: &'static str, press: Callback<()>| {
        view! {
            <button
                class="icon-btn"
                data-size="xs"
                type="button"
                aria-label=label
                title=label
                on:click=move |_| press.run(())
            >
                <Icon name=icon/>
            </button>
        }
    };
    view! {
        <aside class="drawer" aria-labelledby="drawer-title">
            <header class="drawer-head">
                <div class="row">
                    {status.run()}
                    <span class="row-end row">
                        {button("Previous event (K)", "chev-up", Callback::new(move |()| on_step.run(-1)))}
                        {button("Next event (J)", "chev-down", Callback::new(move |()| on_step.run(1)))}
                        {button("Close (Esc)", "x", on_close)}
                    </span>
                </div>
                <h2 id="drawer-title" tabindex="-1" data-words=in_words.then_some("")>{title}</h2>
                {head.run()}
            </header>
            <div class="drawer-body" tabindex="0" role="group" aria-label="Details">{children()}</div>
        </aside>
    }
}
