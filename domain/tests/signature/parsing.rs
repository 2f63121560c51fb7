//! Schemes as JSON: what is accepted, what is refused, and that nothing is ignored.

use domain::signature::{SchemeError, SchemeKind, Source};

use super::*;

fn parse(json: &str) -> Result<VerificationScheme, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn every_scheme_survives_the_store() {
    let mut all = schemes();
    all.push(VerificationScheme::None {});
    for scheme in &all {
        let json = serde_json::to_string(scheme).unwrap();
        assert_eq!(&parse(&json).unwrap(), scheme, "{json}");
        assert!(json.contains(&format!("\"type\":\"{}\"", scheme.kind())), "{json}");
    }
    for kind in SchemeKind::ALL {
        assert!(all.iter().any(|scheme| scheme.kind() == *kind), "{kind}");
    }
}

#[test]
fn the_generic_scheme_reads_as_documented() {
    let scheme = parse(
        r#"{"type":"hmac_sha256","header":"X-Acme-Signature","encoding":"hex","prefix":"sha256=",
            "signed":"{timestamp}.{body}","timestamp":{"header":"X-Acme-Time","unit":"seconds"}}"#,
    );
    let expected = HmacSettings {
        header: "x-acme-signature".parse().unwrap(),
        prefix: "sha256=".into(),
        signed: "{timestamp}.{body}".parse().unwrap(),
        timestamp: Some(TimestampRule {
            header: "x-acme-time".parse().unwrap(),
            unit: TimestampUnit::Seconds,
        }),
        ..plain_hex()
    };
    assert_eq!(scheme, Ok(generic(expected)));
    assert_eq!(
        parse(r#"{"type":"hmac_sha256","header":"x-signature","encoding":"hex"}"#),
        Ok(generic(plain_hex()))
    );
}

#[test]
fn unknown_schemes_and_unknown_fields_are_refused() {
    for json in [
        r#"{}"#,
        r#"{"type":"md5"}"#,
        r#"{"type":"GitHub"}"#,
        r#"{"type":"github","secret":"x"}"#,
        r#"{"type":"none","sandbox":true}"#,
        r#"{"type":"stripe","window_seconds":0}"#,
        r#"{"type":"api_key"}"#,
        r#"{"type":"api_key","header":"x key"}"#,
        r#"{"type":"basic","username":"a:b"}"#,
        r#"{"type":"hmac_sha256","header":"x","encoding":"hex","algorithm":"sha1"}"#,
        r#"{"type":"hmac_sha256","header":"x","encoding":"base32"}"#,
        r#"{"type":"hmac_sha256","header":"x","encoding":"hex","timestamp":{"header":"t","unit":"days"}}"#,
    ] {
        assert!(parse(json).is_err(), "{json}");
    }
}

#[test]
fn settings_that_do_not_fit_together_are_refused_with_the_reason() {
    let error = |change: &dyn Fn(&mut HmacSettings)| {
        let mut settings = plain_hex();
        change(&mut settings);
        HmacScheme::try_from(settings).unwrap_err()
    };
    let rule =
        |header: &str| Some(TimestampRule { header: header.parse().unwrap(), unit: TimestampUnit::Seconds });
    assert_eq!(
        error(&|settings| settings.signed = "{timestamp}{body}".parse().unwrap()),
        SchemeError::TimestampWithoutHeader
    );
    assert_eq!(error(&|settings| settings.timestamp = rule("x-time")), SchemeError::TimestampNotSigned);
    assert_eq!(
        error(&|settings| settings.signed = "{id}{body}".parse().unwrap()),
        SchemeError::IdWithoutHeader
    );
    assert_eq!(error(&|settings| settings.id_header = "x-id".parse().ok()), SchemeError::IdNotSigned);
    assert_eq!(error(&|settings| settings.prefix = "a\nb".into()), SchemeError::Prefix);
    assert_eq!(error(&|settings| settings.prefix = " v1=".into()), SchemeError::Prefix);
    let reused = error(&|settings| {
        settings.signed = "{timestamp}{body}".parse().unwrap();
        settings.timestamp = rule("X-Signature");
    });
    assert_eq!(reused, SchemeError::HeaderUsedTwice { header: "x-signature".parse().unwrap() });

    let message = parse(r#"{"type":"hmac_sha256","header":"x","encoding":"hex","signed":"{nonce}{body}"}"#);
    assert!(message.unwrap_err().contains("{nonce} is not a placeholder"));
}

#[test]
fn windows_have_bounds() {
    for seconds in [0, -1, 86_401, i64::MAX] {
        assert!(TimestampWindow::try_from(seconds).is_err(), "{seconds}");
    }
    assert_eq!(TimestampWindow::try_from(86_400).unwrap().seconds(), 86_400);
    assert_eq!(TimestampWindow::try_from(300), Ok(TimestampWindow::DEFAULT));
}

#[test]
fn sources_are_strict_json_as_well() {
    let header: Source = serde_json::from_str(r#"{"type":"header","name":"X-Event"}"#).unwrap();
    assert_eq!(serde_json::to_string(&header).unwrap(), r#"{"type":"header","name":"x-event"}"#);
    assert!(serde_json::from_str::<Source>(r#"{"type":"pointer","pointer":"/data/id"}"#).is_ok());
    for bad in [
        r#"{"type":"pointer","pointer":"data"}"#,
        r#"{"type":"header","name":""}"#,
        r#"{"type":"header","name":"x","pointer":"/a"}"#,
        r#"{"type":"query","name":"x"}"#,
    ] {
        assert!(serde_json::from_str::<Source>(bad).is_err(), "{bad}");
    }
}
