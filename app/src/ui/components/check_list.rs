//! What verification looked at.

use domain::event::{CheckLine, SchemaVerdict};
use leptos::prelude::*;

use super::icon::Icon;

/// One line per check, and one for the schema when it was looked at.
#[component]
pub fn CheckList(
    /// The checks.
    checks: Vec<CheckLine>,
    /// What the schema said.
    schema: SchemaVerdict,
) -> impl IntoView {
    let schema = match schema {
        SchemaVerdict::NotChecked => None,
        SchemaVerdict::Valid => Some(line("pass", "Schema", "fits".into())),
        SchemaVerdict::Violated => {
            Some(line("warn", "Schema", "does not fit; mode observe: accepted and marked".into()))
        }
    };
    let lines = checks.into_iter().map(|check| {
        let result = if check.passed { "pass" } else { "fail" };
        line(result, check.name, check.detail)
    });
    view! { <ul class="checks">{lines.collect_view()}{schema}</ul> }
}

fn line(result: &'static str, name: impl Into<String>, detail: String) -> impl IntoView {
    let icon = match result {
        "pass" => "st-delivered",
        "warn" => "alert",
        _ => "st-failed",
    };
    view! { <li data-result=result><Icon name=icon/><b>{name.into()}</b><small>{detail}</small></li> }
}
