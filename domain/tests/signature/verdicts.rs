//! Each reason to refuse, by its own request; rotation; the timestamp window; the providers' published examples.

use domain::rejection::RejectionReason;
use domain::signature::{Algorithm, Check, SecretSlot};
use domain::time::SECOND;

use super::*;

const SECRET: &str = "It's a Secret to Everybody";

fn headers(pairs: &[(&str, &str)]) -> HeaderList {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_owned())).collect()
}

fn refusal(
    scheme: &VerificationScheme,
    secret: &str,
    pairs: &[(&str, &str)],
    body: &str,
) -> VerificationError {
    verdict(scheme, &[SecretRef::current(secret)], &headers(pairs), body.as_bytes()).unwrap_err()
}

#[test]
fn github_publishes_this_example() {
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let request = headers(&[("X-Hub-Signature-256", signature)]);
    let verified =
        verdict(&VerificationScheme::Github {}, &[SecretRef::current(SECRET)], &request, b"Hello, World!")
            .unwrap();
    assert_eq!(verified.secret_index, Some(0));
    assert_eq!(verified.timestamp, None);
    assert_eq!(
        verified.checks,
        [
            Check::Header { name: "x-hub-signature-256".parse().unwrap() },
            Check::Algorithm { algorithm: Algorithm::HmacSha256 },
            Check::Secret { slot: SecretSlot::Current },
        ]
    );
}

#[test]
fn slack_publishes_this_example() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
                &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
                &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554\
                %2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let request = headers(&[
        ("x-slack-request-timestamp", "1531420618"),
        ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
    ]);
    let view = RequestView { headers: &request, body: body.as_bytes() };
    let secret = [SecretRef::current("8f742231b10e8888abcd99yyyzzz85a5")];
    let now = Timestamp::from_seconds(1_531_420_618 + 60);
    let verified =
        verify(&VerificationScheme::Slack {}, &secret, TimestampWindow::DEFAULT, &view, now).unwrap();
    assert_eq!(verified.timestamp, Some(Timestamp::from_seconds(1_531_420_618)));
    assert!(verified.checks.contains(&Check::Timestamp { age_seconds: 60, window_seconds: 300 }));
}

