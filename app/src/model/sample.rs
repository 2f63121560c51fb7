//! A sample that a receiver takes, and ready-made commands that sign it and send it.
//!
//! No command holds a secret: each reads the shell variable `SECRET`. The console's own sample is signed by the server.

use domain::connector::Header;
use domain::event::EventTypePattern;
use domain::rejection::RejectionReason;
use domain::sample::{SampleOutcome, SampleRequest};
use domain::signature::{JsonPointer, Sample, SchemeKind, Source, VerificationScheme, curl_sample};

use super::query::OpenRow;
use super::receiver_form::{ReceiverForm, SourceForm, SourcePlace};

/// A sample that a receiver takes, and the commands that send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleCommands {
    /// Its event type.
    pub event_type: String,
    /// For a POSIX shell with `curl` and `openssl`.
    pub curl: String,
    /// For whoever has the `signalbox` binary.
    pub signalbox: String,
    /// Whether the commands read `SECRET`.
    pub needs_secret: bool,
}

/// What the commands do, in a few words: not every scheme signs.
pub fn sample_title(kind: SchemeKind) -> &'static str {
    match kind {
        SchemeKind::None => "Send an unsigned sample",
        SchemeKind::Bearer | SchemeKind::ApiKey => "Send a sample with the secret",
        SchemeKind::Basic => "Send a sample with the password",
        SchemeKind::HmacSha256
        | SchemeKind::Github
        | SchemeKind::Stripe
        | SchemeKind::Shopify
        | SchemeKind::Slack
        | SchemeKind::StandardWebhooks => "Send a signed sample",
    }
}

/// What the button that sends it from the console says.
pub fn send_label(kind: SchemeKind) -> &'static str {
    if sample_title(kind).contains(" signed ") { "Sign and send sample" } else { "Send sample" }
}

/// A sample for a receiver as its form stands; `None` while its verification makes no sense.
pub fn sample_request(form: &ReceiverForm) -> Option<SampleRequest> {
    let scheme = form.scheme.scheme().ok()?;
    let plain = scheme.sample();
    let event_type = event_type_for(&form.event_type, plain.event_type);
    let mut body: serde_json::Value = serde_json::from_str(plain.body).ok()?;
    let mut headers = Vec::new();

    // Presets of body-borne types say where: the sample's own type stands there already.
    if event_type != plain.event_type
        && let Some(preset) = scheme.preset()
    {
        for source in preset.event_type_source() {
            if let Source::Pointer { pointer } = source {
                replace(&mut body, pointer, &event_type);
            }
        }
    }
    let facts = [
        (&form.event_type_source, event_type.as_str()),
        (&form.record_source, "record-1"),
        (&form.delivery_source, "sample-1"),
    ];
    for (source, value) in facts {
        match source {
            SourceForm { place: SourcePlace::Preset, .. } => {}
            SourceForm { place: SourcePlace::Header, text } => {
                headers.push(Header::new(text.trim().to_ascii_lowercase(), value));
            }
            SourceForm { place: SourcePlace::Pointer, text } => {
                if let Ok(pointer) = text.trim().parse() {
                    write(&mut body, &pointer, value);
                }
            }
        }
    }
    let body = if body_is_unchanged(&body, plain.body) { plain.body.to_owned() } else { body.to_string() };
    Some(SampleRequest { event_type, body, headers })
}

/// The commands that send a receiver's sample; `None` while its verification makes no sense.
pub fn sample_commands(form: &ReceiverForm, url: &str) -> Option<SampleCommands> {
    let scheme = form.scheme.scheme().ok()?;
    let SampleRequest { event_type, body, headers } = sample_request(form)?;
    let sample = Sample { event_type: &event_type, body: &body };
    Some(SampleCommands {
        curl: with_headers(&curl_sample(&scheme, url, &sample), &headers),
        signalbox: signalbox_send(&scheme, url, &sample, &headers),
        needs_secret: scheme.requires_secret(),
        event_type,
    })
}

