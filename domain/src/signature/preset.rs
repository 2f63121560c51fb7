//! What is particular to each provider, as data: header names, signed strings, where its facts stand.
//!
//! Sources: GitHub "Validating webhook deliveries" and "Webhook events and payloads"; Stripe "Receive events in your
//! webhook endpoint" and "The Event object"; Shopify "Webhooks delivery structure"; Slack "Verifying requests from
//! Slack" and "Using the Events API"; the Standard Webhooks specification 1.0.0; Svix "Verifying payloads".

use std::borrow::Cow;

use super::hmac_scheme::{HmacScheme, SignatureEncoding, TimestampRule, TimestampUnit};
use super::request::HeaderName;
use super::scheme::VerificationScheme;
use super::source::Source;
use super::template::{Segment, SignedString};
use crate::text_enum;

pub(super) static AUTHORIZATION: HeaderName = HeaderName::known("authorization");
pub(super) static STRIPE_SIGNATURE: HeaderName = HeaderName::known("stripe-signature");

/// The three headers of Standard Webhooks under one family of names.
pub(super) struct StandardHeaders {
    pub id: HeaderName,
    pub timestamp: HeaderName,
    pub signature: HeaderName,
}

pub(super) static STANDARD_HEADERS: StandardHeaders = StandardHeaders {
    id: HeaderName::known("webhook-id"),
    timestamp: HeaderName::known("webhook-timestamp"),
    signature: HeaderName::known("webhook-signature"),
};

pub(super) static SVIX_HEADERS: StandardHeaders = StandardHeaders {
    id: HeaderName::known("svix-id"),
    timestamp: HeaderName::known("svix-timestamp"),
    signature: HeaderName::known("svix-signature"),
};

static SLACK_SIGNED: &[Segment] = &[literal("v0:"), Segment::Timestamp, literal(":"), Segment::Body];
pub(super) static STRIPE_SIGNED: &[Segment] = &[Segment::Timestamp, literal("."), Segment::Body];
pub(super) static STANDARD_SIGNED: &[Segment] =
    &[Segment::Id, literal("."), Segment::Timestamp, literal("."), Segment::Body];

const fn literal(text: &'static str) -> Segment {
    Segment::Literal(Cow::Borrowed(text))
}

pub(super) static GITHUB: HmacScheme = HmacScheme {
    header: HeaderName::known("x-hub-signature-256"),
    encoding: SignatureEncoding::Hex,
    prefix: Cow::Borrowed("sha256="),
    signed: SignedString::body_only(),
    timestamp: None,
    id_header: None,
};

pub(super) static SHOPIFY: HmacScheme = HmacScheme {
    header: HeaderName::known("x-shopify-hmac-sha256"),
    encoding: SignatureEncoding::Base64,
    prefix: Cow::Borrowed(""),
    signed: SignedString::body_only(),
    timestamp: None,
    id_header: None,
};

pub(super) static SLACK: HmacScheme = HmacScheme {
    header: HeaderName::known("x-slack-signature"),
    encoding: SignatureEncoding::Hex,
    prefix: Cow::Borrowed("v0="),
    signed: SignedString::known(SLACK_SIGNED),
    timestamp: Some(TimestampRule {
        header: HeaderName::known("x-slack-request-timestamp"),
        unit: TimestampUnit::Seconds,
    }),
    id_header: None,
};

text_enum! {
    /// A provider whose protocol is built in.
    Preset {
        /// github.com and GitHub Enterprise.
        Github = "github",
        /// Stripe.
        Stripe = "stripe",
        /// Shopify.
        Shopify = "shopify",
        /// Slack's Events API.
        Slack = "slack",
        /// Everyone who follows the Standard Webhooks specification, and Svix.
        StandardWebhooks = "standard_webhooks",
    }
}

/// A request such as a provider sends, for trying a receiver out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample<'a> {
    /// Its event type.
    pub event_type: &'a str,
    /// Its body, JSON.
    pub body: &'a str,
}

