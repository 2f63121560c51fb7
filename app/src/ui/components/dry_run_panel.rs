//! What a dry run said, in a few lines; nothing was sent for it.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::dry_run_result::{CheckResult, Outcome};
use crate::model::format;
use crate::ui::state::api_retry::DryRunAnswer;
use crate::ui::zone::use_zone;

/// The newest dry run.
#[component]
pub fn DryRunPanel(
    /// Its answer, when there was one.
    #[prop(into)]
    answer: Signal<Option<DryRunAnswer>>,
    /// Whether another one is under way.
    #[prop(into)]
    running: Signal<bool>,
    /// Whether the text is no longer the one it was about.
    #[prop(into)]
    outdated: Signal<bool>,
    /// What it looked at and how that came out.
    #[prop(into)]
    results: Signal<Vec<CheckResult>>,
) -> impl IntoView {
    let zone = use_zone();
    let when = move || match answer.get() {
        _ if running.get() => "checking".to_owned(),
        None => "not run yet".to_owned(),
        Some(_) if outdated.get() => "the text changed since".to_owned(),
        Some(answer) => format!("{}, nothing was sent", format::clock(answer.at, zone.get())),
    };
    let problem = move || answer.get().and_then(|answer| answer.result.err());
    view! {
        <h3 id="dry-h">"Dry run "<span class="hint row-end">{when}</span></h3>
        {move || match problem() {
            Some(problem) => {
                view! {
                    <p class="error" role="alert">
                        <Icon name="alert" size="sm"/>
                        <span>{format!("{}: {}", problem.title, problem.detail)}</span>
                    </p>
                }
                    .into_any()
            }
            None => {
                view! {
                    <ul class="checks" aria-live="polite" aria-busy=move || running.get().to_string()>
                        {move || results.get().into_iter().map(result_view).collect_view()}
                    </ul>
                }
                    .into_any()
            }
        }}
    }
}

fn result_view(result: CheckResult) -> impl IntoView {
    let icon = match result.outcome {
        Outcome::Pass => "st-delivered",
        Outcome::Fail => "st-failed",
        Outcome::Warn => "alert",
        Outcome::Skip => "st-canceled",
    };
    view! {
        <li data-result=result.outcome.as_str()>
            <Icon name=icon/>
            <b>{result.name}</b>
            <small>{result.detail}</small>
        </li>
    }
}
