//! What must hold for every scheme, secret and body.

use domain::signature::SignError;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Any generic scheme that makes sense.
fn any_generic() -> impl Strategy<Value = VerificationScheme> {
    let literal = "[a-z:.|é=' -]{0,3}";
    (
        prop::bool::ANY,
        "([!-~][ -~]{0,10})?",
        prop::option::of(prop::bool::ANY),
        prop::bool::ANY,
        [literal; 4],
        Just(vec!["{timestamp}", "{id}", "{body}"]).prop_shuffle(),
    )
        .prop_map(|(hex, prefix, time, id, literals, order)| {
            let mut signed = literals[3].clone();
            for (placeholder, literal) in order.into_iter().zip(&literals) {
                let used = match placeholder {
                    "{timestamp}" => time.is_some(),
                    "{id}" => id,
                    _ => true,
                };
                if used {
                    signed.push_str(placeholder);
                    signed.push_str(literal);
                }
            }
            generic(HmacSettings {
                header: "x-signature".parse().unwrap(),
                encoding: if hex { SignatureEncoding::Hex } else { SignatureEncoding::Base64 },
                prefix,
                signed: signed.parse().unwrap(),
                timestamp: time.map(|millis| TimestampRule {
                    header: "x-time".parse().unwrap(),
                    unit: if millis { TimestampUnit::Millis } else { TimestampUnit::Seconds },
                }),
                id_header: id.then(|| "x-id".parse().unwrap()),
            })
        })
}

fn any_scheme() -> impl Strategy<Value = VerificationScheme> {
    prop_oneof![1 => prop::sample::select(schemes()), 1 => any_generic()]
}

/// A scheme, a secret that serves it, and a body.
fn any_case() -> impl Strategy<Value = (VerificationScheme, String, Vec<u8>)> {
    (any_scheme(), any::<[u8; 32]>(), prop::collection::vec(any::<u8>(), 0..300), "[!-~]{1,80}").prop_map(
        |(scheme, random, body, chosen)| {
            // Standard Webhooks needs its own form; elsewhere a secret is whatever people choose.
            let secret = match scheme {
                VerificationScheme::StandardWebhooks {} => scheme.new_secret(random),
                _ => chosen,
            };
            (scheme, secret, body)
        },
    )
}

/// Where the proof begins in a header: the name of an authentication scheme is compared without case, and only that.
fn proof_starts(scheme: &VerificationScheme) -> usize {
    match scheme {
        VerificationScheme::Bearer {} => "Bearer ".len(),
        VerificationScheme::Basic { .. } => "Basic ".len(),
        _ => 0,
    }
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_is_signed_verifies((scheme, secret, body) in any_case(), other in any::<[u8; 32]>()) {
        let headers = signed_headers(&scheme, &secret, &body, NOW);
        let verified = verdict(&scheme, &[SecretRef::current(&secret)], &headers, &body);
        prop_assert_eq!(verified.map(|verified| verified.secret_index), Ok(Some(0)));
        let wrong = scheme.new_secret(other);
        prop_assert!(verdict(&scheme, &[SecretRef::current(&wrong)], &headers, &body).is_err());
    }

    #[test]
    fn a_flipped_bit_of_the_body_is_refused((scheme, secret, mut body) in any_case(), bit in any::<Index>()) {
        prop_assume!(covers_the_body(&scheme) && !body.is_empty());
        let headers = signed_headers(&scheme, &secret, &body, NOW);
        let bit = bit.index(body.len() * 8);
        flip(&mut body, bit);
        let error = verdict(&scheme, &[SecretRef::current(&secret)], &headers, &body).unwrap_err();
        prop_assert_eq!(error.code(), "signature_mismatch");
    }

    #[test]
    fn a_flipped_bit_of_any_header_is_refused(
        (scheme, secret, body) in any_case(), header in any::<Index>(), bit in any::<Index>(),
    ) {
        let mut headers = signed_headers(&scheme, &secret, &body, NOW);
        let header = header.index(headers.len());
        let value = &mut headers[header].1[proof_starts(&scheme)..];
        let bit = bit.index(value.len() * 8);
        flip(value, bit);
        prop_assert!(verdict(&scheme, &[SecretRef::current(&secret)], &headers, &body).is_err(), "{headers:?}");
    }

    #[test]
    fn a_shorter_or_longer_signature_is_refused(
        (scheme, secret, body) in any_case(), cut in any::<Index>(), tail in "[0-9a-zA-Z+/=_-]{1,70}",
    ) {
        let headers = signed_headers(&scheme, &secret, &body, NOW);
        let (name, value) = headers.last().unwrap().clone();
        let secrets = [SecretRef::current(&secret)];
        let with = |value: Vec<u8>| {
            let mut changed = headers.clone();
            *changed.last_mut().unwrap() = (name.clone(), value);
            verdict(&scheme, &secrets, &changed, &body)
        };
        prop_assert!(with(value[..cut.index(value.len())].to_vec()).is_err());
        prop_assert!(with([&value, tail.as_bytes()].concat()).is_err());
        prop_assert!(with([tail.as_bytes(), &value].concat()).is_err());
    }

    #[test]
    fn arbitrary_headers_are_refused_and_nothing_panics(
        (scheme, secret, body) in any_case(),
        values in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            "(t=|v1=|v1,|[0-9]{0,25}|[0-9a-f]{64}|[A-Za-z0-9+/]{43}=|,| |=|Basic |Bearer |sha256=){0,8}"
                .prop_map(String::into_bytes),
        ], 3),
        now in any::<i64>(),
    ) {
        let names: Vec<String> = signed_headers(&scheme, &secret, &body, NOW).into_iter().map(|(name, _)| name).collect();
        let headers: HeaderList = names.into_iter().zip(values).collect();
        let view = RequestView { headers: &headers, body: &body };
        let secrets = [SecretRef::current(&secret)];
        prop_assert!(verify(&scheme, &secrets, TimestampWindow::DEFAULT, &view, Timestamp(now)).is_err());
    }
}

