//! What one attempt sent and what came back: address, headers, bodies, and why it ended as it did.

use domain::connector::Header;
use domain::delivery::{Attempt, ErrorClass};
use domain::time::Timestamp;
use leptos::prelude::*;

use super::code_block::CodeBlock;
use super::icon::Icon;
use crate::model::body::{Body, Sent, sent};
use crate::model::format;
use crate::ui::clock::use_clock;
use crate::ui::zone::use_zone;

/// The inside of an attempt.
#[component]
pub fn AttemptBody(
    /// The attempt.
    attempt: Attempt,
    /// From then on its bodies are not kept.
    expires_at: Timestamp,
) -> impl IntoView {
    let clock = use_clock();
    let zone = use_zone();
    let started_at = attempt.started_at;
    let expired = Memo::new(move |_| expires_at <= clock.get());
    // That the destination refused it is in the line above already.
    let says_more = !attempt.succeeded && attempt.error_class != Some(ErrorClass::Http);
    let error = attempt.error.clone().filter(|_| says_more).map(|error| {
        view! { <p class="error"><Icon name="alert" size="sm"/>{error}</p> }
    });
    let address = attempt.url.starts_with("http").then(|| {
        let address = attempt.remote_addr.clone().unwrap_or_else(|| "none: it was not connected".into());
        view! { <dt>"Address"</dt> <dd class="mono">{address}</dd> }
    });
    // What is looked at least stands last.
    let answer_headers = (!attempt.response_headers.is_empty()).then(|| {
        let (about, text) = (attempt.response_headers.len().to_string(), lines(&attempt.response_headers));
        view! { <CodeBlock title="Response headers" about text/> }
    });
    view! {
        <div class="attempt-body">
            {error}
            <dl class="kv">
                <dt>"Began"</dt>
                <dd title=format::exact(started_at)>{move || format::moment(started_at, zone.get())}</dd>
                {address}
            </dl>
            <Answer attempt=attempt.clone() expired/>
            <Request attempt=attempt.clone() expired expires_at/>
            {answer_headers}
        </div>
    }
}

fn lines(headers: &[Header]) -> String {
    let lines: Vec<_> = headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect();
    lines.join("\n")
}

fn block(title: &'static str, about: String, body: &str) -> AnyView {
    match Body::read(body) {
        Body::Text(text) => view! { <CodeBlock title about text/> }.into_any(),
        Body::Base64(text) => view! { <CodeBlock title about text base64=true/> }.into_any(),
    }
}

#[component]
fn Answer(attempt: Attempt, expired: Memo<bool>) -> impl IntoView {
    let headers = &attempt.response_headers;
    let kind = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"));
    let kind = kind.map_or("no content type", |header| header.value.as_str()).to_owned();
    match attempt.response_body.clone() {
        Some(body) => {
            let cut = if attempt.response_truncated { ", the rest was not kept" } else { "" };
            let size = format::bytes(Body::read(&body).bytes() as i64);
            Some(block("Response", format!("{kind}, {size}{cut}"), &body))
        }
        None if attempt.response_code.is_some() => {
            let words = move || {
                if expired.get() {
                    "The response's body is not kept any more."
                } else {
                    "The response has no body."
                }
            };
            Some(view! { <p class="hint">{words}</p> }.into_any())
        }
        None => None,
    }
}

#[component]
fn Request(attempt: Attempt, expired: Memo<bool>, expires_at: Timestamp) -> impl IntoView {
    let zone = use_zone();
    let headers = &attempt.request_headers;
    let mut request = format!("{} {}", attempt.method, attempt.url);
    if !headers.is_empty() {
        request = format!("{request}\n{}", lines(headers));
    }
    let is_record = !attempt.url.starts_with("http");
    let stored = StoredValue::new(attempt.clone());
    let body = move || {
        stored.with_value(|attempt| match (sent(attempt, expired.get()), attempt.request_body.as_deref()) {
            (Sent::Own, body) => {
                let body = body.unwrap_or_default();
                let size = format::bytes(Body::read(body).bytes() as i64);
                let version = attempt.mapping_version.map(|version| format!("mapping v{version}, "));
                block("Body sent", format!("{}{size}", version.unwrap_or_default()), body)
            }
            (Sent::Payload, _) if is_record => hint("The record is the payload, byte for byte."),
            (Sent::Payload, _) => hint("The body sent is the payload, byte for byte."),
            (Sent::PayloadPerhaps, _) => {
                hint("The body is the payload, byte for byte; whether all of it arrived is not known.")
            }
            (Sent::Nothing, _) => hint("No body was sent: it ended before."),
            (Sent::Expired, _) => hint(format!(
                "The body sent is not kept any more, since {}.",
                format::day_time(expires_at, zone.get())
            )),
        })
    };
    let about = attempt.method.clone();
    view! { <CodeBlock title="Request" about text=request/> {body} }
}

fn hint(words: impl Into<String>) -> AnyView {
    let words: String = words.into();
    view! { <p class="hint">{words}</p> }.into_any()
}
