//! What a replay would send, as the last dry run saw it.

use std::sync::Arc;

use domain::delivery::DryRun;
use leptos::prelude::*;

use super::code_block::CodeBlock;
use crate::model::format;

/// Request line, headers (credentials are masked) and body.
#[component]
pub fn RequestPreview(
    /// The dry run; nothing before the first one.
    #[prop(into)]
    dry_run: Signal<Option<Arc<DryRun>>>,
) -> impl IntoView {
    let content = move || match dry_run.get() {
        None => view! { <p class="hint">"The dry run has not said yet what would be sent."</p> }.into_any(),
        Some(dry_run) => {
            let headers = dry_run
                .headers
                .iter()
                .map(|header| view! { <dt>{header.name.clone()}</dt><dd>{header.value.clone()}</dd> })
                .collect_view();
            let body = match dry_run.body.clone() {
                Some(body) => {
                    let about = format::bytes(body.len() as i64);
                    view! { <CodeBlock title="Body" about text=body/> }.into_any()
                }
                None => view! { <p class="hint">"No body"</p> }.into_any(),
            };
            view! {
                <p class="mono"><b>{dry_run.method.clone()}</b>" "{dry_run.url.clone()}</p>
                <dl class="headers">{headers}</dl>
                {body}
            }
            .into_any()
        }
    };
    view! { <div class="request-preview stack" tabindex="0" role="group" aria-label="Request that would be sent">{content}</div> }
}