/// What became of a sample: its status and icon, a word for it, and a sentence.
pub fn outcome_words(outcome: &SampleOutcome) -> (&'static str, &'static str, &'static str, String) {
    match outcome {
        SampleOutcome::Accepted { duplicate: false, event_id, .. } => {
            ("delivered", "st-delivered", "Accepted", format!("202, it is event {event_id}"))
        }
        SampleOutcome::Accepted { duplicate: true, event_id, .. } => {
            let words = format!(
                "200, by its id the same as event {event_id}: nothing was created. Change the body to make another"
            );
            ("received", "st-received", "Known already", words)
        }
        SampleOutcome::Answered => {
            ("delivered", "st-delivered", "Answered", "200, a question whether anybody is here".into())
        }
        SampleOutcome::Refused { status, reason, detail, .. } => {
            ("rejected", "st-rejected", "Rejected", format!("{status}, {}. {detail}", title_of(*reason)))
        }
    }
}

fn title_of(reason: RejectionReason) -> String {
    let mut title = reason.title().to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    title
}

/// Where its row is.
pub fn outcome_row(outcome: &SampleOutcome) -> Option<OpenRow> {
    match outcome {
        SampleOutcome::Accepted { delivery_id, .. } => delivery_id.clone().map(OpenRow::Delivery),
        SampleOutcome::Refused { rejection_id, .. } => rejection_id.clone().map(OpenRow::Rejection),
        SampleOutcome::Answered => None,
    }
}

/// An event type that the receiver takes: the sample's when it fits, else one made from the pattern.
fn event_type_for(pattern: &str, proposed: &str) -> String {
    let Ok(pattern) = pattern.trim().parse::<EventTypePattern>() else { return proposed.to_owned() };
    match (pattern.exact(), proposed.parse()) {
        (Some(exact), _) => exact.to_string(),
        (None, Ok(event_type)) if pattern.matches(&event_type) => proposed.to_owned(),
        _ => pattern.as_str().replace('*', "sample"),
    }
}

fn body_is_unchanged(body: &serde_json::Value, original: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(original).is_ok_and(|original| original == *body)
}

/// Overwrites what stands under the pointer, if anything does.
fn replace(body: &mut serde_json::Value, pointer: &JsonPointer, value: &str) {
    if let Some(place) = body.pointer_mut(pointer.as_str()) {
        *place = value.into();
    }
}

/// Writes under the pointer, making objects on the way; what stands in the way is replaced.
fn write(body: &mut serde_json::Value, pointer: &JsonPointer, value: &str) {
    let mut place = body;
    for token in pointer.as_str().split('/').skip(1) {
        let key = token.replace("~1", "/").replace("~0", "~");
        if !place.is_object() {
            *place = serde_json::json!({});
        }
        let serde_json::Value::Object(object) = place else { return };
        place = object.entry(key).or_insert(serde_json::Value::Null);
    }
    *place = value.into();
}

/// Adds headers to a line of [`curl_sample`], before the body's.
fn with_headers(curl: &str, headers: &[Header]) -> String {
    const BODY: &str = " --data-binary @- ";
    let Some((before, after)) = curl.rsplit_once(BODY) else { return curl.to_owned() };
    let added: String = headers.iter().map(|header| format!(" -H {}", quote(&line_of(header)))).collect();
    format!("{before}{added}{BODY}{after}")
}

/// `signalbox send` knows the event type of the scheme's own sample: another one is written.
fn signalbox_send(scheme: &VerificationScheme, url: &str, sample: &Sample<'_>, headers: &[Header]) -> String {
    let mut words = vec![format!("signalbox send {}", quote(url))];
    let json = match scheme {
        // A scheme with settings travels as the same JSON that the API takes.
        VerificationScheme::HmacSha256(_)
        | VerificationScheme::ApiKey { .. }
        | VerificationScheme::Basic { .. } => serde_json::to_string(scheme).ok(),
        _ => None,
    };
    words.push(format!("--scheme {}", quote(json.as_deref().unwrap_or(scheme.kind().as_str()))));
    let plain = scheme.sample();
    if sample.event_type != plain.event_type {
        words.push(format!("--event-type {}", quote(sample.event_type)));
    }
    for header in headers {
        words.push(format!("--header {}", quote(&line_of(header))));
    }
    // Always, so that a person sees what is sent and can change it.
    words.push(format!("--body {}", quote(sample.body)));
    // Hands the shell's variable on, whether it was exported or not.
    let secret = if scheme.requires_secret() { "SECRET=\"$SECRET\" " } else { "" };
    format!("{secret}{}", words.join(" \\\n  "))
}

fn line_of(header: &Header) -> String {
    format!("{}: {}", header.name, header.value)
}

