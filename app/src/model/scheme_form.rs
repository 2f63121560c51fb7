//! A verification scheme as its form holds it.
//!
//! The form keeps the fields of every scheme, so that switching back and forth loses nothing; only those of the
//! chosen kind count.

use domain::error::FieldProblem;
use domain::signature::{
    BasicUsername, HeaderName, HmacScheme, HmacSettings, SchemeKind, SignatureEncoding, SignedString,
    TimestampRule, TimestampUnit, VerificationScheme,
};

use super::connector_form::sentence;

/// The fields of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeForm {
    /// Which scheme.
    pub kind: SchemeKind,
    /// The header of the signature or of the key.
    pub header: String,
    /// How the signature is written.
    pub encoding: SignatureEncoding,
    /// What stands before it.
    pub prefix: String,
    /// What is signed.
    pub signed: String,
    /// The header of the timestamp.
    pub timestamp_header: String,
    /// What the timestamp counts.
    pub timestamp_unit: TimestampUnit,
    /// The header of the id.
    pub id_header: String,
    /// The user name of basic authentication.
    pub username: String,
}

impl Default for SchemeForm {
    fn default() -> Self {
        Self {
            kind: SchemeKind::HmacSha256,
            header: "x-signature".into(),
            encoding: SignatureEncoding::Hex,
            prefix: String::new(),
            signed: "{body}".into(),
            timestamp_header: String::new(),
            timestamp_unit: TimestampUnit::Seconds,
            id_header: String::new(),
            username: String::new(),
        }
    }
}

impl SchemeForm {
    /// The form of a chosen kind, everything else as proposed.
    pub fn of_kind(kind: SchemeKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// The form of a scheme.
    pub fn of(scheme: &VerificationScheme) -> Self {
        let mut form = Self::of_kind(scheme.kind());
        match scheme {
            VerificationScheme::HmacSha256(hmac) => {
                let settings = HmacSettings::from(hmac.clone());
                form.header = settings.header.to_string();
                form.encoding = settings.encoding;
                form.prefix = settings.prefix;
                form.signed = settings.signed.to_string();
                if let Some(rule) = settings.timestamp {
                    form.timestamp_header = rule.header.to_string();
                    form.timestamp_unit = rule.unit;
                }
                form.id_header = settings.id_header.map(String::from).unwrap_or_default();
            }
            VerificationScheme::ApiKey { header } => form.header = header.to_string(),
            VerificationScheme::Basic { username } => form.username = username.as_str().to_owned(),
            VerificationScheme::None {}
            | VerificationScheme::Bearer {}
            | VerificationScheme::Github {}
            | VerificationScheme::Stripe {}
            | VerificationScheme::Shopify {}
            | VerificationScheme::Slack {}
            | VerificationScheme::StandardWebhooks {} => {}
        }
        form
    }

    /// Whether the scheme signs a timestamp, so that the window means something.
    pub fn has_window(&self) -> bool {
        match self.kind {
            SchemeKind::Stripe | SchemeKind::Slack | SchemeKind::StandardWebhooks => true,
            SchemeKind::HmacSha256 => self.signs_timestamp(),
            _ => false,
        }
    }

    /// Whether the signed text of the generic scheme holds a timestamp.
    pub fn signs_timestamp(&self) -> bool {
        self.signed.contains("{timestamp}")
    }

    /// Whether the signed text of the generic scheme holds an id.
    pub fn signs_id(&self) -> bool {
        self.signed.contains("{id}")
    }

    /// The scheme.
    ///
    /// # Errors
    /// The fields at fault, under `/scheme`.
    pub fn scheme(&self) -> Result<VerificationScheme, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let scheme = match self.kind {
            SchemeKind::None => Some(VerificationScheme::None {}),
            SchemeKind::Bearer => Some(VerificationScheme::Bearer {}),
            SchemeKind::Github => Some(VerificationScheme::Github {}),
            SchemeKind::Shopify => Some(VerificationScheme::Shopify {}),
            SchemeKind::ApiKey => problems
                .take("header", self.header.trim().parse::<HeaderName>())
                .map(|header| VerificationScheme::ApiKey { header }),
            SchemeKind::Basic => problems
                .take("username", self.username.parse::<BasicUsername>())
                .map(|username| VerificationScheme::Basic { username }),
            SchemeKind::Stripe => Some(VerificationScheme::Stripe {}),
            SchemeKind::Slack => Some(VerificationScheme::Slack {}),
            SchemeKind::StandardWebhooks => Some(VerificationScheme::StandardWebhooks {}),
            SchemeKind::HmacSha256 => self.hmac(&mut problems).map(VerificationScheme::HmacSha256),
        };
        scheme.ok_or(problems.0)
    }

