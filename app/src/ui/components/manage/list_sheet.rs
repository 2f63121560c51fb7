//! All connectors in a sheet beside the dashboard.

use domain::connector::Connector;
use domain::error::Problem;
use domain::id::ConnectorId;
use leptos::prelude::*;

use super::connector_filters::ConnectorFilters;
use super::connector_table::ConnectorTable;
use crate::model::connector_list::{ConnectorFilter, ConnectorLine};
use crate::ui::components::dialog::{CloseButton, Dialog};
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;

/// So many lines are drawn at first, and with each press of "Show more".
const PAGE: usize = 50;

/// The list, or what stands in its way.
#[component]
pub fn ConnectorList(
    /// The lines; `None` while they are fetched.
    #[prop(into)]
    lines: Signal<Option<Result<Vec<ConnectorLine>, Problem>>>,
    /// What the list is narrowed to.
    #[prop(optional)]
    filter: Option<RwSignal<ConnectorFilter>>,
    /// Whether the person may change anything.
    may_change: bool,
    /// Opens the sheet of one.
    #[prop(into)]
    on_open: Callback<ConnectorId>,
    /// Opens the form of a new one.
    #[prop(into)]
    on_add: Callback<()>,
    /// Switches one on or off.
    #[prop(into)]
    on_toggle: Callback<(Connector, bool)>,
    /// Fetches again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let filter = filter.unwrap_or_else(|| RwSignal::new(ConnectorFilter::default()));
    let all = Memo::new(move |_| match lines.get() {
        Some(Ok(lines)) => lines,
        _ => Vec::new(),
    });
    let shown = Memo::new(move |_| {
        let filter = filter.get();
        all.with(|lines| lines.iter().filter(|line| filter.admits(line)).cloned().collect::<Vec<_>>())
    });
    // What is narrowed anew begins anew.
    let room = RwSignal::new(PAGE);
    Effect::new(move |_| {
        filter.track();
        room.set(PAGE);
    });
    let drawn =
        Memo::new(move |_| shown.with(|lines| lines.iter().take(room.get()).cloned().collect::<Vec<_>>()));
    let hidden = move || shown.with(Vec::len).saturating_sub(room.get());
    let stage = Memo::new(move |_| match lines.get() {
        None => Stage::Loading,
        Some(Err(problem)) => Stage::Failed(problem),
        Some(Ok(lines)) if lines.is_empty() => Stage::Empty,
        Some(Ok(_)) => Stage::List,
    });
    view! {
        <section class="panel gridview" aria-label="Connectors">
            {move || match stage.get() {
                Stage::Loading => {
                    view! {
                        <div class="panel-body stack" role="status" aria-busy="true" aria-label="Loading">
                            <span class="skel" data-w="l"></span>
                            <span class="skel" data-w="m"></span>
                            <span class="skel" data-w="l"></span>
                        </div>
                    }
                        .into_any()
                }
                Stage::Failed(problem) => view! { <ProblemNotice problem retry=on_retry/> }.into_any(),
                Stage::Empty => {
                    view! {
                        <div class="empty">
                            <Icon name="plug"/>
                            <strong>"No connectors yet"</strong>
                            <p>
                                "A connector is a system that sends webhooks, receives deliveries, or both. Add one, give its URL to the sender, and watch the first event arrive."
                            </p>
                            {may_change
                                .then(|| {
                                    view! {
                                        <div class="row-wrap">
                                            <button
                                                class="btn"
                                                type="button"
                                                data-variant="primary"
                                                on:click=move |_| on_add.run(())
                                            >
                                                <Icon name="plus"/>
                                                "Add connector"
                                            </button>
                                        </div>
                                    }
                                })}
                        </div>
                    }
                        .into_any()
                }
                Stage::List => {
                    view! {
                        <ConnectorFilters lines=all filter/>
                        <Show
                            when=move || shown.with(|lines| !lines.is_empty())
                            fallback=move || view! { <NoMatch filter/> }
                        >
                            <ConnectorTable lines=drawn may_change on_open on_toggle/>
                        </Show>
                        <Show when=move || { hidden() > 0 }>
                            <div class="row-wrap panel-body">
                                <button
                                    class="btn"
                                    type="button"
                                    on:click=move |_| room.update(|room| *room += PAGE)
                                >
                                    {move || format!("Show {} more", hidden().min(PAGE))}
                                </button>
                            </div>
                        </Show>
                        <footer class="panel-foot">
                            <span>
                                {move || format!("{} of {}", drawn.with(Vec::len), all.with(Vec::len))}
                            </span>
                            <span class="row-end only-wide">"Bars: the last 24 h, failures in red from the floor"</span>
                        </footer>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

#[derive(Clone, PartialEq)]
enum Stage {
    Loading,
    Failed(Problem),
    Empty,
    List,
}

#[component]
fn NoMatch(filter: RwSignal<ConnectorFilter>) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name="search"/>
            <strong>"No connector matches"</strong>
            <div class="row-wrap">
                <button class="btn" type="button" on:click=move |_| filter.set(ConnectorFilter::default())>
                    "Clear filters"
                </button>
            </div>
        </div>
    }
}

/// The list as a sheet.
#[component]
pub fn ListSheet(
    /// See [`ConnectorList`].
    #[prop(into)]
    lines: Signal<Option<Result<Vec<ConnectorLine>, Problem>>>,
    /// See [`ConnectorList`].
    may_change: bool,
    /// See [`ConnectorList`].
    #[prop(into)]
    on_open: Callback<ConnectorId>,
    /// See [`ConnectorList`].
    #[prop(into)]
    on_add: Callback<()>,
    /// See [`ConnectorList`].
    #[prop(into)]
    on_toggle: Callback<(Connector, bool)>,
    /// See [`ConnectorList`].
    #[prop(into)]
    on_retry: Callback<()>,
    /// Closes the sheet.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog labelled_by="manage-title" class="sheet" size="wide" on_close>
            <header class="dialog-head">
                <h2 id="manage-title">"Manage integrations"</h2>
                <CloseButton on_close/>
            </header>
            <div class="dialog-body stack">
                <ConnectorList lines may_change on_open on_add on_toggle on_retry/>
            </div>
            <footer class="dialog-foot">
                <span class="dialog-foot-end">
                    <button class="btn" type="button" data-size="md" on:click=move |_| on_close.run(())>
                        "Close"
                    </button>
                    {may_change
                        .then(|| {
                            view! {
                                <button
                                    class="btn"
                                    type="button"
                                    data-variant="primary"
                                    data-size="md"
                                    on:click=move |_| on_add.run(())
                                >
                                    <Icon name="plus"/>
                                    "Add connector"
                                </button>
                            }
                        })}
                </span>
            </footer>
        </Dialog>
    }
}