impl VerificationScheme {
    /// A small request in the form of the scheme's provider, or a plain one.
    pub const fn sample(&self) -> Sample<'static> {
        match self.preset() {
            Some(preset) => preset.sample(),
            None => Sample {
                event_type: "order.created",
                body: r#"{"id":"evt-1","type":"order.created","data":{"id":"order-1001","total":"49.00","currency":"EUR"}}"#,
            },
        }
    }
}

const fn header(name: &'static str) -> Source {
    Source::known_header(name)
}

const fn pointer(text: &'static str) -> Source {
    Source::known_pointer(text)
}

impl Preset {
    /// The scheme that verifies this provider.
    pub const fn scheme(self) -> VerificationScheme {
        match self {
            Self::Github => VerificationScheme::Github {},
            Self::Stripe => VerificationScheme::Stripe {},
            Self::Shopify => VerificationScheme::Shopify {},
            Self::Slack => VerificationScheme::Slack {},
            Self::StandardWebhooks => VerificationScheme::StandardWebhooks {},
        }
    }

    /// The provider's name as it writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Stripe => "Stripe",
            Self::Shopify => "Shopify",
            Self::Slack => "Slack",
            Self::StandardWebhooks => "Standard Webhooks",
        }
    }

    /// Where the event type stands; the first source that has a value wins. GitHub's and Shopify's are headers that
    /// their signature does not cover.
    pub fn event_type_source(self) -> &'static [Source] {
        match self {
            Self::Github => const { &[header("x-github-event")] },
            Self::Stripe => const { &[pointer("/type")] },
            Self::Shopify => const { &[header("x-shopify-topic")] },
            Self::Slack => const { &[pointer("/event/type"), pointer("/type")] },
            Self::StandardWebhooks => const { &[pointer("/type")] },
        }
    }

    /// Where the id stands that stays the same when the provider sends the same event again: the dedupe key.
    ///
    /// Shopify's webhook id comes before its event id, because one event can lead to webhooks of several topics,
    /// and taking those for duplicates would lose them.
    pub fn delivery_id_source(self) -> &'static [Source] {
        match self {
            Self::Github => const { &[header("x-github-delivery")] },
            Self::Stripe => const { &[pointer("/id")] },
            Self::Shopify => const { &[header("x-shopify-webhook-id"), header("x-shopify-event-id")] },
            Self::Slack => const { &[pointer("/event_id")] },
            Self::StandardWebhooks => const { &[header("webhook-id"), header("svix-id")] },
        }
    }

    /// Where the id of the thing that the event is about stands in the body. GitHub names the thing by its kind, so
    /// the most particular kinds come first.
    pub fn source_record_source(self) -> &'static [Source] {
        match self {
            Self::Github => {
                const {
                    &[
                        pointer("/comment/id"),
                        pointer("/review/id"),
                        pointer("/check_run/id"),
                        pointer("/check_suite/id"),
                        pointer("/workflow_job/id"),
                        pointer("/workflow_run/id"),
                        pointer("/deployment_status/id"),
                        pointer("/deployment/id"),
                        pointer("/release/id"),
                        pointer("/pull_request/id"),
                        pointer("/issue/id"),
                        pointer("/head_commit/id"),
                        pointer("/repository/id"),
                    ]
                }
            }
            Self::Stripe => const { &[pointer("/data/object/id")] },
            Self::Shopify => const { &[pointer("/id"), pointer("/admin_graphql_api_id")] },
            Self::Slack => {
                const { &[pointer("/event/client_msg_id"), pointer("/event/item/ts"), pointer("/event/event_ts")] }
            }
            Self::StandardWebhooks => const { &[pointer("/data/id")] },
        }
    }

    /// The headers, beside those of the signature, that a request of this provider has: its event type and its
    /// delivery id, where these are headers. For senders of samples.
    pub fn announcing_headers(self, event_type: &str, delivery_id: &str) -> Vec<(HeaderName, String)> {
        let values = [(self.event_type_source(), event_type), (self.delivery_id_source(), delivery_id)];
        values
            .into_iter()
            .filter_map(|(sources, value)| match sources.first()? {
                Source::Header { name } => Some((name.clone(), value.to_owned())),
                Source::Pointer { .. } => None,
            })
            // Standard Webhooks' id is signed and comes with the signature.
            .filter(|(name, _)| *name != STANDARD_HEADERS.id)
            .collect()
    }

    /// A small request in the provider's form.
    pub const fn sample(self) -> Sample<'static> {
        let (event_type, body) = match self {
            Self::Github => (
                "issues",
                r#"{"action":"opened","issue":{"id":73464126,"number":1347,"title":"Found a bug","state":"open"},"repository":{"id":1296269,"full_name":"octocat/hello-world"},"sender":{"login":"octocat","id":1}}"#,
            ),
            Self::Stripe => (
                "invoice.paid",
                r#"{"id":"evt_1QSample000000000000001","object":"event","type":"invoice.paid","created":1763798400,"livemode":false,"data":{"object":{"id":"in_1QSample000000000000001","object":"invoice","customer":"cus_Sample0001","amount_paid":4900,"currency":"eur","status":"paid"}}}"#,
            ),
            Self::Shopify => (
                "orders/create",
                r##"{"id":820982911946154508,"name":"#1001","email":"jon@example.com","currency":"EUR","total_price":"49.00","line_items":[{"id":866550311766439020,"title":"Socks","quantity":1,"price":"49.00"}]}"##,
            ),
            Self::Slack => (
                "message",
                r#"{"type":"event_callback","team_id":"T0001","api_app_id":"A0001","event_id":"Ev0000000001","event_time":1763798400,"event":{"type":"message","client_msg_id":"5e0c3a6e-6f0f-4ac2-9c3f-0a3c0d6f0001","channel":"C0001","user":"U0001","text":"Hello","ts":"1763798400.000100"}}"#,
            ),
            Self::StandardWebhooks => (
                "contact.created",
                r#"{"type":"contact.created","timestamp":"2026-11-22T08:00:00Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485","fullName":"Ada Lovelace","email":"ada@example.com"}}"#,
            ),
        };
        Sample { event_type, body }
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::RequestView;
    use super::super::source::read_sources;
    use super::*;

    #[test]
    fn the_facts_of_every_sample_are_found() {
        let expected = [
            (Preset::Github, "issues", "d-1", "73464126"),
            (Preset::Stripe, "invoice.paid", "evt_1QSample000000000000001", "in_1QSample000000000000001"),
            (Preset::Shopify, "orders/create", "d-1", "820982911946154508"),
            (Preset::Slack, "message", "Ev0000000001", "5e0c3a6e-6f0f-4ac2-9c3f-0a3c0d6f0001"),
            (Preset::StandardWebhooks, "contact.created", "d-1", "1f81eb52-5198-4599-803e-771906343485"),
        ];
        assert_eq!(expected.len(), Preset::ALL.len());
        for (preset, event_type, delivery_id, record_id) in expected {
            let sample = preset.sample();
            assert_eq!(sample.event_type, event_type);
            let mut headers: Vec<(String, String)> = preset
                .announcing_headers(sample.event_type, "d-1")
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect();
            if preset == Preset::StandardWebhooks {
                headers.push(("svix-id".into(), "d-1".into()));
            }
            let request = RequestView { headers: &headers, body: sample.body.as_bytes() };
            let sources =
                [preset.event_type_source(), preset.delivery_id_source(), preset.source_record_source()];
            let found = read_sources(&request, sources).unwrap();
            assert_eq!(
                found,
                [event_type, delivery_id, record_id].map(|text| Some(text.to_owned())),
                "{preset}"
            );
            assert_eq!(preset.scheme().preset(), Some(preset));
        }
    }

    #[test]
    fn presets_that_are_generic_schemes_could_be_written_as_such() {
        use super::super::hmac_scheme::HmacSettings;
        for scheme in [GITHUB.clone(), SHOPIFY.clone(), SLACK.clone()] {
            let settings = HmacSettings::from(scheme.clone());
            assert_eq!(HmacScheme::try_from(settings), Ok(scheme));
        }
    }
}
