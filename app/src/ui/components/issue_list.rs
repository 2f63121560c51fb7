//! What is wrong with a payload, as a list whose entries lead to their place.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::format::counted;
use crate::model::payload_draft::{Issue, Reading, Severity};

/// More than these are counted and not shown.
const MOST_ISSUES: usize = 100;

/// The issues of a reading under a heading that counts them.
#[component]
pub fn IssueList(
    /// The text as it stands.
    #[prop(into)]
    reading: Signal<Reading>,
    /// Leads to the place of an issue.
    #[prop(into)]
    on_show: Callback<Issue>,
) -> impl IntoView {
    let count = move |severity, one: &'static str, many: &'static str, tone: &'static str| {
        move || {
            let count = reading.with(|reading| reading.count(severity));
            let words = counted(i64::try_from(count).unwrap_or(i64::MAX), one, many);
            (count > 0).then(|| view! { <span class="count" data-tone=tone>{words}</span> })
        }
    };
    let items = move || {
        let issues = reading.with(|reading| reading.issues.clone());
        let hidden = issues.len().saturating_sub(MOST_ISSUES);
        let more = (hidden > 0).then(|| view! { <li><span></span><p class="hint">{hidden}" more"</p></li> });
        let shown = issues.into_iter().take(MOST_ISSUES).map(|issue| view! { <IssueItem issue on_show/> });
        view! { {shown.collect_view()} {more} }
    };
    view! {
        <h3 id="issues-h">
            "Problems"
            {count(Severity::Error, "error", "errors", "fail")}
            {count(Severity::Warning, "warning", "warnings", "warn")}
        </h3>
        <ul class="issues" id="retry-issues" aria-live="polite">{items}</ul>
        <Show when=move || reading.with(|reading| reading.issues.is_empty())>
            <p class="hint">"None found"</p>
        </Show>
    }
}

#[component]
fn IssueItem(issue: Issue, on_show: Callback<Issue>) -> impl IntoView {
    let (word, icon) = match issue.severity {
        Severity::Error => ("error", "st-failed"),
        Severity::Warning => ("warn", "alert"),
    };
    let place = issue.line.map(|line| {
        let issue = issue.clone();
        view! {
            <button class="linkish" type="button" on:click=move |_| on_show.run(issue.clone())>
                <b>{format!("Line {line}")}</b>
            </button>
            " "
        }
    });
    let pointer = (!issue.pointer.is_empty()).then(|| view! { <code>{issue.pointer.clone()}</code>" " });
    view! {
        <li data-issue=word>
            <Icon name=icon/>
            <p>{place} {pointer} {issue.detail.clone()}</p>
        </li>
    }
}