#[test]
fn every_single_bit_and_every_length_is_checked_in_one_request_of_every_scheme() {
    let body = br#"{"id":18446744073709551615,"name":"G\u00fcnther \xff"}"#;
    for scheme in schemes() {
        let secret = scheme.new_secret([7; 32]);
        let secrets = [SecretRef::current(&secret)];
        let headers = signed_headers(&scheme, &secret, body, NOW);
        assert!(verdict(&scheme, &secrets, &headers, body).is_ok());
        if covers_the_body(&scheme) {
            for bit in 0..body.len() * 8 {
                let mut changed = body.to_vec();
                flip(&mut changed, bit);
                assert!(verdict(&scheme, &secrets, &headers, &changed).is_err(), "{scheme:?} body bit {bit}");
            }
        }
        for position in 0..headers.len() {
            let start = proof_starts(&scheme);
            for bit in start * 8..headers[position].1.len() * 8 {
                let mut changed = headers.clone();
                flip(&mut changed[position].1, bit);
                assert!(verdict(&scheme, &secrets, &changed, body).is_err(), "{scheme:?} {changed:?}");
            }
            for length in 0..headers[position].1.len() {
                let mut changed = headers.clone();
                changed[position].1.truncate(length);
                assert!(verdict(&scheme, &secrets, &changed, body).is_err(), "{scheme:?} {changed:?}");
            }
        }
    }
}

#[test]
fn nothing_is_signed_with_a_secret_or_an_id_that_could_not_be_verified() {
    let attempt = |scheme: &VerificationScheme, secret: &str, id: &str| {
        sign(scheme, secret.as_bytes(), &Message { body: b"{}", id }, NOW).map(drop)
    };
    for scheme in schemes() {
        assert!(matches!(attempt(&scheme, "", "msg_1"), Err(SignError::Secret(_))), "{scheme:?}");
    }
    assert!(matches!(attempt(&VerificationScheme::Bearer {}, "a b", "msg_1"), Err(SignError::Secret(_))));
    let standard = VerificationScheme::StandardWebhooks {};
    let secret = standard.new_secret([7; 32]);
    for id in ["", "a b", "a.1", "ü"] {
        assert_eq!(attempt(&standard, &secret, id), Err(SignError::MessageId), "{id}");
    }
    assert_eq!(sign(&VerificationScheme::None {}, b"", &Message { body: b"", id: "" }, NOW), Ok(Vec::new()));
}
