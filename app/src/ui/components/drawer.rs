//! The frame of a drawer: it stands beside the grid, which stays usable.

use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use crate::ui::browser;

/// Head with ways to the neighbours and out, and a body that scrolls.
#[component]
pub fn Drawer(
    /// Chips and a hint at the top.
    #[prop(into)]
    status: ViewFn,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// The id of what is shown.
    #[prop(into)]
    of: Signal<String>,
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
    // Who opened it from the grid goes on in it. Who came by its address, or stands elsewhere, is left there.
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        let in_grid = browser::focused().is_some_and(|it| it.closest("table.grid").ok().flatten().is_some());
        if let Some(heading) = heading.get().filter(|_| in_grid) {
            // A heading with a tabindex takes it.
            let _ = heading.focus();
        }
    });
    // Another row begins at the top.
    let body = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<String>| {
        let now = of.get();
        if let Some(body) = body.get_untracked().filter(|_| before.is_some_and(|before| before != now)) {
            body.set_scroll_top(0);
        }
        now
    });
    view! {
        <section class="drawer" aria-labelledby="drawer-title">
            <header class="drawer-head">
                <div class="row">
                    {status.run()}
                    <span class="row-end row">
                        {button("Previous event (K)", "chev-up", Callback::new(move |()| on_step.run(-1)))}
                        {button("Next event (J)", "chev-down", Callback::new(move |()| on_step.run(1)))}
                        {button("Close (Esc)", "x", on_close)}
                    </span>
                </div>
                <h2 id="drawer-title" tabindex="-1" node_ref=heading data-words=in_words.then_some("")>{title}</h2>
                {head.run()}
            </header>
            <div class="drawer-body" tabindex="0" role="group" aria-label="Details" node_ref=body>{children()}</div>
        </section>
    }
}
