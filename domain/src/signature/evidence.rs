//! What a request brings as proof: signatures and the values that are signed with the body.
//!
//! Three protocols, one result. The generic scheme has one signature in one header; Stripe and Standard Webhooks
//! have lists, because they sign with both secrets while one is being rotated out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::error::VerificationError;
use super::hmac_scheme::{HmacScheme, SignatureEncoding, TimestampUnit};
use super::preset;
use super::request::{HeaderName, RequestView};
use super::template::Segment;
use crate::time::Timestamp;

/// The bytes of an HMAC-SHA256 or of a SHA-256.
pub(super) type Digest = [u8; 32];

/// The signatures a request carries; almost always one.
pub(super) enum Candidates {
    One(Digest),
    Several(Vec<Digest>),
}

impl Candidates {
    pub(super) fn as_slice(&self) -> &[Digest] {
        match self {
            Self::One(digest) => std::slice::from_ref(digest),
            Self::Several(digests) => digests,
        }
    }
}

/// A timestamp that is part of what is signed.
#[derive(Clone, Copy)]
pub(super) struct SignedTime<'a> {
    /// As received: this text is signed, not the number.
    pub text: &'a [u8],
    pub time: Timestamp,
}

/// Everything that is needed to recompute a signature.
pub(super) struct Evidence<'a> {
    /// Where the signature stood.
    pub header: &'a HeaderName,
    pub candidates: Candidates,
    pub signed: Signed<'a>,
}

/// The string that is signed, in pieces; it is never put together in memory.
#[derive(Clone, Copy)]
pub(super) struct Signed<'a> {
    pub segments: &'a [Segment],
    pub timestamp: Option<SignedTime<'a>>,
    pub id: &'a [u8],
    pub body: &'a [u8],
}

impl Signed<'_> {
    pub(super) fn hmac(&self, key: &[u8]) -> Digest {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length (RFC 2104)");
        for segment in self.segments {
            match segment {
                Segment::Literal(text) => mac.update(text.as_bytes()),
                Segment::Timestamp => mac.update(self.timestamp.map_or(b"", |timestamp| timestamp.text)),
                Segment::Id => mac.update(self.id),
                Segment::Body => mac.update(self.body),
            }
        }
        mac.finalize().into_bytes().into()
    }
}

impl<'a> Evidence<'a> {
    /// One signature in one header.
    pub(super) fn of_hmac(
        scheme: &'a HmacScheme,
        request: &RequestView<'a>,
    ) -> Result<Self, VerificationError> {
        let header = &scheme.header;
        let encoded = request.required(header)?.strip_prefix(scheme.prefix.as_bytes()).ok_or_else(|| {
            VerificationError::WrongPrefix { header: header.clone(), expected: scheme.prefix.to_string() }
        })?;
        let candidates = Candidates::One(decode(scheme.encoding, encoded, header)?);
        let timestamp = match &scheme.timestamp {
            None => None,
            Some(rule) => {
                let text = required_timestamp(request, &rule.header)?;
                Some(SignedTime { text, time: rule.parse(text)? })
            }
        };
        let id = match &scheme.id_header {
            None => b"",
            Some(name) => visible_id(request.required(name)?, name)?,
        };
        let segments = scheme.signed.segments();
        Ok(Self { header, candidates, signed: Signed { segments, timestamp, id, body: request.body } })
    }

    /// `Stripe-Signature: t=1700000000,v1=<hex>[,v1=<hex>…]`, over `{timestamp}.{body}`. Items of other versions
    /// are passed over. Source: Stripe's "Verify webhook signatures manually".
    pub(super) fn of_stripe(request: &RequestView<'a>) -> Result<Self, VerificationError> {
        let header = &preset::STRIPE_SIGNATURE;
        let malformed = |expected| VerificationError::MalformedHeader { header: header.clone(), expected };
        let mut timestamp = None;
        let mut list = CandidateList::default();
        for item in request.required(header)?.split(|byte| *byte == b',') {
            let equals = item
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or_else(|| malformed("it is a list of key=value pairs with commas between them."))?;
            let (key, value) = (&item[..equals], &item[equals + 1..]);
            match key {
                b"t" if timestamp.is_some() => {
                    return Err(malformed("it must hold one t=… and not several."));
                }
                b"t" => timestamp = Some(value),
                b"v1" => list.add(decode(SignatureEncoding::Hex, value, header)),
                _ => {}
            }
        }
        let text = timestamp
            .filter(|text| !text.is_empty())
            .ok_or_else(|| VerificationError::MissingTimestamp { header: header.clone() })?;
        let time = parse_seconds(text, header)?;
        let candidates = list.finish(header, "v1")?;
        let timestamp = Some(SignedTime { text, time });
        let signed = Signed { segments: preset::STRIPE_SIGNED, timestamp, id: b"", body: request.body };
        Ok(Self { header, candidates, signed })
    }

