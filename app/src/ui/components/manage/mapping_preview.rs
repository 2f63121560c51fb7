//! What a mapping makes of a payload, while it is typed.

use std::time::Duration;

use domain::error::Problem;
use domain::route::{MappingPreview, MappingPreviewRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::recent_payloads::RecentPayloads;
use crate::model::format::{bytes, counted};
use crate::model::json::format::formatted;
use crate::model::json::{check, lex};
use crate::model::mapping_form::mapping_of;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::icon::Icon;
use crate::ui::components::json_line::JsonLine;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::status_chip::StateChip;
use crate::ui::state::{ConnectorDraft, ManageActions, RouteDraft};

/// How long nobody types before the preview is asked for.
const REST: Duration = Duration::from_millis(300);

/// A payload on the left, what becomes of it on the right.
#[component]
pub fn MappingPreviewPanel(
    /// The sheet.
    draft: ConnectorDraft,
    /// The route.
    route: RouteDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let sample = route.sample;
    if sample.with_untracked(String::is_empty) {
        sample.set(proposed_sample(draft, route));
    }
    let request = Memo::new(move |_| {
        let mapping = route.form.with(|form| mapping_of(&form.mapping).ok())?;
        if mapping.is_empty() {
            return None;
        }
        Some(MappingPreviewRequest { mapping, sample: sample.get() })
    });
    let result = RwSignal::new(None::<Result<MappingPreview, Problem>>);
    // Answers may overtake each other: only the one to the newest question counts.
    let asked = StoredValue::new(0_u32);
    let ask = move |request: MappingPreviewRequest| {
        asked.update_value(|count| *count = count.wrapping_add(1));
        let number = asked.get_value();
        spawn_local(async move {
            let answer = actions.preview(request).await;
            if asked.try_get_value() == Some(number) {
                result.set(Some(answer));
            }
        });
    };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop_timer = move || {
        if let Some(Some(timer)) = timer.try_get_value() {
            timer.clear();
        }
    };
    Effect::new(move |_| {
        stop_timer();
        match request.get() {
            None => result.set(None),
            // It fails only without a window.
            Some(request) => timer.set_value(set_timeout_with_handle(move || ask(request), REST).ok()),
        }
    });
    on_cleanup(stop_timer);

    let is_stored = Memo::new(move |_| draft.saved.with(Option::is_some));
    let size = move || sample.with(|sample| bytes(i64::try_from(sample.len()).unwrap_or_default()));
    let body = Memo::new(move |_| match result.get() {
        Some(Ok(preview)) => preview.body,
        _ => None,
    });

    view! {
        <Show when=move || route.form.with(|form| !form.mapping.is_empty())>
            <div class="stack-tight">
                <div class="row-wrap">
                    <h4>"Preview"</h4>
                    <Show when=move || is_stored.get()>
                        <RecentPayloads draft route actions/>
                    </Show>
                    <span class="row-end" role="status"><Verdict route result/></span>
                </div>
                <div class="cols">
                    <div class="code">
                        <div class="code-head">
                            <span>"Payload "<span class="muted">{size}</span></span>
                            <span class="row-end"><CopyButton text=sample label="Copy payload"/></span>
                        </div>
                        <textarea
                            class="input mono"
                            rows="12"
                            spellcheck="false"
                            aria-label="Payload for the preview"
                            prop:value=sample
                            on:input:target=move |event| sample.set(event.target().value())
                        ></textarea>
                    </div>
                    <div class="code">
                        <div class="code-head">
                            <span>"Result "<span class="muted">"updates while typing"</span></span>
                            <span class="row-end">
                                <CopyButton
                                    text=Signal::derive(move || body.get().unwrap_or_default())
                                    label="Copy result"
                                />
                            </span>
                        </div>
                        <pre tabindex="0" role="group" aria-label="Result">
                            <code>
                                {move || {
                                    body.get()
                                        .map(|text| {
                                            pretty(&text)
                                                .lines()
                                                .map(|line| view! { <JsonLine text=line.to_owned()/> "\n" })
                                                .collect_view()
                                        })
                                }}
                            </code>
                        </pre>
                    </div>
                </div>
                {move || match result.get() {
                    Some(Err(problem)) => view! { <ProblemNotice problem/> }.into_any(),
                    Some(Ok(preview)) if !preview.issues.is_empty() => view! { <Issues preview/> }.into_any(),
                    _ => ().into_any(),
                }}
            </div>
        </Show>
    }
}

/// A sample in the form of the receiver's scheme.
fn proposed_sample(draft: ConnectorDraft, route: RouteDraft) -> String {
    let receiver = route.receiver.get_untracked().and_then(|key| untrack(|| draft.receiver(key)));
    let scheme = receiver.and_then(|receiver| receiver.form.with_untracked(|form| form.scheme.scheme().ok()));
    scheme.map(|scheme| pretty(scheme.sample().body)).unwrap_or_default()
}

/// Indented, numbers untouched; as it is when it is no JSON.
fn pretty(text: &str) -> String {
    let tokens = lex(text);
    if check(text, &tokens).fault.is_none() { formatted(text, &tokens) } else { text.to_owned() }
}

#[component]
fn Verdict(route: RouteDraft, result: RwSignal<Option<Result<MappingPreview, Problem>>>) -> impl IntoView {
    move || {
        let Some(Ok(preview)) = result.get() else { return ().into_any() };
        let fields = i64::try_from(route.form.with(|form| form.mapping.len())).unwrap_or_default();
        let issues = i64::try_from(preview.issues.len()).unwrap_or_default();
        let (state, icon, label) = if issues == 0 {
            ("delivered", "st-delivered", counted(fields, "field", "fields"))
        } else {
            ("failed", "st-failed", counted(issues, "problem", "problems"))
        };
        view! { <StateChip state=state icon=icon label=label/> }.into_any()
    }
}

#[component]
fn Issues(preview: MappingPreview) -> impl IntoView {
    let lines = preview
        .issues
        .into_iter()
        .map(|issue| {
            let target = if issue.target.is_empty() { "Payload".to_owned() } else { issue.target };
            view! {
                <li data-result="fail">
                    <Icon name="st-failed"/>
                    <b class="mono">{target}</b>
                    <small>{issue.message}</small>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="checks">{lines}</ul> }
}
