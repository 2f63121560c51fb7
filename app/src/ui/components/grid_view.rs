//! GridView: the log. Tabs and filters above, rows, and what stands there when there are none.

use std::time::Duration;

use domain::error::Problem;
use leptos::prelude::*;

use super::icon::Icon;
use super::problem_notice::{ProblemNotice, RequestId};
use super::scroll_end::ScrollEnd;
use crate::model::format;

/// What stands in the place of rows.
#[derive(Clone, Debug, PartialEq)]
pub enum GridBody {
    /// The first answer is awaited.
    Loading,
    /// There are rows.
    Rows,
    /// There is nothing at all, and what would fill it.
    Empty,
    /// There is nothing of the kind that is asked for.
    NoMatch {
        /// What there is none of.
        title: &'static str,
        /// The same with the range and the filters.
        why: String,
        /// Whether there are filters that could be taken away.
        narrowed: bool,
    },
    /// The rows could not be fetched.
    Failed(Problem),
}

/// What lies below the last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridEnd {
    /// More rows, which load as the end comes near.
    More,
    /// More rows than there is room for.
    Full,
    /// They are being fetched.
    Loading,
    /// Nothing.
    End,
}

/// What waits to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// How many rows are known to wait.
    pub count: usize,
    /// Whether there may be more.
    pub or_more: bool,
}

/// The frame around tabs, filters and table.
#[component]
pub fn GridView(
    /// Tabs.
    tabs: Children,
    /// Filters.
    filters: Children,
    /// The table; shown while there are rows.
    table: ChildrenFn,
    /// The tab that names the log.
    #[prop(into)]
    labelled_by: Signal<&'static str>,
    /// What stands in the place of rows.
    #[prop(into)]
    body: Signal<GridBody>,
    /// Why what is shown is not the newest: the last question has no answer.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// How many rows are shown.
    #[prop(into)]
    shown: Signal<usize>,
    /// What lies below the last row.
    #[prop(into)]
    end: Signal<GridEnd>,
    /// Whether what lies below the last row is newer.
    #[prop(into)]
    oldest_first: Signal<bool>,
    /// How many rows wait to be shown.
    #[prop(into)]
    waiting: Signal<News>,
    /// Show what waits.
    #[prop(into)]
    on_news: Callback<()>,
    /// Fetch older rows.
    #[prop(into)]
    on_more: Callback<()>,
    /// Fetch again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Take the filters away.
    #[prop(into)]
    on_clear: Callback<()>,
    /// Open *Manage integrations*.
    #[prop(into)]
    on_manage: Callback<()>,
) -> impl IntoView {
    let news = move || {
        let News { count, or_more } = waiting.get();
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (count > 0).then(|| {
            let words = if or_more {
                format!("{}+ new events", format::count(count))
            } else {
                format::counted(count, "new event", "new events")
            };
            view! {
                <div class="news">
                    <button type="button" on:click=move |_| on_news.run(())>
                        <Icon name=if oldest_first.get() { "down" } else { "up" } size="sm"/>
                        {words}
                    </button>
                </div>
            }
        })
    };
    let content = move || match body.get() {
        GridBody::Loading => view! { <Skeleton/> }.into_any(),
        GridBody::Rows => table().into_any(),
        GridBody::Empty => view! { <NoEvents on_manage/> }.into_any(),
        GridBody::NoMatch { title, why, narrowed } => {
            view! { <NoMatch title why narrowed on_clear/> }.into_any()
        }
        GridBody::Failed(problem) => view! { <NotLoaded problem on_retry/> }.into_any(),
    };
    let foot = move || {
        if body.get() != GridBody::Rows {
            return None;
        }
        let rows = format!("Rows 1–{}", format::count(i64::try_from(shown.get()).unwrap_or(i64::MAX)));
        let age = if oldest_first.get() { "Newer" } else { "Older" };
        let rest = match end.get() {
            GridEnd::More => format!("{age} rows load as you scroll").into_any(),
            GridEnd::Loading => view! { <span role="status">"Loading more rows"</span> }.into_any(),
            GridEnd::End => "These are all".into_any(),
            GridEnd::Full => format!("{age} rows find no room: narrow the range or the filters").into_any(),
        };
        Some(
            view! { <footer class="panel-foot"><span>{rows}</span><span class="row-end">{rest}</span></footer> },
        )
    };
    view! {
        <section class="panel gridview" aria-label="Event log">
            {news}
            {tabs()}
            {filters()}
            <div
                id="log"
                role="tabpanel"
                aria-labelledby=labelled_by
                aria-busy=move || (body.get() == GridBody::Loading).to_string()
            >
                {move || {
                    problem
                        .get()
                        .filter(|_| body.get() == GridBody::Rows)
                        .map(|problem| view! { <ProblemNotice problem retry=on_retry/> })
                }}
                {content}
            </div>
            <Show when=move || body.get() == GridBody::Rows && end.get() == GridEnd::More>
                <ScrollEnd on_reach=on_more/>
            </Show>
            {foot}
        </section>
    }
}

/// Shapes of what comes; not before 150 ms, because most answers are faster and a flash is no help.
#[component]
fn Skeleton() -> impl IntoView {
    let due = RwSignal::new(false);
    // The rows may be there by then.
    set_timeout(move || _ = due.try_set(true), Duration::from_millis(150));
    move || due.get().then(|| view! { <Shapes/> })
}

#[component]
fn Shapes() -> impl IntoView {
    let row = |_| {
        view! {
            <tr>
                <td><span class="skel" data-w="l"></span></td>
                <td><span class="skel" data-w="m"></span></td>
                <td><span class="skel" data-w="l"></span></td>
                <td><span class="skel" data-w="m"></span></td>
                <td><span class="skel" data-w="s"></span></td>
            </tr>
        }
    };
    view! {
        <table class="grid" aria-hidden="true">
            <tbody>{(0..8).map(row).collect_view()}</tbody>
        </table>
        <p class="sr-only" role="status">"Loading the log"</p>
    }
}

#[component]
fn NoEvents(on_manage: Callback<()>) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name="inbox"/>
            <strong>"No events yet"</strong>
            <p>"Signalbox listens. Point a sender at a receiver's URL and watch its events arrive here."</p>
            <div class="row-wrap">
                <button class="btn" type="button" data-variant="primary" on:click=move |_| on_manage.run(())>
                    <Icon name="plug"/>
                    "Manage integrations"
                </button>
            </div>
        </div>
    }
}

#[component]
fn NoMatch(title: &'static str, why: String, narrowed: bool, on_clear: Callback<()>) -> impl IntoView {
    let clear = narrowed.then(|| {
        view! {
            <div class="row-wrap">
                <button class="btn" type="button" on:click=move |_| on_clear.run(())>"Clear filters"</button>
            </div>
        }
    });
    view! {
        <div class="empty">
            <Icon name="search"/>
            <strong>{title}</strong>
            <p>{why}</p>
            {clear}
        </div>
    }
}

#[component]
fn NotLoaded(problem: Problem, on_retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="empty" role="alert">
            <Icon name="alert"/>
            <strong>"The log did not load"</strong>
            <p>{problem.detail.clone()}</p>
            <RequestId problem/>
            <div class="row-wrap">
                <button class="btn" type="button" data-variant="primary" on:click=move |_| on_retry.run(())>
                    <Icon name="retry"/>
                    "Try again"
                </button>
            </div>
        </div>
    }
}
