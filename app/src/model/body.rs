//! The body of a request or an answer, as attempts carry it: text, or base64 behind `base64:`.

use domain::delivery::{Attempt, ErrorClass};

/// A body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// Text.
    Text(&'a str),
    /// Bytes that are no text, in base64.
    Base64(&'a str),
}

impl<'a> Body<'a> {
    /// Reads what an attempt carries.
    pub fn read(body: &'a str) -> Self {
        body.strip_prefix("base64:").map_or(Self::Text(body), Self::Base64)
    }

    /// How many bytes it has.
    pub fn bytes(self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Base64(code) => {
                code.len() / 4 * 3 - code.bytes().rev().take_while(|letter| *letter == b'=').count()
            }
        }
    }
}

/// What an attempt sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A body of its own.
    Own,
    /// The payload, byte for byte.
    Payload,
    /// The payload, byte for byte; whether all of it arrived is not known.
    PayloadPerhaps,
    /// Nothing: it ended before.
    Nothing,
    /// It is not kept any more.
    Expired,
}

/// What `attempt` sent; `expired` once its bodies are not kept any more.
pub fn sent(attempt: &Attempt, expired: bool) -> Sent {
    use ErrorClass as E;
    if attempt.request_body.is_some() {
        return Sent::Own;
    }
    match attempt.error_class.filter(|_| !attempt.succeeded) {
        Some(E::Dns | E::Connect | E::Tls | E::Blocked | E::Mapping | E::Expired | E::Configuration) => {
            Sent::Nothing
        }
        // Its route may have had a mapping.
        _ if expired && attempt.mapping_version.is_some() => Sent::Expired,
        Some(E::Timeout | E::Reset | E::Interrupted | E::Protocol) => Sent::PayloadPerhaps,
        Some(E::Http) | None => Sent::Payload,
    }
}

/// The name of a file for a body of this type: what a program would open it with.
pub fn file_ending(content_type: &str) -> &'static str {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => "json",
        "application/xml" | "text/xml" => "xml",
        "text/csv" => "csv",
        "text/html" => "html",
        kind if kind.ends_with("+json") => "json",
        kind if kind.ends_with("+xml") => "xml",
        kind if kind.starts_with("text/") => "txt",
        "application/x-www-form-urlencoded" => "txt",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{AttemptId, DeliveryId};
    use domain::time::Timestamp;

    use super::*;

    fn attempt(error_class: Option<ErrorClass>, mapping_version: Option<i64>, body: Option<&str>) -> Attempt {
        Attempt {
            id: AttemptId::new(Timestamp(0)),
            delivery_id: DeliveryId::new(Timestamp(0)),
            number: 1,
            started_at: Timestamp(0),
            duration_us: 0,
            succeeded: error_class.is_none(),
            response_code: None,
            error_class,
            error: None,
            method: "POST".into(),
            url: "https://example.com".into(),
            remote_addr: None,
            request_headers: Vec::new(),
            request_body: body.map(Into::into),
            response_headers: Vec::new(),
            response_body: None,
            response_truncated: false,
            mapping_version,
        }
    }

    #[test]
    fn bodies_know_their_size() {
        assert_eq!(Body::read("é").bytes(), 2);
        assert_eq!(Body::read("base64:"), Body::Base64(""));
        assert_eq!(
            ["base64:", "base64:/w==", "base64://8=", "base64:////"].map(|b| Body::read(b).bytes()),
            [0, 1, 2, 3]
        );
    }

    #[test]
    fn it_is_said_what_was_sent() {
        let said = |error, version, body, expired| sent(&attempt(error, version, body), expired);
        assert_eq!(said(None, None, None, false), Sent::Payload);
        assert_eq!(said(None, None, None, true), Sent::Payload, "without a route nothing is mapped");
        assert_eq!(said(Some(ErrorClass::Http), Some(3), None, false), Sent::Payload);
        assert_eq!(said(Some(ErrorClass::Http), Some(3), None, true), Sent::Expired);
        assert_eq!(said(Some(ErrorClass::Timeout), None, None, false), Sent::PayloadPerhaps);
        assert_eq!(said(Some(ErrorClass::Dns), None, None, true), Sent::Nothing);
        assert_eq!(said(Some(ErrorClass::Mapping), Some(3), None, false), Sent::Nothing);
        assert_eq!(said(None, Some(3), Some("{}"), false), Sent::Own);
    }

    #[test]
    fn files_end_as_their_type_says() {
        let types =
            ["application/json; charset=utf-8", "application/problem+json", "text/xml", "text/plain", "x"];
        assert_eq!(types.map(file_ending), ["json", "json", "xml", "txt", "bin"]);
    }
}
