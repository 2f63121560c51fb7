//! Why a request, a secret or a scheme is refused: each reason its own variant, code and sentence.
//!
//! The sentences go to operators and, in the 401 answer, to senders. They name headers and what to do, and never
//! hold a secret, a presented credential or the signature that would have been right.

use super::check::SecretSlot;
use super::hmac_scheme::{SignatureEncoding, TimestampUnit};
use super::request::HeaderName;
use crate::rejection::RejectionReason;
use crate::time::Timestamp;

/// Why a request was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    /// The receiver has no secret at all.
    #[error(
        "The receiver has no secret to verify with. Add one to the receiver and give the same one to the sender."
    )]
    NoSecret,
    /// Every secret of the receiver has expired.
    #[error("Every secret of the receiver has expired. Add a new one and give the same one to the sender.")]
    SecretsExpired,
    /// The signature is good, but for a secret that has expired.
    #[error(
        "The request is signed with a secret that expired at {expired_at}. Give the sender the current secret."
    )]
    ExpiredSecret {
        /// When it expired.
        expired_at: Timestamp,
    },
    /// A secret of the receiver cannot be used with its scheme, and no other one matched.
    #[error("The receiver's {slot} secret cannot be used: {error} Store it again.")]
    SecretFormat {
        /// Which secret.
        slot: SecretSlot,
        /// What is wrong with it.
        error: SecretError,
    },
    /// A header that the scheme needs is not there.
    #[error(
        "The header {header} is missing. Check that the sender signs its requests with this receiver's scheme."
    )]
    MissingHeader {
        /// The header.
        header: HeaderName,
    },
    /// A header that must be there once is there several times.
    #[error("The header {header} is there {lines} times. Send it once; a proxy on the way may be adding it.")]
    AmbiguousHeader {
        /// The header.
        header: HeaderName,
        /// How many lines it has.
        lines: usize,
    },
    /// The header's value does not begin as the scheme says.
    #[error(
        "The header {header} must begin with \"{expected}\". Check that the receiver's scheme is the sender's."
    )]
    WrongPrefix {
        /// The header.
        header: HeaderName,
        /// What it must begin with.
        expected: String,
    },
    /// A list of signatures is not written as its protocol says.
    #[error("The header {header} is malformed: {expected} Check that nothing on the way rewrites it.")]
    MalformedHeader {
        /// The header.
        header: HeaderName,
        /// A sentence: what it should look like.
        expected: &'static str,
    },
    /// A list of signatures holds none of the version that is verified here.
    #[error(
        "The header {header} holds no {version} signature. Ask the sender for {version} (HMAC-SHA256) signatures."
    )]
    NoSupportedSignature {
        /// The header.
        header: HeaderName,
        /// The version that would do.
        version: &'static str,
    },
    /// The signature cannot be one of HMAC-SHA256.
    #[error("The signature in {header} has {found} characters; HMAC-SHA256 as {encoding} has {expected}.")]
    WrongLength {
        /// The header.
        header: HeaderName,
        /// How it should be written.
        encoding: SignatureEncoding,
        /// The length it should have, in characters.
        expected: usize,
        /// The length it has, in bytes.
        found: usize,
    },
    /// The signature should be hex and is not.
    #[error("The signature in {header} is not hex (digits and a to f, in one case throughout).")]
    BadHex {
        /// The header.
        header: HeaderName,
    },
    /// The signature or the credentials should be base64 and are not.
    #[error("The value in {header} is not standard base64 with its padding.")]
    BadBase64 {
        /// The header.
        header: HeaderName,
    },
    /// No active secret makes the signature that was sent.
    #[error(
        "The signature in {header} does not match. Check that sender and receiver have the same secret, and that \
         nothing between them changes the body."
    )]
    SignatureMismatch {
        /// The header.
        header: HeaderName,
    },
    /// No active secret is the credential that was sent.
    #[error(
        "The credential in {header} is not one of the receiver's. Check what the sender is configured with."
    )]
    CredentialMismatch {
        /// The header.
        header: HeaderName,
    },
    /// The signed timestamp is not there.
    #[error(
        "The timestamp in {header} is missing. The scheme signs one; check that it is the sender's scheme."
    )]
    MissingTimestamp {
        /// The header it should stand in.
        header: HeaderName,
    },
    /// The timestamp is not a number of the wanted kind.
    #[error("The timestamp in {header} is not a whole number of {unit} since 1970.")]
    MalformedTimestamp {
        /// The header it stands in.
        header: HeaderName,
        /// What it should count.
        unit: TimestampUnit,
    },
    /// Signed too long ago: a replay, a slow queue at the sender, or a clock.
    #[error(
        "The request was signed {age_seconds} s ago; {window_seconds} s are allowed. Let the sender send it again, \
         freshly signed, or compare the clocks."
    )]
    TooOld {
        /// Its age in seconds, rounded down.
        age_seconds: i64,
        /// The allowed age in seconds.
        window_seconds: i64,
    },
    /// Signed in the future: a clock is wrong.
    #[error(
        "The request is signed {ahead_seconds} s in the future; {window_seconds} s are allowed. Compare the clocks \
         of the sender and of this server."
    )]
    InFuture {
        /// How far ahead it is in seconds, rounded down.
        ahead_seconds: i64,
        /// The allowed distance in seconds.
        window_seconds: i64,
    },
    /// The id that is part of the signed string is empty or not visible ASCII.
    #[error("The id in {header} is empty or holds something else than visible ASCII.")]
    MalformedId {
        /// The header.
        header: HeaderName,
    },
}

