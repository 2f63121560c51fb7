//! What is accepted, what is refused and where, and that nothing panics.

use std::hint::black_box;
use std::time::Instant;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn refuse(body: impl AsRef<[u8]>) -> JsonBodyError {
    validate(body.as_ref()).unwrap_err()
}

#[track_caller]
fn assert_refused(body: impl AsRef<[u8]>, code: &str, pointer: &str, line: usize, column: usize) {
    let error = refuse(body);
    assert_eq!(
        (error.code(), error.pointer.as_str(), error.line, error.column),
        (code, pointer, line, column),
        "{error}"
    );
}

#[test]
fn any_json_value_is_a_body() {
    for body in [
        "{}",
        "[]",
        " \t\r\n{ \"a\" : [ 1 , -0.5e+3 , true , false , null , \"x\" ] } \n",
        "\"text\"",
        "0",
        "-0",
        "1E4",
        "null",
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#,
        "\"😀 é \u{2028} \u{7f}\"",
        "{\"\":{\"\":0}}",
        "12345678901234567890123456789012345678901234567890.000000000000000000000000000001",
    ] {
        assert_eq!(validate(body.as_bytes()), Ok(()), "{body}");
        serde_json::from_str::<Value>(body).unwrap();
    }
}

#[test]
fn refusals_say_where() {
    assert_refused("", "json_empty", "", 1, 1);
    assert_refused(" \n ", "json_empty", "", 2, 2);
    assert_refused(b"{\"a\":\"\xff\"}", "json_invalid_utf8", "", 1, 7);
    assert_refused(b"\"\xed\xa0\x80\"", "json_invalid_utf8", "", 1, 2);
    assert_refused(b"\xef\xbb\xbf{}", "json_malformed", "", 1, 1);
    assert_refused("{\n  \"a\": tru\n}", "json_malformed", "/a", 2, 8);
    assert_refused("{\"é\":\"😀\" \"b\":1}", "json_malformed", "", 1, 10);
    assert_refused("{\"a\":[1,2,{\"b\":[x]}]}", "json_malformed", "/a/2/b/0", 1, 17);
    assert_refused("{\"a\" 1}", "json_malformed", "/a", 1, 6);
    assert_refused("{\"a/b~\":?}", "json_malformed", "/a~1b~0", 1, 9);
    assert_refused("{} {}", "json_trailing_data", "", 1, 4);
    assert_refused("{}\0", "json_trailing_data", "", 1, 3);
    assert_refused("{\"a\":{\"k\":1,\"k\":2}}", "json_duplicate_key", "/a", 1, 13);
    assert_refused(r#"{"key":1,"\u006bey":2}"#, "json_duplicate_key", "", 1, 10);
    assert_refused(r#"["\ud83d"]"#, "json_lone_surrogate", "/0", 1, 3);
    assert_refused(r#"["\ud83d\u0041"]"#, "json_lone_surrogate", "/0", 1, 3);
    assert_refused(r#"["\ude00"]"#, "json_lone_surrogate", "/0", 1, 3);
    assert_refused("[1e400]", "json_number_too_large", "/0", 1, 2);
    assert_refused("9".repeat(400), "json_number_too_large", "", 1, 1);
}

#[test]
fn what_is_almost_json_is_malformed() {
    for body in [
        "{",
        "}",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":}",
        "{\"a\"}",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"\u{1}\"",
        "01",
        "-",
        "-a",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "NaN",
        "Infinity",
        "True",
        "nul",
        "undefined",
        "// x\n1",
        "[1 2]",
        "\"abcdefgh",
        "\"abcdefg\u{1f}\"",
    ] {
        assert_eq!(refuse(body).code(), "json_malformed", "{body}");
    }
}

#[test]
fn the_message_names_the_key_and_the_remedy() {
    let error = refuse(r#"{"order":{"id":1,"id":2}}"#);
    assert_eq!(error.problem, JsonBodyProblem::DuplicateKey { key: "id".into() });
    assert_eq!(
        error.to_string(),
        "the key \"id\" occurs twice in the object at /order: send it once (line 1, column 18)"
    );
    let long = "k".repeat(100_000);
    let message = refuse(format!("{{\"{long}\":1,\"{long}\":2}}")).to_string();
    assert!(message.len() < 400, "{}", message.len());
}

#[test]
fn nesting_is_bounded_where_serde_json_bounds_it() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(validate(nested(MAX_DEPTH).as_bytes()), Ok(()));
    assert!(serde_json::from_str::<Value>(&nested(MAX_DEPTH)).is_ok());
    assert!(serde_json::from_str::<Value>(&nested(MAX_DEPTH + 1)).is_err());
    assert_eq!(refuse(nested(MAX_DEPTH + 1)).code(), "json_too_deep");
    assert_eq!(refuse("[".repeat(1_000_000)).code(), "json_too_deep");
    assert_eq!(refuse("{\"a\":".repeat(10_000)).code(), "json_too_deep");
}

#[test]
fn keys_of_different_objects_do_not_meet() {
    assert_eq!(validate(br#"{"a":{"a":{"a":1},"b":2},"b":[{"a":1},{"a":2}]}"#), Ok(()));
}

#[test]
fn duplicates_are_found_in_long_objects_too() {
    let mut members: Vec<String> = (0..100_000).map(|i| format!("\"k{i}\":{{\"k{i}\":{i}}}")).collect();
    assert_eq!(validate(format!("{{{}}}", members.join(",")).as_bytes()), Ok(()));
    members.push("\"k77777\":0".into());
    let error = refuse(format!("{{{}}}", members.join(",")));
    assert_eq!(error.problem, JsonBodyProblem::DuplicateKey { key: "k77777".into() });
    for count in 1..40usize {
        for twice in 0..count {
            let keys = (0..count).chain([twice]).map(|i| format!("\"k{i}\":0"));
            let body = format!("{{{}}}", keys.collect::<Vec<_>>().join(","));
            assert_eq!(refuse(body).code(), "json_duplicate_key");
        }
    }
}

#[test]
fn a_pointer_reads_strings_and_numbers() {
    let body = br#" { "skip": {"a":[1,{"type":"no"}],"s":"}]\""}, "type" : "order.paid",
        "data":{"id":12345678901234567890123,"a/b":{"~":["x",{"n":-1.50}]},"t":true,"z":null},
        "\u00e9":"caf\u00e9", "":"empty" } "#;
    let get = |pointer| pointer_get(body, pointer);
    assert_eq!(get("/type").as_deref(), Some("order.paid"));
    assert_eq!(get("/data/id").as_deref(), Some("12345678901234567890123"));
    assert_eq!(get("/data/a~1b/~0/0").as_deref(), Some("x"));
    assert_eq!(get("/data/a~1b/~0/1/n").as_deref(), Some("-1.50"));
    assert_eq!(get("/é").as_deref(), Some("café"));
    assert_eq!(get("/").as_deref(), Some("empty"));
    for nowhere in [
        "",
        "type",
        "/nothing",
        "/type/0",
        "/data",
        "/data/t",
        "/data/z",
        "/data/a~1b/~0/2",
        "/data/a~1b/~0/00",
        "/data/a~1b/~0/-",
        "/data/a~1b/~0/+0",
        "/data/a~2b",
        "/data/a~",
        "/skip/a/x",
        "/data/a~1b/~0/1/n/0",
    ] {
        assert_eq!(get(nowhere), None, "{nowhere}");
    }
    assert_eq!(pointer_get(b"\"root\"", "").as_deref(), Some("root"));
    assert_eq!(pointer_get(b"42", "").as_deref(), Some("42"));
}

#[test]
fn a_pointer_reads_what_comes_before_a_cut_and_nothing_that_is_cut() {
    let whole = "{\"a\":\"x\",\"id\":1234,\"name\":\"é…\"}";
    assert_eq!(pointer_get(&whole.as_bytes()[..20], "/id").as_deref(), Some("1234"));
    assert_eq!(pointer_get(&whole.as_bytes()[..17], "/id"), None);
    for cut in 0..whole.len() {
        let cut = &whole.as_bytes()[..cut];
        assert!(matches!(pointer_get(cut, "/id").as_deref(), None | Some("1234")));
        assert!(matches!(pointer_get(cut, "/name").as_deref(), None | Some("é…")));
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}|[\\x00-\\x7f\"\\\\]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,4}|[a-d~/\"\\\\\n]{0,3}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every leaf that is a string or number, with its pointer.
fn leaves(value: &Value, pointer: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((pointer, text.clone())),
        Value::Number(number) => found.push((pointer, number.to_string())),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                leaves(item, format!("{pointer}/{i}"), found);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                let step = key.replace('~', "~0").replace('/', "~1");
                leaves(item, format!("{pointer}/{step}"), found);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

proptest! {
    #[test]
    fn accepts_what_serde_json_writes_and_finds_every_leaf(value in json(), pretty: bool) {
        let body = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        prop_assert_eq!(validate(body.as_bytes()), Ok(()));
        let mut found = Vec::new();
        leaves(&value, String::new(), &mut found);
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let expected: Vec<_> = found.iter().map(|(_, text)| Some(text.clone())).collect();
        prop_assert_eq!(validate_and_read(body.as_bytes(), &pointers), Ok(expected));
        for (pointer, expected) in &found {
            prop_assert_eq!(pointer_get(body.as_bytes(), pointer), Some(expected.clone()), "{}", pointer);
        }
    }

    #[test]
    fn agrees_with_serde_json_on_broken_json(value in json(), at: prop::sample::Index, byte: u8, insert: bool) {
        let mut body = serde_json::to_vec(&value).unwrap();
        let at = at.index(body.len());
        if insert { body.insert(at, byte) } else { body[at] = byte }
        let theirs = serde_json::from_slice::<Value>(&body);
        match validate(&body) {
            Ok(()) => prop_assert!(theirs.is_ok(), "{:?}", theirs),
            Err(error) if error.code() == "json_duplicate_key" => {}
            Err(error) => prop_assert!(theirs.is_err(), "{}", error),
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[\\[\\]{}:,\"\\\\u0-9a-e.+ -]{0,40}", pointer in "[/~a-c0-9]{0,6}") {
        for body in [&bytes[..], text.as_bytes()] {
            let _ = validate(body);
            let _ = pointer_get(body, &pointer);
            // The two readers say the same about any text that is accepted, and the one pass accepts the same.
            let read = validate_and_read(body, &[&pointer]);
            prop_assert_eq!(read.clone().map(drop), validate(body));
            if let (Ok(read), true) = (read, pointer.parse::<domain::signature::JsonPointer>().is_ok()) {
                prop_assert_eq!(&read[0], &pointer_get(body, &pointer));
            }
            if validate(body).is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(body).is_ok());
            }
        }
    }
}

/// Prints what the hot path costs; nothing is asserted, because a busy machine is no bug.
#[test]
fn print_the_cost_of_an_815_byte_body() {
    let body = sample();
    assert_eq!(body.len(), 815);
    assert_eq!(validate(body.as_bytes()), Ok(()));
    let rounds = 20_000;
    let each = |what: &str, run: &dyn Fn()| {
        let start = Instant::now();
        for _ in 0..rounds {
            run();
        }
        println!("{what}: {:?}", start.elapsed() / rounds);
    };
    each("validate", &|| drop(black_box(validate(black_box(body.as_bytes())))));
    each("validate_and_read", &|| {
        drop(black_box(validate_and_read(black_box(body.as_bytes()), &["/type", "/meta/trace"])))
    });
    each("pointer_get, first key", &|| drop(black_box(pointer_get(black_box(body.as_bytes()), "/type"))));
    each("pointer_get, last key", &|| {
        drop(black_box(pointer_get(black_box(body.as_bytes()), "/meta/trace")))
    });
    each("serde_json::Value", &|| {
        drop(black_box(serde_json::from_slice::<Value>(black_box(body.as_bytes()))))
    });
}

/// A webhook of a shop, padded to the size the design's numbers are for.
fn sample() -> String {
    let head = concat!(
        r#"{"type":"order.paid","id":"evt_01HZX3J8M6T9Q2W4R5Y7","created":1763798400,"livemode":true,"data":{"#,
        r#""order":{"id":918273645546372,"number":"SO-2026-001942","currency":"EUR","total":"129.90","tax":20.74,"#,
        r#""customer":{"id":5521,"email":"ada@example.com","name":"Ada Lovelace","tags":["vip","newsletter"]},"#,
        r#""items":[{"sku":"BK-1042","title":"Notes on the Engine","quantity":2,"price":"39.95","options":null},"#,
        r#"{"sku":"PN-0007","title":"Pencil \"HB\"","quantity":10,"price":"5.00","options":{"gift":false}}],"#,
        r#""shipping":{"street":"12 St James's Square","city":"London","zip":"SW1Y 4JH","country":"GB"}}},"#,
        r#""meta":{"attempt":1,"note":""#
    );
    let tail = r#"","trace":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#;
    format!("{head}{}{tail}", "x".repeat(815 - head.len() - tail.len()))
}
