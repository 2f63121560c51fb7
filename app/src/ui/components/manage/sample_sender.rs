//! Sends a sample from the console: the body to send, the button, and what its sender would have heard.

use domain::error::Problem;
use domain::sample::{SampleOutcome, SampleRequest};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::format::{bytes, clock};
use crate::model::query::{DashboardQuery, ErrorsView, OpenRow};
use crate::model::sample::{outcome_row, outcome_words, send_label};
use crate::ui::clock::now;
use crate::ui::components::check_list::CheckList;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::status_chip::StateChip;
use crate::ui::state::{ManageActions, ReceiverDraft, address_of};
use crate::ui::zone::use_zone;

/// The sender.
#[component]
pub fn SampleSender(
    /// The receiver.
    receiver: ReceiverDraft,
    /// The sample that is proposed.
    request: SampleRequest,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let body = RwSignal::new(request.body.clone());
    let sending = RwSignal::new(false);
    let result = RwSignal::new(None::<(Timestamp, Result<SampleOutcome, Problem>)>);
    let label = move || match sending.get() {
        true => "Sending",
        false => receiver.form.with(|form| send_label(form.scheme.kind)),
    };
    let send = move |_| {
        let Some(saved) = receiver.saved.get_untracked() else { return };
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        let sample = SampleRequest { body: body.get_untracked(), ..request.clone() };
        spawn_local(async move {
            let answer = actions.send_sample(saved.id, sample).await;
            // The sheet may be closed by now.
            let _ = sending.try_set(false);
            let _ = result.try_set(Some((now(), answer)));
        });
    };
    let size = move || body.with(|body| bytes(i64::try_from(body.len()).unwrap_or_default()));
    view! {
        <div class="code">
            <div class="code-head"><span>"Body "<span class="muted">{size}", sent byte for byte"</span></span></div>
            <textarea
                class="input mono"
                rows="5"
                spellcheck="false"
                aria-label="Body of the sample"
                prop:value=body
                on:input:target=move |event| body.set(event.target().value())
            ></textarea>
        </div>
        <div class="result-head">
            <span class="row-wrap" role="status">
                {move || match result.get() {
                    None => view! { <span class="soft">"Nothing sent yet"</span> }.into_any(),
                    Some((_, Err(_))) => ().into_any(),
                    Some((at, Ok(outcome))) => view! { <Outcome at outcome/> }.into_any(),
                }}
            </span>
            <span class="row-end">
                <button
                    class="btn"
                    type="button"
                    data-size="xs"
                    aria-busy=move || sending.get().then_some("true")
                    on:click=send
                >
                    <Icon name="send"/>
                    {label}
                </button>
            </span>
        </div>
        {move || match result.get()?.1 {
            Err(problem) => Some(view! { <ProblemNotice problem/> }.into_any()),
            Ok(SampleOutcome::Accepted { checks, schema_verdict, .. }) => {
                Some(view! { <CheckList checks schema=schema_verdict/> }.into_any())
            }
            Ok(_) => None,
        }}
    }
}

#[component]
fn Outcome(at: Timestamp, outcome: SampleOutcome) -> impl IntoView {
    let zone = use_zone();
    let (state, icon, label, words) = outcome_words(&outcome);
    let row = outcome_row(&outcome).map(|row| {
        let (name, query) = match &row {
            OpenRow::Rejection(_) => (
                "Show the rejected request",
                DashboardQuery {
                    tab: domain::filter::ViewTab::Errors,
                    errors: ErrorsView::Rejections,
                    ..DashboardQuery::default()
                },
            ),
            OpenRow::Delivery(_) => ("Show the event", DashboardQuery::default()),
        };
        // In a tab of its own: this sheet may hold what is not saved yet.
        let href = address_of(&DashboardQuery { open: Some(row), ..query });
        view! {
            <a href=href target="_blank" rel="noopener">
                {name} <span class="sr-only">" (opens in a new tab)"</span> <Icon name="external" size="sm"/>
            </a>
        }
    });
    view! {
        <StateChip state=state icon=icon label=label.to_owned()/>
        <span>{words}</span>
        {row}
        <span class="muted">{move || clock(at, zone.get())}</span>
    }
}