#[test]
fn without_a_usable_secret_everything_is_refused() {
    for scheme in schemes() {
        let secret = scheme.new_secret([7; 32]);
        let request = signed_headers(&scheme, &secret, b"{}", NOW);
        let code = |secrets: &[SecretRef<'_>]| verdict(&scheme, secrets, &request, b"{}").unwrap_err().code();
        assert_eq!(code(&[]), "no_secret");
        assert_eq!(code(&[SecretRef::current("")]), "secret_format");
        assert_eq!(code(&[SecretRef::expiring(&secret, NOW)]), "secrets_expired");
        assert_eq!(
            verdict(&scheme, &[], &request, b"{}").unwrap_err().reason(),
            RejectionReason::NotConfigured,
            "{scheme:?}"
        );
    }
    let standard = VerificationScheme::StandardWebhooks {};
    let request = signed_headers(&standard, &standard.new_secret([7; 32]), b"{}", NOW);
    let error = verdict(&standard, &[SecretRef::current("whsec_not base64")], &request, b"{}").unwrap_err();
    assert_eq!(error.code(), "secret_format");
    assert!(!error.to_string().contains("whsec_not"), "{error}");
}

#[test]
fn during_a_rotation_either_secret_matches_until_the_old_one_expires() {
    for scheme in schemes() {
        let (new, old) = (scheme.new_secret([1; 32]), scheme.new_secret([2; 32]));
        let request = signed_headers(&scheme, &old, b"{}", NOW);
        let both = [SecretRef::current(&new), SecretRef::expiring(&old, NOW.plus(1))];
        let verified = verdict(&scheme, &both, &request, b"{}").unwrap();
        assert_eq!(verified.secret_index, Some(1), "{scheme:?}");
        assert!(verified.checks.contains(&Check::Secret { slot: SecretSlot::Previous }));

        let expired = [SecretRef::current(&new), SecretRef::expiring(&old, NOW)];
        let error = verdict(&scheme, &expired, &request, b"{}").unwrap_err();
        assert_eq!(error, VerificationError::ExpiredSecret { expired_at: NOW }, "{scheme:?}");

        let request = signed_headers(&scheme, &new, b"{}", NOW);
        assert_eq!(verdict(&scheme, &expired, &request, b"{}").unwrap().secret_index, Some(0));
        // A current secret that is unusable does not take the good one with it.
        let broken = [SecretRef::current(""), SecretRef::expiring(&new, NOW.plus(1))];
        assert_eq!(verdict(&scheme, &broken, &request, b"{}").unwrap().secret_index, Some(1));
    }
}

#[test]
fn missing_and_doubled_headers_are_told_apart() {
    for scheme in schemes() {
        let secret = scheme.new_secret([7; 32]);
        let request = signed_headers(&scheme, &secret, b"{}", NOW);
        for (position, (name, _)) in request.iter().enumerate() {
            let mut without = request.clone();
            without.remove(position);
            let error = verdict(&scheme, &[SecretRef::current(&secret)], &without, b"{}").unwrap_err();
            let expected = if name.contains("time") { "missing_timestamp" } else { "missing_header" };
            assert_eq!(
                (error.code(), error.reason()),
                (expected, RejectionReason::SignatureMissing),
                "{name}"
            );
            assert!(error.to_string().contains(name.as_str()), "{error}");

            // The same value twice is just as ambiguous as two values, in whatever case the name is written.
            let mut doubled = request.clone();
            doubled.push((name.to_uppercase(), request[position].1.clone()));
            let error = verdict(&scheme, &[SecretRef::current(&secret)], &doubled, b"{}").unwrap_err();
            assert_eq!(error, VerificationError::AmbiguousHeader { header: name.parse().unwrap(), lines: 2 });
        }
    }
}

#[test]
fn malformed_signatures_have_their_own_reasons() {
    let github = VerificationScheme::Github {};
    let shopify = VerificationScheme::Shopify {};
    let of = |value: &str| refusal(&github, SECRET, &[("x-hub-signature-256", value)], "{}");
    let zeros = "0".repeat(64);
    assert_eq!(of(&format!("sha1={zeros}")).code(), "wrong_prefix");
    assert_eq!(of(&format!("SHA256={zeros}")).code(), "wrong_prefix");
    assert_eq!(of(&zeros).code(), "wrong_prefix");
    assert_eq!(of("").code(), "wrong_prefix");
    for length in [0, 1, 63, 65, 128, 10_000] {
        let error = of(&format!("sha256={}", "0".repeat(length)));
        assert!(
            matches!(error, VerificationError::WrongLength { expected: 64, found, .. } if found == length)
        );
    }
    assert_eq!(of(&format!("sha256={}g", "0".repeat(63))).code(), "bad_hex");
    assert_eq!(of(&format!("sha256={}", "aB".repeat(32))).code(), "bad_hex");
    assert_eq!(of(&format!("sha256={zeros}")).code(), "signature_mismatch");

    let of = |value: &str| refusal(&shopify, SECRET, &[("x-shopify-hmac-sha256", value)], "{}").code();
    assert_eq!(of(&format!("{}=", "A".repeat(43))), "signature_mismatch");
    assert_eq!(of(&"A".repeat(44)), "bad_base64");
    assert_eq!(of(&format!("{}B=", "A".repeat(42))), "bad_base64"); // loose trailing bits
    assert_eq!(of(&format!("{}-=", "A".repeat(42))), "bad_base64"); // the URL alphabet
    assert_eq!(of(&"A".repeat(43)), "wrong_length");
}

#[test]
fn a_signature_in_upper_case_hex_is_as_good() {
    let scheme = generic(plain_hex());
    let mut request = signed_headers(&scheme, SECRET, b"{}", NOW);
    request[0].1.make_ascii_uppercase();
    assert!(verdict(&scheme, &[SecretRef::current(SECRET)], &request, b"{}").is_ok());
}

#[test]
fn stripe_lists_are_read_as_stripe_means_them() {
    let scheme = VerificationScheme::Stripe {};
    let signed = signed_headers(&scheme, SECRET, b"{}", NOW);
    let value = String::from_utf8(signed[0].1.clone()).unwrap();
    let (time, good) = value.split_once(",v1=").unwrap();
    let zeros = "0".repeat(64);
    let with = |value: String| {
        let request = headers(&[("Stripe-Signature", &value)]);
        verdict(&scheme, &[SecretRef::current(SECRET)], &request, b"{}").map_err(|error| error.code())
    };
    assert!(with(format!("{time},v1={zeros},v1={good},v0={zeros}")).is_ok());
    assert!(with(format!("v1={good},{time}")).is_ok());
    assert!(with(format!("{time},v1=junk,v1={good}")).is_ok());
    assert_eq!(with(format!("{time},v1={zeros},v1={zeros}")), Err("signature_mismatch"));
    assert_eq!(with(format!("{time},v0={good}")), Err("no_supported_signature"));
    assert_eq!(with(format!("{time},v1=junk")), Err("wrong_length"));
    assert_eq!(with(format!("{time},{time},v1={good}")), Err("malformed_header"));
    assert_eq!(with(format!("{time} v1={good},x")), Err("malformed_header"));
    assert_eq!(with(String::new()), Err("malformed_header"));
    assert_eq!(with(format!("v1={good}")), Err("missing_timestamp"));
    assert_eq!(with(format!("t=,v1={good}")), Err("missing_timestamp"));
    assert_eq!(with(format!("t=soon,v1={good}")), Err("malformed_timestamp"));
    assert_eq!(with(format!("t=99999999999999999999,v1={good}")), Err("malformed_timestamp"));
}

#[test]
fn standard_webhooks_lists_and_svix_names_are_read() {
    let scheme = VerificationScheme::StandardWebhooks {};
    let secret = scheme.new_secret([7; 32]);
    let signed = signed_headers(&scheme, &secret, b"{}", NOW);
    let texts: Vec<String> =
        signed.iter().map(|(_, value)| String::from_utf8(value.clone()).unwrap()).collect();
    let [id, time, good] = [&texts[0], &texts[1], &texts[2]];
    let zeros = format!("v1,{}=", "A".repeat(43));
    let with = |prefix: &str, id: &str, time: &str, signature: &str| {
        let names = ["id", "timestamp", "signature"].map(|name| format!("{prefix}-{name}"));
        let request = headers(&[(&names[0], id), (&names[1], time), (&names[2], signature)]);
        verdict(&scheme, &[SecretRef::current(&secret)], &request, b"{}").map_err(|error| error.code())
    };
    for prefix in ["webhook", "svix", "Svix"] {
        assert!(with(prefix, id, time, good).is_ok(), "{prefix}");
        assert!(with(prefix, id, time, &format!("{zeros} v1a,abc= {good}")).is_ok());
        assert_eq!(with(prefix, id, time, &zeros), Err("signature_mismatch"));
        assert_eq!(with(prefix, id, time, "v1a,abc="), Err("no_supported_signature"));
        assert_eq!(with(prefix, id, time, ""), Err("no_supported_signature"));
        assert_eq!(with(prefix, id, time, "v1"), Err("malformed_header"));
        assert_eq!(with(prefix, id, time, &good.replace("v1,", "v1,,")), Err("wrong_length"));
        assert_eq!(with(prefix, "msg_2", time, good), Err("signature_mismatch"));
        assert_eq!(with(prefix, "", time, good), Err("malformed_id"));
        assert_eq!(with(prefix, "a b", time, good), Err("malformed_id"));
        assert_eq!(with(prefix, id, "1.7e9", good), Err("malformed_timestamp"));
    }
    // The families are not mixed: a standard signature is not verified over Svix's id.
    let mixed = headers(&[("svix-id", id), ("webhook-timestamp", time), ("webhook-signature", good)]);
    let error = verdict(&scheme, &[SecretRef::current(&secret)], &mixed, b"{}").unwrap_err();
    assert_eq!(error, VerificationError::MissingHeader { header: "webhook-id".parse().unwrap() });
}

#[test]
fn the_window_reaches_as_far_into_the_past_as_into_the_future() {
    let window = TimestampWindow::try_from(10).unwrap();
    for scheme in schemes() {
        let secret = scheme.new_secret([7; 32]);
        let signed_at = Timestamp(NOW.0 / SECOND * SECOND);
        let request = signed_headers(&scheme, &secret, b"{}", signed_at);
        let at = |now: Timestamp| {
            let view = RequestView { headers: &request, body: b"{}" };
            verify(&scheme, &[SecretRef::current(&secret)], window, &view, now)
        };
        let Some(time) = at(signed_at).unwrap().timestamp else { continue };
        assert_eq!(time, signed_at);
        assert!(at(signed_at.plus(10 * SECOND)).is_ok());
        assert!(at(signed_at.plus(-10 * SECOND)).is_ok());
        assert_eq!(
            at(signed_at.plus(10 * SECOND + 1)),
            Err(VerificationError::TooOld { age_seconds: 10, window_seconds: 10 })
        );
        let ahead = at(signed_at.plus(-10 * SECOND - 1)).unwrap_err();
        assert_eq!(ahead, VerificationError::InFuture { ahead_seconds: 10, window_seconds: 10 });
        assert_eq!(ahead.reason(), RejectionReason::TimestampOutOfWindow);
        for extreme in [i64::MIN, i64::MAX] {
            assert!(at(Timestamp(extreme)).is_err());
        }
    }
}

#[test]
fn an_old_request_with_a_wrong_signature_is_called_wrong_and_not_old() {
    let scheme = VerificationScheme::Slack {};
    let request = signed_headers(&scheme, "another", b"{}", NOW.plus(-3_600 * SECOND));
    let error = verdict(&scheme, &[SecretRef::current(SECRET)], &request, b"{}").unwrap_err();
    assert_eq!(error.code(), "signature_mismatch");
}

#[test]
fn credentials_are_compared_whole() {
    let bearer = VerificationScheme::Bearer {};
    let of = |value: &str| {
        let request = headers(&[("authorization", value)]);
        verdict(&bearer, &[SecretRef::current("t0ken")], &request, b"").map_err(|error| error.code())
    };
    assert!(of("Bearer t0ken").is_ok());
    assert!(of("bearer t0ken").is_ok());
    for wrong in ["Bearer ", "Bearer T0ken", "Bearer t0ken ", "Bearer t0ke", "Bearer t0kent0ken"] {
        assert_eq!(of(wrong), Err("credential_mismatch"), "{wrong:?}");
    }
    for foreign in ["Basic t0ken", "t0ken", "Bearer", ""] {
        assert_eq!(of(foreign), Err("wrong_prefix"), "{foreign:?}");
    }

    let basic = VerificationScheme::Basic { username: "hook".parse().unwrap() };
    let of = |value: &str| {
        let request = headers(&[("authorization", value)]);
        verdict(&basic, &[SecretRef::current("p:ss")], &request, b"").map_err(|error| error.code())
    };
    assert!(of("Basic aG9vazpwOnNz").is_ok()); // hook:p:ss
    assert_eq!(of("Basic SG9vazpwOnNz"), Err("credential_mismatch")); // Hook:p:ss
    assert_eq!(of("Basic %%%"), Err("bad_base64"));
    assert_eq!(of("Bearer aG9vazpwOnNz"), Err("wrong_prefix"));
}

#[test]
fn none_lets_in_and_says_that_it_checked_nothing() {
    let scheme = VerificationScheme::None {};
    assert!(scheme.requires_sandbox() && !scheme.requires_secret());
    let verified = verdict(&scheme, &[], &Vec::new(), b"anything").unwrap();
    assert_eq!((verified.secret_index, verified.checks), (None, vec![Check::Unverified]));
    for scheme in schemes() {
        assert!(!scheme.requires_sandbox() && scheme.requires_secret());
    }
}

#[test]
fn errors_never_show_a_secret_a_credential_or_the_right_signature() {
    for scheme in schemes() {
        let secret = scheme.new_secret([7; 32]);
        let good = signed_headers(&scheme, &secret, b"{}", NOW);
        let (_, signature) = good.last().unwrap();
        let signature = String::from_utf8(signature.clone()).unwrap();
        let proof = signature.rsplit(['=', ',', ' ']).find(|part| part.len() > 20).unwrap();
        let other = signed_headers(&scheme, &scheme.new_secret([8; 32]), b"{}", NOW);
        let secrets = [SecretRef::current(&secret)];
        for (request, body) in [(&other, &b"{}"[..]), (&good, b"{} "), (&Vec::new(), b"{}")] {
            if let Err(error) = verdict(&scheme, &secrets, request, body) {
                let shown = format!("{error} {error:?} {secrets:?}");
                assert!(!shown.contains(&secret) && !shown.contains(proof), "{shown}");
            }
        }
    }
}
