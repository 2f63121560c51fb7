//! What the route's mapping made of the payload: which version, which rules, and the body that came out.

use domain::delivery::{AppliedMapping, Attempt};
use domain::mapping::{FieldRule, FieldSource};
use leptos::prelude::*;

use super::code_block::CodeBlock;
use crate::model::body::Body;
use crate::model::format;

/// The rules, and the newest body they made.
#[component]
pub fn MappingResult(
    /// The mapping; none when the payload was passed on as it is.
    mapping: Option<AppliedMapping>,
    /// The newest attempt.
    attempt: Attempt,
) -> impl IntoView {
    let Some(AppliedMapping { route_name, version, newest_version, mapping }) = mapping else {
        return view! { <p class="hint">"No mapping: the payload was passed on byte for byte."</p> }
            .into_any();
    };
    let since = match newest_version - version {
        1.. => format!("; the route is at version {newest_version} now"),
        _ => String::new(),
    };
    let rules = mapping.fields.into_iter().map(|rule| view! { <Rule rule/> }).collect_view();
    let body = attempt.request_body.map(|body| {
        let about = format::bytes(Body::read(&body).bytes() as i64);
        view! { <CodeBlock title="Mapped body" about text=body/> }
    });
    view! {
        <div class="stack">
            <p class="hint">{format!("Version {version} of \u{201c}{route_name}\u{201d}{since}.")}</p>
            <table class="rules">
                <thead>
                    <tr>
                        <th scope="col">"In the body"</th>
                        <th scope="col">"From the payload"</th>
                    </tr>
                </thead>
                <tbody>{rules}</tbody>
            </table>
            {body}
        </div>
    }
    .into_any()
}

#[component]
fn Rule(rule: FieldRule) -> impl IntoView {
    let (kind, source) = match rule.source {
        FieldSource::Path { expression } => (None, expression),
        FieldSource::Template { template } => (Some("Template"), template),
        FieldSource::Constant { value } => (Some("Constant"), value.to_string()),
    };
    let missing = match (&rule.default, rule.required) {
        (Some(default), _) => Some(format!("else {default}")),
        (None, true) => Some("required".to_owned()),
        (None, false) => None,
    };
    view! {
        <tr>
            <th scope="row">{rule.target.to_string()}</th>
            <td>
                <code>{source}</code>
                {[kind.map(str::to_owned), missing]
                    .into_iter()
                    .flatten()
                    .map(|words| view! { " "<span class="hint">{words}</span> })
                    .collect_view()}
            </td>
        </tr>
    }
}
