//! How a receiver knows its sender: one value per receiver, kept as JSON, refused when it makes no sense.

use super::error::SchemeError;
use super::hmac_scheme::HmacScheme;
use super::preset::{self, Preset};
use super::request::HeaderName;
use crate::text_enum;

/// How requests to a receiver are verified.
///
/// In JSON: `{"type": "github"}`, `{"type": "api_key", "header": "x-api-key"}`, `{"type": "hmac_sha256", …}`. The
/// empty braces make serde refuse fields that a scheme does not have, which it would ignore on unit variants.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VerificationScheme {
    /// Accepts anyone. Only a sandbox connector may have it, see [`VerificationScheme::requires_sandbox`].
    None {},
    /// A keyed hash of the body (and, at best, of a timestamp) in a header; the secret is the key.
    HmacSha256(HmacScheme),
    /// `Authorization: Bearer <secret>` (RFC 6750).
    Bearer {},
    /// The secret itself in a header.
    ApiKey {
        /// The header that carries the secret.
        header: HeaderName,
    },
    /// `Authorization: Basic …` (RFC 7617); the secret is the password.
    Basic {
        /// The user name the sender must give.
        username: BasicUsername,
    },
    /// GitHub: `X-Hub-Signature-256`, the body alone. No timestamp is signed; the delivery id guards against replays.
    Github {},
    /// Stripe: `Stripe-Signature: t=…,v1=…`.
    Stripe {},
    /// Shopify: `X-Shopify-Hmac-Sha256`, the body alone; the webhook id guards against replays.
    Shopify {},
    /// Slack: `X-Slack-Signature` over `v0:{timestamp}:{body}`.
    Slack {},
    /// Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`, or Svix's names for them.
    StandardWebhooks {},
}

text_enum! {
    /// The `type` of a [`VerificationScheme`]: for lists, labels of metrics and command lines.
    SchemeKind {
        /// See [`VerificationScheme::Github`].
        Github = "github",
        /// See [`VerificationScheme::Stripe`].
        Stripe = "stripe",
        /// See [`VerificationScheme::Shopify`].
        Shopify = "shopify",
        /// See [`VerificationScheme::Slack`].
        Slack = "slack",
        /// See [`VerificationScheme::StandardWebhooks`].
        StandardWebhooks = "standard_webhooks",
        /// See [`VerificationScheme::HmacSha256`].
        HmacSha256 = "hmac_sha256",
        /// See [`VerificationScheme::Bearer`].
        Bearer = "bearer",
        /// See [`VerificationScheme::ApiKey`].
        ApiKey = "api_key",
        /// See [`VerificationScheme::Basic`].
        Basic = "basic",
        /// See [`VerificationScheme::None`].
        None = "none",
    }
}

impl VerificationScheme {
    /// Which scheme it is, without its settings.
    pub const fn kind(&self) -> SchemeKind {
        match self {
            Self::None {} => SchemeKind::None,
            Self::HmacSha256(_) => SchemeKind::HmacSha256,
            Self::Bearer {} => SchemeKind::Bearer,
            Self::ApiKey { .. } => SchemeKind::ApiKey,
            Self::Basic { .. } => SchemeKind::Basic,
            Self::Github {} => SchemeKind::Github,
            Self::Stripe {} => SchemeKind::Stripe,
            Self::Shopify {} => SchemeKind::Shopify,
            Self::Slack {} => SchemeKind::Slack,
            Self::StandardWebhooks {} => SchemeKind::StandardWebhooks,
        }
    }

    /// The scheme proves nothing and may stand on sandbox connectors only. [`super::verify`] does not know the
    /// connector's environment: whoever stores a receiver and whoever accepts a request for it asks here.
    pub const fn requires_sandbox(&self) -> bool {
        matches!(self, Self::None {})
    }

    /// The scheme needs at least one secret; without one every request is refused.
    pub const fn requires_secret(&self) -> bool {
        !matches!(self, Self::None {})
    }

    /// The provider whose protocol this is, when it is one provider's.
    pub const fn preset(&self) -> Option<Preset> {
        match self {
            Self::Github {} => Some(Preset::Github),
            Self::Stripe {} => Some(Preset::Stripe),
            Self::Shopify {} => Some(Preset::Shopify),
            Self::Slack {} => Some(Preset::Slack),
            Self::StandardWebhooks {} => Some(Preset::StandardWebhooks),
            Self::None {}
            | Self::HmacSha256(_)
            | Self::Bearer {}
            | Self::ApiKey { .. }
            | Self::Basic { .. } => None,
        }
    }

    /// What happens on the wire.
    pub(super) fn protocol(&self) -> Protocol<'_> {
        match self {
            Self::None {} => Protocol::Open,
            Self::HmacSha256(scheme) => Protocol::Hmac(scheme),
            Self::Github {} => Protocol::Hmac(&preset::GITHUB),
            Self::Shopify {} => Protocol::Hmac(&preset::SHOPIFY),
            Self::Slack {} => Protocol::Hmac(&preset::SLACK),
            Self::Stripe {} => Protocol::Stripe,
            Self::StandardWebhooks {} => Protocol::StandardWebhooks,
            Self::Bearer {} => Protocol::Bearer,
            Self::ApiKey { header } => Protocol::ApiKey(header),
            Self::Basic { username } => Protocol::Basic(username),
        }
    }
}

/// The protocols behind the schemes. They are fewer: three presets are filled-in generic schemes.
pub(super) enum Protocol<'a> {
    Open,
    Hmac(&'a HmacScheme),
    Stripe,
    StandardWebhooks,
    Bearer,
    ApiKey(&'a HeaderName),
    Basic(&'a BasicUsername),
}

/// How far a signed timestamp may lie in the past or in the future: 1 second to 1 day, 5 minutes by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimestampWindow(i64);

/// A window that protects from nothing, or lets nothing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a timestamp window is 1 to 86400 seconds")]
pub struct InvalidWindow;

impl TimestampWindow {
    /// Five minutes, as the providers' own libraries have it.
    pub const DEFAULT: Self = Self(300);

    /// The window in seconds.
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for TimestampWindow {
    type Error = InvalidWindow;
    fn try_from(seconds: i64) -> Result<Self, InvalidWindow> {
        if (1..=86_400).contains(&seconds) { Ok(Self(seconds)) } else { Err(InvalidWindow) }
    }
}

/// A user name for basic authentication: not empty, without colon (which ends it on the wire) or control characters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct BasicUsername(String);

impl BasicUsername {
    /// The name as the sender gives it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BasicUsername {
    type Error = SchemeError;
    fn try_from(name: String) -> Result<Self, SchemeError> {
        if name.is_empty() || name.contains(|c: char| c == ':' || c.is_control()) {
            return Err(SchemeError::Username);
        }
        Ok(Self(name))
    }
}

impl std::str::FromStr for BasicUsername {
    type Err = SchemeError;
    fn from_str(name: &str) -> Result<Self, SchemeError> {
        Self::try_from(name.to_owned())
    }
}

impl From<BasicUsername> for String {
    fn from(name: BasicUsername) -> String {
        name.0
    }
}