impl VerificationError {
    /// The stable name of the reason, for programs, filters and metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSecret => "no_secret",
            Self::SecretsExpired => "secrets_expired",
            Self::ExpiredSecret { .. } => "expired_secret",
            Self::SecretFormat { .. } => "secret_format",
            Self::MissingHeader { .. } => "missing_header",
            Self::AmbiguousHeader { .. } => "ambiguous_header",
            Self::WrongPrefix { .. } => "wrong_prefix",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::NoSupportedSignature { .. } => "no_supported_signature",
            Self::WrongLength { .. } => "wrong_length",
            Self::BadHex { .. } => "bad_hex",
            Self::BadBase64 { .. } => "bad_base64",
            Self::SignatureMismatch { .. } => "signature_mismatch",
            Self::CredentialMismatch { .. } => "credential_mismatch",
            Self::MissingTimestamp { .. } => "missing_timestamp",
            Self::MalformedTimestamp { .. } => "malformed_timestamp",
            Self::TooOld { .. } => "timestamp_too_old",
            Self::InFuture { .. } => "timestamp_in_future",
            Self::MalformedId { .. } => "malformed_id",
        }
    }

    /// The rejection it leads to; several codes share one.
    pub const fn reason(&self) -> RejectionReason {
        match self {
            Self::NoSecret | Self::SecretsExpired | Self::SecretFormat { .. } => {
                RejectionReason::NotConfigured
            }
            Self::MissingHeader { .. }
            | Self::NoSupportedSignature { .. }
            | Self::MissingTimestamp { .. } => RejectionReason::SignatureMissing,
            Self::AmbiguousHeader { .. }
            | Self::WrongPrefix { .. }
            | Self::MalformedHeader { .. }
            | Self::WrongLength { .. }
            | Self::BadHex { .. }
            | Self::BadBase64 { .. }
            | Self::MalformedTimestamp { .. }
            | Self::MalformedId { .. } => RejectionReason::SignatureMalformed,
            Self::SignatureMismatch { .. } | Self::CredentialMismatch { .. } | Self::ExpiredSecret { .. } => {
                RejectionReason::SignatureMismatch
            }
            Self::TooOld { .. } | Self::InFuture { .. } => RejectionReason::TimestampOutOfWindow,
        }
    }
}

/// Why a secret cannot serve a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nothing in it: anyone could compute such a signature.
    #[error("it is empty.")]
    Empty,
    /// Standard Webhooks keys are base64.
    #[error("Standard Webhooks secrets are \"whsec_\" followed by base64, and this one is not.")]
    NotWhsec,
    /// It has to travel in a header and cannot.
    #[error("it is sent in a header, so it may hold only visible ASCII characters.")]
    NotVisibleAscii,
    /// It has to travel as a basic-authentication password and cannot.
    #[error("it is sent as a password, so it must be text without control characters.")]
    NotAPassword,
    /// Pasted with something around it.
    #[error("it begins or ends with a space or a line break; paste it without.")]
    SurroundingWhitespace,
}

/// Why a scheme makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// Not a header name.
    #[error("\"{name}\" is not a header name: letters, digits and hyphens, at most 128 of them")]
    HeaderName {
        /// What was given.
        name: String,
    },
    /// A brace without its partner.
    #[error(
        "the signed string has a brace without its partner; placeholders are {{body}}, {{timestamp}} and {{id}}"
    )]
    UnbalancedBrace,
    /// A placeholder that means nothing.
    #[error("{{{name}}} is not a placeholder; there are {{body}}, {{timestamp}} and {{id}}")]
    UnknownPlaceholder {
        /// What stood between the braces.
        name: String,
    },
    /// The body could be exchanged.
    #[error("the signed string must hold {{body}}, or anyone could exchange the body")]
    BodyNotSigned,
    /// `{timestamp}` comes from nowhere.
    #[error("the signed string has {{timestamp}}: say which header carries it")]
    TimestampWithoutHeader,
    /// The timestamp could be exchanged.
    #[error(
        "a timestamp proves nothing unless it is signed: put {{timestamp}} into the signed string, or remove it"
    )]
    TimestampNotSigned,
    /// `{id}` comes from nowhere.
    #[error("the signed string has {{id}}: say which header carries it")]
    IdWithoutHeader,
    /// The id could be exchanged.
    #[error(
        "an id header is given but {{id}} is not in the signed string: put it there, or remove the header"
    )]
    IdNotSigned,
    /// One header cannot carry two things.
    #[error("the header {header} is given twice; signature, timestamp and id each need their own")]
    HeaderUsedTwice {
        /// The header.
        header: HeaderName,
    },
    /// A prefix that no header could carry.
    #[error("the prefix may hold visible ASCII characters and, not first, spaces; at most 64 of them")]
    Prefix,
    /// Not a user name.
    #[error("a user name must not be empty and must not hold a colon or control characters")]
    Username,
}

/// Why a request cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The secret does not serve the scheme.
    #[error("the secret cannot be used: {0}")]
    Secret(#[from] SecretError),
    /// The id cannot be signed.
    #[error("the message id must be visible ASCII; Standard Webhooks also forbids a full stop in it")]
    MessageId,
}
