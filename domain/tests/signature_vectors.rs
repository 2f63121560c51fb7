//! Both directions against the providers' own npm libraries: what they sign verifies here, what is signed here
//! verifies there. The scripts are in `end2end/signatures/`.
//!
//! The libraries are found in `$SIGNALBOX_NODE_DIR/node_modules`, by default in `end2end/node_modules`. Without
//! node or without them these tests fail and say how to get them; they are never skipped.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::signature::{
    Message, Preset, RequestView, SecretRef, TimestampWindow, VerificationError, VerificationScheme, sign,
    verify,
};
use domain::time::{SECOND, Timestamp};

#[derive(serde::Deserialize)]
struct Vector {
    name: String,
    made_by: String,
    scheme: VerificationScheme,
    secret: String,
    headers: Vec<(String, String)>,
    body_base64: String,
    signed_at: Option<f64>,
}

/// Runs one of the scripts with `input`; gives back what it printed.
fn node(script: &str, input: &str) -> String {
    let end2end = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../end2end");
    let packages = std::env::var_os("SIGNALBOX_NODE_DIR").map_or_else(|| end2end.clone(), PathBuf::from);
    assert!(
        packages.join("node_modules").is_dir(),
        "{} has no node_modules. Run `npm ci` in end2end, or point SIGNALBOX_NODE_DIR at a folder where \
         @octokit/webhooks, stripe, standardwebhooks and svix are installed.",
        packages.display()
    );
    let mut child = Command::new("node")
        .arg(
            end2end
                .join("signatures")
                .join(script)
                .canonicalize()
                .expect("the scripts are part of the repository"),
        )
        .current_dir(&packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("node did not start ({error}). Install Node.js 20 or newer."));
    // A script that ended before it read everything says why on stderr, which is more than a broken pipe says.
    child.stdin.take().expect("stdin is piped").write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().expect("node ends");
    let printed = String::from_utf8(output.stdout).expect("the scripts print UTF-8");
    assert!(
        output.status.success(),
        "{script} failed with {}; run `npm ci` in end2end if a package is missing.\n{printed}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

#[test]
fn requests_signed_by_the_providers_libraries_verify() {
    let vectors: Vec<Vector> = serde_json::from_str(&node("make.mjs", "")).unwrap();
    for library in ["@octokit/webhooks", "stripe", "standardwebhooks", "svix", "node:crypto"] {
        assert!(vectors.iter().any(|vector| vector.made_by == library), "{library} made none");
    }
    for preset in Preset::ALL {
        assert!(vectors.iter().any(|vector| vector.scheme.preset() == Some(*preset)), "{preset} has none");
    }
    for Vector { name, made_by: _, scheme, secret, headers, body_base64, signed_at } in vectors {
        let mut body = STANDARD.decode(body_base64).unwrap();
        let signed_at = signed_at.map(|seconds| Timestamp((seconds * SECOND as f64) as i64));
        let received_at = signed_at.unwrap_or_default().plus(7 * SECOND);
        let judge = |secret: &str, body: &[u8], now: Timestamp| {
            let request = RequestView { headers: &headers, body };
            verify(&scheme, &[SecretRef::current(secret)], TimestampWindow::DEFAULT, &request, now)
        };
        let verified = judge(&secret, &body, received_at).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((verified.secret_index, verified.timestamp), (Some(0), signed_at), "{name}");
        assert!(judge(&scheme.new_secret([1; 32]), &body, received_at).is_err(), "{name}");
        if signed_at.is_some() {
            let late = judge(&secret, &body, received_at.plus(300 * SECOND));
            assert_eq!(
                late,
                Err(VerificationError::TooOld { age_seconds: 307, window_seconds: 300 }),
                "{name}"
            );
        }
        if headers.iter().any(|(name, _)| name.to_lowercase().contains("signature")) {
            body.push(b' ');
            let error = judge(&secret, &body, received_at).unwrap_err();
            assert_eq!(error.code(), "signature_mismatch", "{name}");
        }
    }
}

#[test]
fn requests_signed_here_verify_in_the_providers_libraries() {
    let signed_at = Timestamp::from_seconds(1_795_334_400);
    let providers = [
        ("github", Preset::Github),
        ("stripe", Preset::Stripe),
        ("standardwebhooks", Preset::StandardWebhooks),
        ("svix", Preset::StandardWebhooks),
    ];
    let awkward = "{\"id\": 18446744073709551615,\r\n\"name\":\"Zo\\u00eb Zoë \u{1f6a6}\"}\n";
    let mut requests = Vec::new();
    for (provider, preset) in providers {
        for body in [preset.sample().body, awkward] {
            let scheme = preset.scheme();
            let secret = scheme.new_secret([251; 32]);
            let message = Message { body: body.as_bytes(), id: "msg_p5jXN8AQM9LWM0D4loKWxJek" };
            let headers: serde_json::Map<_, _> = sign(&scheme, secret.as_bytes(), &message, signed_at)
                .unwrap()
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect();
            requests.push(serde_json::json!({
                "name": format!("{provider}, {} bytes", body.len()),
                "provider": provider,
                "secret": secret,
                "headers": headers,
                "body": body,
                "signed_at": signed_at.as_seconds(),
            }));
        }
    }
    let printed = node("check.mjs", &serde_json::to_string(&requests).unwrap());
    assert_eq!(printed.matches(": accepted, changed body refused").count(), requests.len(), "{printed}");
}
