//! Who sent this? Declarative, fail-closed verification of inbound webhooks, and the sender's half of it.
//!
//! A receiver stores a [`VerificationScheme`] and one or two secrets. [`verify`] decides over the raw bytes of a
//! request; [`sign`] makes the headers that satisfy it (for `signalbox send` and for tests); [`curl_sample`] writes
//! the same as a shell line. What is particular to one provider (header names, where its event type stands) is data
//! in [`Preset`].
//!
//! The players, in the order a request meets them:
//! - [`RequestView`]: headers and raw body, borrowed;
//! - evidence: what the scheme reads from them (signatures, signed timestamp, id), each malformation its own error;
//! - [`SecretRef`]s: any active one may match, so that a secret can be rotated without losing a request;
//! - [`Verified`]: which secret matched and the [`Check`]s that an operator sees.
//!
//! Invariants:
//! - No secret, no active secret or an unusable secret refuses. There is no scheme that "falls through".
//! - Every comparison with something derived from a secret is over 32 bytes in constant time.
//! - Neither errors nor checks hold a secret, a presented credential or an expected signature.
//! - The clock is a parameter. To judge a kept request again, pass the time it was received.
//! - A timestamp counts only when it is signed: an unsigned one could be rewritten by whoever replays the request.

mod check;
mod curl;
mod error;
mod evidence;
mod hmac_scheme;
mod preset;
mod request;
mod scheme;
mod secret;
mod sign;
mod source;
mod template;
mod verify;

pub use check::{Algorithm, Check, SecretSlot, Verified};
pub use curl::curl_sample;
pub use error::{SchemeError, SecretError, SignError, VerificationError};
pub use hmac_scheme::{HmacScheme, HmacSettings, SignatureEncoding, TimestampRule, TimestampUnit};
pub use preset::{Preset, Sample};
pub use request::{HeaderLines, HeaderName, Headers, RequestView};
pub use scheme::{BasicUsername, InvalidWindow, SchemeKind, TimestampWindow, VerificationScheme};
pub use secret::SecretRef;
pub use sign::{Message, sample_headers, sign};
pub use source::{InvalidPointer, JsonPointer, Source, read_header, read_sources, read_sources_with};
pub use template::SignedString;
pub use verify::verify;
