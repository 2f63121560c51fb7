//! Whether the third party answers: asked now, from the server.

use domain::connector::ConnectionReport;
use domain::error::Problem;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::format::{clock, duration, exact};
use crate::ui::clock::now;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::status_chip::StateChip;
use crate::ui::state::{ConnectorDraft, ManageActions};
use crate::ui::zone::use_zone;

/// The section.
#[component]
pub fn TestSection(
    /// What is edited.
    draft: ConnectorDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let running = RwSignal::new(false);
    let result = RwSignal::new(None::<(Timestamp, Result<ConnectionReport, Problem>)>);
    let base_url =
        Memo::new(move |_| draft.saved.with(|saved| saved.as_ref().and_then(|c| c.base_url.clone())));
    let obstacle = Memo::new(move |_| match (actions.may_test(), base_url.get()) {
        (false, _) => Some("Needs the operator role"),
        (_, None) => Some("Save a base URL first"),
        _ => None,
    });
    let test = move |_| {
        let Some(connector) = draft.saved.get_untracked() else { return };
        if running.get_untracked() || obstacle.get_untracked().is_some() {
            return;
        }
        running.set(true);
        spawn_local(async move {
            let answer = actions.test(connector.id).await;
            // The sheet may be closed by now.
            let _ = running.try_set(false);
            let _ = result.try_set(Some((now(), answer)));
        });
    };
    view! {
        <section class="sheet-section" id="manage-test" aria-labelledby="manage-test-title">
            <header>
                <h3 id="manage-test-title">"Connection test"</h3>
                <span class="hint">"asks the saved base URL, with its headers and credentials"</span>
            </header>
            <div class="result-head" role="status">
                {move || match result.get() {
                    None => view! { <span class="soft">"Not tested yet"</span> }.into_any(),
                    Some((_, Err(_))) => ().into_any(),
                    Some((at, Ok(report))) => view! { <ReportHead at report/> }.into_any(),
                }}
                <span class="row-end row">
                    {move || obstacle.get().map(|why| view! { <span class="hint">{why}</span> })}
                    <button
                        class="btn"
                        type="button"
                        data-size="xs"
                        aria-disabled=move || obstacle.get().map(|_| "true")
                        aria-busy=move || running.get().then_some("true")
                        on:click=test
                    >
                        <Icon name="flask"/>
                        {move || if running.get() { "Testing" } else { "Test connection" }}
                    </button>
                </span>
            </div>
            {move || match result.get() {
                None => ().into_any(),
                Some((_, Err(problem))) => view! { <ProblemNotice problem/> }.into_any(),
                Some((_, Ok(report))) => view! { <ReportChecks report/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn ReportHead(at: Timestamp, report: ConnectionReport) -> impl IntoView {
    let (state, icon, label) = match (report.ok, report.http_code) {
        (true, _) => ("delivered", "st-delivered", "Connected"),
        (false, Some(_)) => ("failed", "st-failed", "Refused"),
        (false, None) => ("failed", "st-failed", "No answer"),
    };
    let zone = use_zone();
    let code = report.http_code.map(|code| format!(", {code}")).unwrap_or_default();
    view! {
        <StateChip state=state icon=icon label=label.to_owned()/>
        <span>
            <b>{duration(report.latency_ms.saturating_mul(1_000))}</b>
            {code}
        </span>
        <span class="muted" title=exact(at)>{move || clock(at, zone.get())}</span>
    }
}

#[component]
fn ReportChecks(report: ConnectionReport) -> impl IntoView {
    let answered = report.http_code.is_some();
    let mut checks = vec![(if answered { "pass" } else { "fail" }, "Address", report.url)];
    if let Some(code) = report.http_code {
        let words = match code {
            401 | 403 => format!("{code}: the credentials are not accepted"),
            code if code >= 400 => format!("{code}: it answers, but not as expected"),
            code => code.to_string(),
        };
        checks.push((if report.ok { "pass" } else { "fail" }, "Answer", words));
    }
    match report.api_version {
        Some(header) => checks.push(("pass", "API version", format!("{} ({})", header.value, header.name))),
        None if answered => checks.push(("skip", "API version", "no header names one".to_owned())),
        None => {}
    }
    if let Some(error) = report.error {
        checks.push(("fail", "Error", error));
    }
    let lines = checks
        .into_iter()
        .map(|(result, name, detail)| {
            let icon = match result {
                "pass" => "st-delivered",
                "skip" => "info",
                _ => "st-failed",
            };
            view! {
                <li data-result=result>
                    <Icon name=icon/>
                    <b>{name}</b>
                    <small>{detail}</small>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="checks">{lines}</ul> }
}