/// A shell word that is `text` and nothing else; bare when it needs no quotes.
fn quote(text: &str) -> String {
    let bare = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | ',')
    };
    if !text.is_empty() && text.chars().all(bare) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    const URL: &str = "http://127.0.0.1:7700/api/v1/integration/webhooks/github/receive";

    #[test]
    fn a_preset_sends_its_own_sample() {
        let commands = sample_commands(&ReceiverForm::blank(SchemeKind::Github), URL).unwrap();
        assert_eq!(commands.event_type, "issues");
        assert!(
            commands.curl.contains("x-hub-signature-256: ") && commands.curl.contains("x-github-event: ")
        );
        assert!(commands.curl.contains("$SECRET") && commands.needs_secret);
        assert!(commands.signalbox.starts_with("SECRET=\"$SECRET\" signalbox send http://127.0.0.1:7700/"));
    }

    #[test]
    fn the_sample_fits_the_receivers_event_type() {
        let mut form = ReceiverForm::blank(SchemeKind::Stripe);
        form.event_type = "charge.*".into();
        let commands = sample_commands(&form, URL).unwrap();
        assert_eq!(commands.event_type, "charge.sample");
        assert!(commands.curl.contains(r#""type":"charge.sample""#));
        form.event_type = "invoice.*".into();
        assert_eq!(sample_commands(&form, URL).unwrap().event_type, "invoice.paid");
    }

    #[test]
    fn facts_stand_where_the_receiver_looks_for_them() {
        let mut form = ReceiverForm::blank(SchemeKind::ApiKey);
        form.event_type_source = SourceForm { place: SourcePlace::Header, text: "X-Event".into() };
        form.record_source = SourceForm { place: SourcePlace::Pointer, text: "/meta/a~1b".into() };
        let commands = sample_commands(&form, URL).unwrap();
        assert!(
            commands.curl.contains(" -H 'x-event: order.created' --data-binary @- "),
            "{}",
            commands.curl
        );
        assert!(commands.curl.contains(r#""meta":{"a/b":"record-1"}"#));
        assert!(commands.signalbox.contains("--header 'x-event: order.created'"));
    }

    #[test]
    fn no_scheme_needs_no_secret_and_nonsense_has_no_sample() {
        let commands = sample_commands(&ReceiverForm::blank(SchemeKind::None), URL).unwrap();
        assert!(!commands.needs_secret && !commands.curl.contains("SECRET"));
        assert_eq!(sample_commands(&ReceiverForm::blank(SchemeKind::Basic), URL), None);
    }

    /// Whoever signs makes a signature on the way, whoever does not says so.
    #[test]
    fn the_title_says_what_the_command_does() {
        for kind in SchemeKind::ALL {
            let mut form = ReceiverForm::blank(*kind);
            form.scheme.username = "hook".into();
            let commands = sample_commands(&form, URL).unwrap();
            assert_eq!(
                sample_title(*kind).contains(" signed "),
                commands.curl.contains("openssl dgst"),
                "{kind:?}"
            );
            assert_eq!(sample_title(*kind).contains("unsigned"), !commands.needs_secret, "{kind:?}");
        }
    }

    #[test]
    fn outcomes_have_their_words_and_rows() {
        use domain::id::{DeliveryId, EventId, RejectionId};
        let now = domain::time::Timestamp(0);
        let (event_id, delivery) = (EventId::new(now), DeliveryId::new(now));
        let accepted = |duplicate| SampleOutcome::Accepted {
            event_id: event_id.clone(),
            delivery_id: Some(delivery.clone()),
            duplicate,
            checks: Vec::new(),
            schema_verdict: domain::event::SchemaVerdict::NotChecked,
        };
        assert_eq!(outcome_words(&accepted(false)).2, "Accepted");
        assert_eq!(outcome_words(&accepted(true)).2, "Known already");
        assert_eq!(outcome_row(&accepted(false)), Some(OpenRow::Delivery(delivery.clone())));
        let id = RejectionId::new(now);
        let refused = SampleOutcome::Refused {
            rejection_id: Some(id.clone()),
            status: 401,
            reason: RejectionReason::SignatureMismatch,
            detail: "Check the secret.".into(),
        };
        assert_eq!(outcome_words(&refused).3, "401, signature wrong. Check the secret.");
        assert_eq!(outcome_row(&refused), Some(OpenRow::Rejection(id)));
        assert_eq!(outcome_row(&SampleOutcome::Answered), None);
    }

    #[test]
    fn shell_words_hold_everything() {
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("orders/create"), "orders/create");
    }
}