    /// `webhook-signature: v1,<base64>[ v1,<base64>…]` over `{id}.{timestamp}.{body}`; Svix's header names when
    /// there is no `webhook-signature`. The two families are never mixed. `v1a` (ed25519) items are passed over.
    /// Source: the Standard Webhooks specification 1.0.0.
    pub(super) fn of_standard_webhooks(request: &RequestView<'a>) -> Result<Self, VerificationError> {
        let standard = &preset::STANDARD_HEADERS;
        let (names, value) = match request.optional(&standard.signature)? {
            Some(value) => (standard, value),
            None => match request.optional(&preset::SVIX_HEADERS.signature)? {
                Some(value) => (&preset::SVIX_HEADERS, value),
                // The error names the header of the specification.
                None => return Err(VerificationError::MissingHeader { header: standard.signature.clone() }),
            },
        };
        let header = &names.signature;
        let mut list = CandidateList::default();
        for item in value.split(|byte| *byte == b' ').filter(|item| !item.is_empty()) {
            let comma =
                item.iter().position(|byte| *byte == b',').ok_or(VerificationError::MalformedHeader {
                    header: header.clone(),
                    expected: "it is a list of version,signature pairs with spaces between them.",
                })?;
            if &item[..comma] == b"v1" {
                list.add(decode(SignatureEncoding::Base64, &item[comma + 1..], header));
            }
        }
        let candidates = list.finish(header, "v1")?;
        let text = required_timestamp(request, &names.timestamp)?;
        let timestamp = Some(SignedTime { text, time: parse_seconds(text, &names.timestamp)? });
        let id = visible_id(request.required(&names.id)?, &names.id)?;
        let signed = Signed { segments: preset::STANDARD_SIGNED, timestamp, id, body: request.body };
        Ok(Self { header, candidates, signed })
    }
}

/// Collects a protocol's list. A malformed signature beside a good one does no harm; alone, it is the reason.
#[derive(Default)]
struct CandidateList {
    digests: Vec<Digest>,
    malformed: Option<VerificationError>,
}

impl CandidateList {
    fn add(&mut self, decoded: Result<Digest, VerificationError>) {
        match decoded {
            Ok(digest) => self.digests.push(digest),
            Err(error) => {
                self.malformed.get_or_insert(error);
            }
        }
    }

    fn finish(self, header: &HeaderName, version: &'static str) -> Result<Candidates, VerificationError> {
        match (self.digests.is_empty(), self.malformed) {
            (false, _) => Ok(Candidates::Several(self.digests)),
            (true, Some(error)) => Err(error),
            (true, None) => Err(VerificationError::NoSupportedSignature { header: header.clone(), version }),
        }
    }
}

/// Decodes a signature strictly, so that there is exactly one text for each: base64 with its padding and without
/// loose trailing bits, hex in one case throughout.
fn decode(
    encoding: SignatureEncoding,
    text: &[u8],
    header: &HeaderName,
) -> Result<Digest, VerificationError> {
    let expected = match encoding {
        SignatureEncoding::Hex => 64,
        SignatureEncoding::Base64 => 44,
    };
    if text.len() != expected {
        return Err(VerificationError::WrongLength {
            header: header.clone(),
            encoding,
            expected,
            found: text.len(),
        });
    }
    let mut digest = Digest::default();
    match encoding {
        SignatureEncoding::Hex => {
            let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
            if mixed || hex::decode_to_slice(text, &mut digest).is_err() {
                return Err(VerificationError::BadHex { header: header.clone() });
            }
        }
        SignatureEncoding::Base64 => {
            // The decoder wants room for 44 characters without padding.
            let mut room = [0; 33];
            match STANDARD.decode_slice(text, &mut room) {
                Ok(length) if length == digest.len() => digest.copy_from_slice(&room[..length]),
                _ => return Err(VerificationError::BadBase64 { header: header.clone() }),
            }
        }
    }
    Ok(digest)
}

fn required_timestamp<'a>(
    request: &RequestView<'a>,
    header: &HeaderName,
) -> Result<&'a [u8], VerificationError> {
    request.optional(header)?.ok_or_else(|| VerificationError::MissingTimestamp { header: header.clone() })
}

fn parse_seconds(text: &[u8], header: &HeaderName) -> Result<Timestamp, VerificationError> {
    let unit = TimestampUnit::Seconds;
    unit.parse(text).ok_or_else(|| VerificationError::MalformedTimestamp { header: header.clone(), unit })
}

fn visible_id<'a>(id: &'a [u8], header: &HeaderName) -> Result<&'a [u8], VerificationError> {
    if !id.is_empty() && id.iter().all(u8::is_ascii_graphic) {
        Ok(id)
    } else {
        Err(VerificationError::MalformedId { header: header.clone() })
    }
}
