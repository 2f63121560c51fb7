//! IntegrationDashBoardHeader: what happened in the range, in figures, and the ways to another range and to the
//! integrations.

use domain::dashboard::{Summary, Totals};
use domain::time::Timestamp;
use leptos::prelude::*;

use super::icon::Icon;
use super::latency_stat::LatencyStat;
use super::problem_notice::ProblemNotice;
use super::range_picker::RangePicker;
use super::stat::{Stat, StatNote};
use super::throughput_stat::ThroughputStat;
use crate::model::format;
use crate::model::range::Range;
use crate::model::summary::{change_of_count, change_of_rate};
use crate::ui::state::Load;
use crate::ui::zone::use_zone;

/// The page's head and the summary below it.
#[component]
pub fn IntegrationDashBoardHeader(
    /// The numbers.
    #[prop(into)]
    summary: Signal<Load<Summary>>,
    /// The end of what is shown: the moment of the newest number.
    #[prop(into)]
    until: Signal<Timestamp>,
    /// The range they are about.
    #[prop(into)]
    range: Signal<Range>,
    /// Another range was chosen.
    #[prop(into)]
    on_range: Callback<Range>,
    /// *Manage integrations* was pressed.
    #[prop(into)]
    on_manage: Callback<()>,
    /// Fetch the numbers again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Where the failed deliveries are listed.
    #[prop(into)]
    failed_href: Signal<String>,
    /// Where the refused requests are listed.
    #[prop(into)]
    rejected_href: Signal<String>,
) -> impl IntoView {
    let connectors = move || {
        let connectors = summary.with(|summary| {
            summary.data.as_ref().map(|summary| (summary.active_connectors, summary.connectors))
        })?;
        Some(match connectors {
            (active, all) if active == all => format::counted(all, "connector", "connectors"),
            (active, all) => {
                format!("{active} of {} active", format::counted(all, "connector", "connectors"))
            }
        })
    };
    let problem = move || summary.with(|summary| summary.problem.clone());
    view! {
        <header class="page-head">
            <div class="page-title">
                <h1>"Dashboard"</h1>
                <p class="page-sub only-wide">{connectors}</p>
            </div>
            <div class="page-actions">
                <RangePicker range on_range/>
                <button class="btn" type="button" on:click=move |_| on_manage.run(())>
                    <Icon name="plug"/>
                    "Manage integrations"
                </button>
            </div>
        </header>
        {move || problem().map(|problem| view! { <ProblemNotice problem retry=on_retry/> })}
        <Figures summary until range failed_href rejected_href/>
    }
}

#[component]
fn Figures(
    summary: Signal<Load<Summary>>,
    until: Signal<Timestamp>,
    range: Signal<Range>,
    failed_href: Signal<String>,
    rejected_href: Signal<String>,
) -> impl IntoView {
    let zone = use_zone();
    let data = Memo::new(move |_| summary.with(|summary| summary.data.clone()));
    let totals = move |pick: fn(&Summary) -> Totals| data.with(|data| data.as_ref().map(pick));
    let now = move || totals(|summary| summary.totals);
    let before = move || totals(|summary| summary.previous);
    let before_words = move || match range.get() {
        Range::Preset(preset) => format!("previous {}", preset.label().trim_start_matches("Last ")),
        Range::Custom { .. } => "the span before".into(),
    };
    let note = move |compare: fn(Totals, Totals) -> crate::model::summary::Change| {
        Signal::derive(move || {
            let (now, before) = (now()?, before()?);
            Some(StatNote::change(compare(now, before), &before_words()))
        })
    };
    let count = move |pick: fn(&Totals) -> i64| {
        Signal::derive(move || now().map(|totals| format::count(pick(&totals))))
    };
    let loading = move || summary.with(|summary| summary.data.is_none() && summary.problem.is_none());
    let any = move |pick: fn(&Totals) -> i64| now().is_some_and(|totals| pick(&totals) > 0);

    view! {
        <Show
            when=move || !loading()
            fallback=|| {
                let stat = || {
                    view! {
                        <div class="stat">
                            <span class="skel" data-w="m"></span>
                            <span class="skel" data-h="figure"></span>
                            <span class="skel" data-w="l"></span>
                        </div>
                    }
                };
                view! {
                    <section class="panel stats" role="status" aria-busy="true" aria-label="Loading the summary">
                        {stat()} {stat()} {stat()} {stat()} {stat()}
                    </section>
                }
            }
        >
            <section class="panel stats" aria-label=move || format!("Summary, {}", range.get().words(zone.get()))>
                <Stat
                    label="Succeeded"
                    icon="st-delivered"
                    tone=Signal::stored(Some("ok"))
                    value=count(|totals| totals.delivered)
                    note=note(|now, before| change_of_count(now.delivered, before.delivered))
                />
                <Stat
                    label="Failed"
                    icon="st-failed"
                    tone=Signal::derive(move || any(|totals| totals.failed).then_some("fail"))
                    value=count(|totals| totals.failed)
                    note=note(|now, before| change_of_count(now.failed, before.failed))
                    href=failed_href
                    title="Show errors"
                />
                <Stat
                    label="Success rate"
                    tone=Signal::stored(None)
                    value=Signal::derive(move || now()?.success_rate().map(format::rate))
                    unit="%"
                    note=note(|now, before| change_of_rate(now.success_rate(), before.success_rate()))
                />
                <LatencyStat data before=Signal::derive(before_words)/>
                <Stat
                    label="Rejected"
                    icon="st-rejected"
                    tone=Signal::stored(None)
                    value=count(|totals| totals.rejected)
                    note=note(|now, before| change_of_count(now.rejected, before.rejected))
                    href=rejected_href
                    title="Show rejected requests"
                />
                <ThroughputStat data until/>
            </section>
        </Show>
    }
}
