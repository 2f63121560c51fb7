//! What verification found, in a form an operator can read and a store can keep; no secret material.

use super::request::HeaderName;
use crate::event::CheckLine;
use crate::text_enum;
use crate::time::Timestamp;

/// A request that passed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verified {
    /// Which of the given secrets matched; absent for the scheme `none` only.
    pub secret_index: Option<usize>,
    /// The signed timestamp, where the scheme has one.
    pub timestamp: Option<Timestamp>,
    /// What was checked, in order.
    pub checks: Vec<Check>,
}

/// One thing that was checked. A value, not text: words are made ([`CheckLine`] `::from`) when someone looks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Check {
    /// Nothing was: the scheme is `none`.
    Unverified,
    /// The header with the signature or credential was found, once.
    Header {
        /// Its name.
        name: HeaderName,
    },
    /// How the proof works.
    Algorithm {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The signed timestamp is within its window.
    Timestamp {
        /// Seconds from the timestamp to the moment of verification; negative when it lay in the future.
        age_seconds: i64,
        /// The allowed distance in seconds.
        window_seconds: i64,
    },
    /// A secret matched.
    Secret {
        /// Which.
        slot: SecretSlot,
    },
}

text_enum! {
    /// How a request proves that its sender knows the secret.
    Algorithm {
        /// A keyed hash over what is signed.
        HmacSha256 = "hmac_sha256",
        /// The secret itself, as a bearer token.
        Bearer = "bearer",
        /// The secret itself, in a header of its own.
        ApiKey = "api_key",
        /// The secret itself, as a password.
        Basic = "basic",
    }
}

text_enum! {
    /// Which of a receiver's secrets.
    SecretSlot {
        /// The first one.
        Current = "current",
        /// One that is being rotated out.
        Previous = "previous",
    }
}

impl SecretSlot {
    pub(super) const fn of(index: usize) -> Self {
        if index == 0 { Self::Current } else { Self::Previous }
    }
}

impl From<&Check> for CheckLine {
    fn from(check: &Check) -> Self {
        let (name, detail) = match check {
            Check::Unverified => ("Verification", "None: the receiver accepts anyone".to_owned()),
            Check::Header { name } => ("Header", format!("{name} found")),
            Check::Algorithm { algorithm } => (
                "Proof",
                match algorithm {
                    Algorithm::HmacSha256 => "HMAC-SHA256 signature matches",
                    Algorithm::Bearer => "Bearer token matches",
                    Algorithm::ApiKey => "API key matches",
                    Algorithm::Basic => "User name and password match",
                }
                .to_owned(),
            ),
            Check::Timestamp { age_seconds, window_seconds } if *age_seconds < 0 => (
                "Timestamp",
                format!("Signed {} s in the future, {window_seconds} s allowed", age_seconds.unsigned_abs()),
            ),
            Check::Timestamp { age_seconds, window_seconds } => {
                ("Timestamp", format!("Signed {age_seconds} s ago, {window_seconds} s allowed"))
            }
            Check::Secret { slot } => ("Secret", format!("The {slot} one")),
        };
        // Being let in unchecked is nothing that passed.
        Self { passed: *check != Check::Unverified, name: name.to_owned(), detail }
    }
}

impl Verified {
    /// What the scheme `none` finds.
    pub(super) fn unverified() -> Self {
        Self { secret_index: None, timestamp: None, checks: vec![Check::Unverified] }
    }

    /// The challenge to answer when the body is Slack's URL verification, and `None` when it is anything else.
    ///
    /// A method of `Verified`, because a challenge must only be answered when its request was verified: the answer
    /// is 200 with the challenge as `text/plain`. Ask only for receivers whose scheme is
    /// [`super::VerificationScheme::Slack`]. Source: Slack's Events API, `url_verification`.
    pub fn slack_challenge(&self, body: &[u8]) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct UrlVerification {
            r#type: String,
            challenge: String,
        }
        // A body of another shape is simply another event.
        let message: UrlVerification = serde_json::from_slice(body).ok()?;
        (message.r#type == "url_verification").then_some(message.challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_url_verification_has_a_challenge() {
        let verified = Verified::unverified();
        let challenge = |body: &str| verified.slack_challenge(body.as_bytes());
        assert_eq!(
            challenge(r#"{"token":"t","challenge":"3eZbrw1aB","type":"url_verification"}"#).as_deref(),
            Some("3eZbrw1aB")
        );
        assert_eq!(challenge(r#"{"challenge":"3eZbrw1aB","type":"event_callback"}"#), None);
        assert_eq!(challenge(r#"{"challenge":7,"type":"url_verification"}"#), None);
        assert_eq!(challenge(r#"{"type":"url_verification"}"#), None);
        assert_eq!(challenge("not json"), None);
    }

    #[test]
    fn checks_read_as_words_and_survive_the_store() {
        let check = Check::Timestamp { age_seconds: -3, window_seconds: 300 };
        let line = CheckLine::from(&check);
        assert_eq!((line.passed, line.detail.as_str()), (true, "Signed 3 s in the future, 300 s allowed"));
        assert!(!CheckLine::from(&Check::Unverified).passed);
        let kept = serde_json::to_string(&check).unwrap();
        assert_eq!(kept, r#"{"check":"timestamp","age_seconds":-3,"window_seconds":300}"#);
        assert_eq!(serde_json::from_str::<Check>(&kept).unwrap(), check);
    }
}
