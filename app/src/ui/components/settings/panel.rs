//! What the panels of *Settings* have in common: a head whose button opens a form, and a list below it.

use domain::error::Problem;
use domain::page::Page;
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::time::Time;

/// A panel; its list stands in the children.
#[component]
pub fn Panel(
    /// Tells its heading from others.
    id: &'static str,
    /// What is listed.
    title: &'static str,
    /// How many there are.
    #[prop(into)]
    count: Signal<String>,
    /// What the button says that opens the form.
    add: &'static str,
    /// Whether the form is open.
    open: RwSignal<bool>,
    /// The form for one more.
    #[prop(into)]
    form: ViewFn,
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    // The form takes the focus, and gives it back.
    let button = NodeRef::<leptos::html::Button>::new();
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true)
            && !is_open
            && let Some(button) = button.get_untracked()
        {
            // An element that cannot take the focus leaves it with the page.
            let _ = button.focus();
        }
        is_open
    });
    view! {
        <section class="panel gridview" aria-labelledby=title_id.clone()>
            <header class="panel-head">
                <h2 id=title_id.clone()>{title}</h2>
                <span class="hint">{count}</span>
                <span class="row-end">
                    <button
                        class="btn"
                        type="button"
                        node_ref=button
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <Icon name="plus"/>
                        {add}
                    </button>
                </span>
            </header>
            <Show when=move || open.get()>{form.run()}</Show>
            {children()}
        </section>
    }
}

/// Closes the form once what it asked for was done.
pub fn close_when_done<T: Send + Sync + 'static>(
    open: RwSignal<bool>,
    answer: Signal<Option<Result<T, Problem>>>,
) {
    Effect::new(move |_| {
        if answer.with(|answer| matches!(answer, Some(Ok(_)))) {
            open.set(false);
        }
    });
}

/// The first page of a list: on its way, not to be had, or shown by `show`.
#[component]
pub fn PanelList<T: Clone + Send + Sync + 'static>(
    /// The page; `None` while it is fetched.
    list: Signal<Option<Result<Page<T>, Problem>>>,
    /// Fetches again.
    on_retry: Callback<()>,
    /// Shows its rows.
    show: impl Fn(Vec<T>) -> AnyView + Send + 'static,
) -> impl IntoView {
    move || match list.get() {
        None => view! { <div class="panel-body"><span class="skel" data-w="m"></span></div> }.into_any(),
        Some(Err(problem)) => {
            view! { <div class="panel-body"><ProblemNotice problem retry=on_retry/></div> }.into_any()
        }
        Some(Ok(page)) => show(page.items),
    }
}

/// A column: its word in `data-col`, and its heading.
pub type Column = (&'static str, &'static str);

/// The table of a panel; a column for what can be done follows the named ones.
#[component]
pub fn PanelTable(
    /// Its word in `data-kind`.
    kind: &'static str,
    /// What is listed, for assistive technology.
    label: &'static str,
    /// Its columns.
    columns: &'static [Column],
    children: Children,
) -> impl IntoView {
    let headings = columns
        .iter()
        .map(|(name, words)| view! { <th role="columnheader" scope="col" data-col=*name>{*words}</th> })
        .collect_view();
    view! {
        <table class="grid" data-stacks="" data-kind=kind role="grid" aria-label=label>
            <thead role="rowgroup">
                <tr role="row">
                    {headings}
                    <th role="columnheader" scope="col" data-col="actions"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
}

/// When something happened last, if ever.
#[component]
pub fn LastTime(
    /// When.
    at: Option<Timestamp>,
) -> impl IntoView {
    match at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => view! { <span class="cell-none" aria-label="never">"–"</span> }.into_any(),
    }
}