    fn hmac(&self, problems: &mut Problems) -> Option<HmacScheme> {
        let header = problems.take("header", self.header.trim().parse::<HeaderName>());
        let signed = problems.take("signed", self.signed.parse::<SignedString>());
        let timestamp = if self.signs_timestamp() {
            let header = problems.take("timestamp/header", self.timestamp_header.trim().parse());
            Some(TimestampRule { header: header?, unit: self.timestamp_unit })
        } else {
            None
        };
        let id_header = if self.signs_id() {
            Some(problems.take("id_header", self.id_header.trim().parse::<HeaderName>())?)
        } else {
            None
        };
        let settings = HmacSettings {
            header: header?,
            encoding: self.encoding,
            prefix: self.prefix.clone(),
            signed: signed?,
            timestamp,
            id_header,
        };
        problems.take("header", HmacScheme::try_from(settings))
    }
}

/// What is wrong, collected field by field.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn take<T, E: std::fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        let problem = |error: E| FieldProblem {
            pointer: format!("/scheme/{field}"),
            detail: sentence(&error.to_string()),
        };
        result.map_err(|error| self.0.push(problem(error))).ok()
    }
}

/// Whether it is a provider's own scheme, which knows where the facts of an event stand.
pub fn is_preset(kind: SchemeKind) -> bool {
    match kind {
        SchemeKind::Github
        | SchemeKind::Stripe
        | SchemeKind::Shopify
        | SchemeKind::Slack
        | SchemeKind::StandardWebhooks => true,
        SchemeKind::HmacSha256
        | SchemeKind::Bearer
        | SchemeKind::ApiKey
        | SchemeKind::Basic
        | SchemeKind::None => false,
    }
}

/// The scheme's name for people.
pub fn scheme_name(kind: SchemeKind) -> &'static str {
    match kind {
        SchemeKind::Github => "GitHub",
        SchemeKind::Stripe => "Stripe",
        SchemeKind::Shopify => "Shopify",
        SchemeKind::Slack => "Slack",
        SchemeKind::StandardWebhooks => "Standard Webhooks",
        SchemeKind::HmacSha256 => "HMAC-SHA256",
        SchemeKind::Bearer => "Bearer token",
        SchemeKind::ApiKey => "API key header",
        SchemeKind::Basic => "Basic",
        SchemeKind::None => "None",
    }
}

/// What the scheme checks, in one line.
pub fn scheme_hint(kind: SchemeKind) -> &'static str {
    match kind {
        SchemeKind::Github => "X-Hub-Signature-256 over the body",
        SchemeKind::Stripe => "Stripe-Signature over time and body",
        SchemeKind::Shopify => "X-Shopify-Hmac-Sha256 over the body",
        SchemeKind::Slack => "X-Slack-Signature over time and body; answers Slack's URL check",
        SchemeKind::StandardWebhooks => "webhook-signature over id, time and body; also Svix's header names",
        SchemeKind::HmacSha256 => "A signature in a header of the sender's choice",
        SchemeKind::Bearer => "Authorization: Bearer, then the secret",
        SchemeKind::ApiKey => "The secret itself in a header",
        SchemeKind::Basic => "Authorization: Basic; the secret is the password",
        SchemeKind::None => "Anyone who knows the URL can send. Sandbox only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(form: &SchemeForm) -> Vec<String> {
        form.scheme().unwrap_err().into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn every_kind_survives_the_form() {
        for kind in SchemeKind::ALL {
            let form = SchemeForm { username: "hook".into(), ..SchemeForm::of_kind(*kind) };
            let scheme = form.scheme().unwrap();
            assert_eq!(scheme.kind(), *kind);
            assert_eq!(is_preset(*kind), scheme.preset().is_some(), "{kind:?}");
            assert_eq!(SchemeForm::of(&scheme).scheme(), Ok(scheme));
        }
    }

    #[test]
    fn the_generic_scheme_keeps_all_its_settings() {
        let form = SchemeForm {
            header: "X-Ms-Signature".into(),
            encoding: SignatureEncoding::Base64,
            prefix: "v1=".into(),
            signed: "{id}.{timestamp}.{body}".into(),
            timestamp_header: "x-time".into(),
            timestamp_unit: TimestampUnit::Millis,
            id_header: "x-id".into(),
            ..Default::default()
        };
        let scheme = form.scheme().unwrap();
        let again = SchemeForm::of(&scheme);
        assert_eq!(again, SchemeForm { header: "x-ms-signature".into(), ..form });
    }

    #[test]
    fn what_is_missing_is_said_by_pointer() {
        let form =
            SchemeForm { header: " ".into(), signed: "{timestamp}.{id}.{body}".into(), ..Default::default() };
        assert_eq!(pointers(&form), ["/scheme/header", "/scheme/timestamp/header"]);
        assert_eq!(
            pointers(&SchemeForm { signed: "{time}".into(), ..Default::default() }),
            ["/scheme/signed"]
        );
        assert_eq!(pointers(&SchemeForm::of_kind(SchemeKind::Basic)), ["/scheme/username"]);
    }
}
