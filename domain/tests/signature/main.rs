//! Verification of inbound webhooks through its public functions.

#![allow(clippy::unwrap_used, reason = "a test panics when something is not as it says")]

mod curl;
mod parsing;
mod properties;
mod verdicts;

use domain::signature::{
    HmacScheme, HmacSettings, Message, Preset, RequestView, SecretRef, SignatureEncoding, TimestampRule,
    TimestampUnit, TimestampWindow, VerificationError, VerificationScheme, Verified, sign, verify,
};
use domain::time::Timestamp;

/// 2026-11-22T08:00:00.25Z.
const NOW: Timestamp = Timestamp(1_795_334_400_250_000);

type HeaderList = Vec<(String, Vec<u8>)>;

fn generic(settings: HmacSettings) -> VerificationScheme {
    VerificationScheme::HmacSha256(HmacScheme::try_from(settings).unwrap())
}

/// The body alone, hex, in `x-signature`.
fn plain_hex() -> HmacSettings {
    HmacSettings {
        header: "x-signature".parse().unwrap(),
        encoding: SignatureEncoding::Hex,
        prefix: String::new(),
        signed: Default::default(),
        timestamp: None,
        id_header: None,
    }
}

/// Everything the generic scheme can do.
fn full_base64() -> HmacSettings {
    HmacSettings {
        header: "x-signature".parse().unwrap(),
        encoding: SignatureEncoding::Base64,
        prefix: "it's v1=".into(),
        signed: "{id}|'{timestamp}'|{body}|end".parse().unwrap(),
        timestamp: Some(TimestampRule { header: "x-time".parse().unwrap(), unit: TimestampUnit::Millis }),
        id_header: Some("x-id".parse().unwrap()),
    }
}

/// Every scheme that verifies something.
fn schemes() -> Vec<VerificationScheme> {
    let mut schemes: Vec<VerificationScheme> = Preset::ALL.iter().map(|preset| preset.scheme()).collect();
    schemes.extend([
        generic(plain_hex()),
        generic(full_base64()),
        VerificationScheme::Bearer {},
        VerificationScheme::ApiKey { header: "x-api-key".parse().unwrap() },
        VerificationScheme::Basic { username: "o'hook \"x\" $HOME".parse().unwrap() },
    ]);
    schemes
}

/// The signature covers the body, or else only proves knowledge of the secret.
fn covers_the_body(scheme: &VerificationScheme) -> bool {
    use VerificationScheme::*;
    !matches!(scheme, None {} | Bearer {} | ApiKey { .. } | Basic { .. })
}

fn signed_headers(scheme: &VerificationScheme, secret: &str, body: &[u8], now: Timestamp) -> HeaderList {
    let message = Message { body, id: "msg_1" };
    let headers = sign(scheme, secret.as_bytes(), &message, now).unwrap();
    headers.into_iter().map(|(name, value)| (name.into(), value.into_bytes())).collect()
}

fn verdict(
    scheme: &VerificationScheme,
    secrets: &[SecretRef<'_>],
    headers: &HeaderList,
    body: &[u8],
) -> Result<Verified, VerificationError> {
    verify(scheme, secrets, TimestampWindow::DEFAULT, &RequestView { headers, body }, NOW)
}
