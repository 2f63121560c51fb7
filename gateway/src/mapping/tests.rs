//! Mappings as a whole: what comes out, what is reported, and what is never changed.

use domain::mapping::MappingIssueCode as Code;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CONTEXT: MappingContext<'static> = MappingContext {
    event_id: "evt_1",
    event_type: "order.paid",
    source_record_id: Some("so_7"),
    received_at: Timestamp::from_seconds(0),
};

fn mapping(fields: Value) -> FieldMapping {
    serde_json::from_value(json!({ "fields": fields })).unwrap()
}

fn path(target: &str, expression: &str) -> Value {
    json!({"target": target, "source": {"type": "path", "expression": expression}})
}

fn template(target: &str, template: &str) -> Value {
    json!({"target": target, "source": {"type": "template", "template": template}})
}

fn constant(target: &str, value: Value) -> Value {
    json!({"target": target, "source": {"type": "constant", "value": value}})
}

fn with(mut rule: Value, extra: Value) -> Value {
    for (key, value) in extra.as_object().unwrap() {
        rule[key] = value.clone();
    }
    rule
}

#[track_caller]
fn apply(fields: Value, payload: &str) -> Result<String, Vec<MappingIssue>> {
    let compiled = compile(&mapping(fields)).unwrap_or_else(|issues| panic!("{issues:#?}"));
    compiled.apply(payload.as_bytes(), &CONTEXT).map(|body| String::from_utf8(body.to_vec()).unwrap())
}

fn codes(issues: &[MappingIssue]) -> Vec<(Option<usize>, &str, Code)> {
    issues.iter().map(|issue| (issue.rule, issue.target.as_str(), issue.code)).collect()
}

#[test]
fn an_empty_mapping_passes_every_byte() {
    let compiled = compile(&FieldMapping::default()).unwrap();
    for payload in [&b" {\"b\" : 1.10,\n\"a\":1e400 } "[..], b"not json \xff", b""] {
        assert_eq!(&compiled.apply(payload, &CONTEXT).unwrap()[..], payload);
    }
}

#[test]
fn rules_build_the_output_in_their_order() {
    let fields = json!([
        path("zeta", "order.id"),
        template("customer.name", "{{ payload.first }} {{ payload.last }}"),
        path("customer.emails[0].address", "email"),
        constant("customer.emails[0].kind", json!("work")),
        constant("customer.emails[1]", json!({"address": null})),
        path("customer.name_parts", "[first, last]"),
        template("source", "{{ event.type }}/{{ event.source_record_id }}"),
        path(r#"["a.b"]"#, "order"),
        path("lines", "order.lines[].{sku: s, n: n}"),
    ]);
    let payload = r#"{"first":"Ada","last":"Lovelace","email":"a@b.c",
        "order":{"id":98765432109876543210,"amount":10.00,"lines":[{"s":"x","n":1.0},{"s":"y","n":2}]}}"#;
    assert_eq!(
        apply(fields, payload).unwrap(),
        concat!(
            r#"{"zeta":98765432109876543210,"customer":{"name":"Ada Lovelace","emails":[{"address":"a@b.c","kind":"work"},{"address":null}],"#,
            r#""name_parts":["Ada","Lovelace"]},"source":"order.paid/so_7","a.b":{"id":98765432109876543210,"amount":10.00,"#,
            r#""lines":[{"s":"x","n":1.0},{"s":"y","n":2}]},"lines":[{"sku":"x","n":1.0},{"sku":"y","n":2}]}"#
        )
    );
}

#[test]
fn missing_values_take_the_default_or_leave_their_field_out() {
    let fields = json!([
        with(path("a", "nothing"), json!({"default": {"x": 1}})),
        path("b", "nothing"),
        path("c.d.e", "nothing"),
        with(template("f", "{{ payload.nothing }}"), json!({"default": "-"})),
        template("g", "{{ payload.nothing }}"),
        constant("h", json!(null)),
        path("i[0]", "nothing"),
        path("i[1]", "one"),
        path("i[2]", "nothing"),
        with(path("j", "null"), json!({"default": 0, "required": true})),
    ]);
    assert_eq!(
        apply(fields, r#"{"one":1,"null":null}"#).unwrap(),
        r#"{"a":{"x":1},"f":"-","h":null,"i":[null,1],"j":0}"#
    );
    assert_eq!(apply(json!([path("a.b", "c")]), "[]").unwrap(), "{}");
}

#[test]
fn all_issues_of_a_payload_are_reported_at_once() {
    let fields = json!([
        with(path("a", "nothing"), json!({"required": true})),
        path("b", "length(nothing)"),
        path("fine", "x"),
        with(template("c", "{{ payload.nothing }}"), json!({"required": true})),
        template("d", "{{ payload.x|split('') }}"),
    ]);
    let issues = apply(fields, r#"{"x":"1"}"#).unwrap_err();
    assert_eq!(
        codes(&issues),
        [
            (Some(0), "a", Code::ValueMissing),
            (Some(1), "b", Code::EvaluationFailed),
            (Some(3), "c", Code::ValueMissing),
            (Some(4), "d", Code::EvaluationFailed),
        ]
    );
    assert_eq!(
        issues[0].message,
        "the expression found nothing in this payload: correct the source, give a default, or make the field optional"
    );
}

#[test]
fn all_issues_of_a_mapping_are_reported_at_once() {
    let fields = json!([
        path("a", "b["),
        template("a.b", "{{ x"),
        path("c", "ok"),
        path("c", "ok"),
        path("d.e", "ok"),
        path("d[0]", "ok"),
        path("d", "ok"),
        path("f[0]", "ok"),
        path("f[2]", "ok"),
        constant("g", json!([{"n": 1e300}])),
        with(path("h", "ok"), json!({"default": 18446744073709551616.0})),
        constant("i", json!(18446744073709551615u64)),
        constant("j", json!(0.1)),
    ]);
    let issues = compile(&mapping(fields)).unwrap_err();
    assert_eq!(
        codes(&issues),
        [
            (Some(0), "a", Code::ExpressionInvalid),
            (Some(1), "a.b", Code::TargetConflict),
            (Some(1), "a.b", Code::TemplateInvalid),
            (Some(3), "c", Code::TargetConflict),
            (Some(5), "d[0]", Code::TargetConflict),
            (Some(6), "d", Code::TargetConflict),
            (Some(8), "f[2]", Code::TargetGap),
            (Some(9), "g", Code::NumberInexact),
            (Some(10), "h", Code::NumberInexact),
        ]
    );
    assert!(issues[1].message.contains("and a (rule 1) can not both be written"), "{}", issues[1].message);
    assert!(issues[5].message.contains("d.e (rule 5)"), "{}", issues[5].message);
    assert!(issues[6].message.contains("no rule writes index 1"), "{}", issues[6].message);
}

#[test]
fn a_mapping_has_a_bounded_number_of_rules() {
    let rules = |count: usize| (0..count).map(|i| path(&format!("f{i}"), "a")).collect::<Value>();
    assert!(compile(&mapping(rules(MAX_RULES))).is_ok());
    let issues = compile(&mapping(rules(MAX_RULES + 1))).unwrap_err();
    assert_eq!(codes(&issues), [(None, "", Code::TooManyRules)]);
}

#[test]
fn a_payload_that_is_no_json_is_one_issue() {
    let issues = apply(json!([path("a", "b")]), "{\"a\":1,\"a\":2}").unwrap_err();
    assert_eq!(codes(&issues), [(None, "", Code::PayloadInvalid)]);
    assert!(issues[0].message.contains("occurs twice"), "{}", issues[0].message);
    assert_eq!(codes(&apply(json!([path("a", "b")]), "").unwrap_err()), [(None, "", Code::PayloadInvalid)]);
}

#[test]
fn cost_and_size_are_bounded() {
    let bomb = ["[@,@][]"; 40].join("|");
    let issues = apply(json!([path("a", &bomb), path("b", "c")]), "[1,2]").unwrap_err();
    assert_eq!(codes(&issues), [(Some(0), "a", Code::EvaluationTooCostly)]);

    let payload = format!("\"{}\"", "x".repeat(200_000));
    let copies: Value = (0..6).map(|i| path(&format!("f{i}"), "@")).collect();
    assert_eq!(codes(&apply(copies, &payload).unwrap_err()), [(None, "", Code::OutputTooLarge)]);

    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let target = ["a"; 20].join(".");
    assert_eq!(
        codes(&apply(json!([path(&target, "@")]), &deep).unwrap_err()),
        [(None, "", Code::OutputTooLarge)]
    );

    let wide: Vec<String> = (0..100_000).map(|i| format!("\"k{i}\":{i}")).collect();
    let wide = format!("{{{}}}", wide.join(","));
    let last: Value = (0..MAX_RULES).map(|i| path(&format!("f{i}"), &format!("k{}", 99_999 - i))).collect();
    let issues = apply(last, &wide).unwrap_err();
    assert_eq!(issues[0].code, Code::EvaluationTooCostly);
    assert_eq!(apply(json!([path("a", "k99999")]), &wide).unwrap(), "{\"a\":99999}");
}

#[test]
fn a_compiled_mapping_is_shared_by_threads() {
    let compiled = compile(&mapping(json!([path("a", "x"), template("b", "{{ payload.x }}")]))).unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let compiled = &compiled;
            scope.spawn(move || {
                for _ in 0..100 {
                    let body = compiled.apply(format!("{{\"x\":{n}}}").as_bytes(), &CONTEXT).unwrap();
                    assert_eq!(&body[..], format!("{{\"a\":{n},\"b\":\"{n}\"}}").as_bytes());
                }
            });
        }
    });
}

#[test]
fn paths_take_values_as_segments() {
    let render = |path: &str, payload: &str| compile_path(path).unwrap().render(payload.as_bytes(), &CONTEXT);
    assert_eq!(
        render("/contacts/{{ payload.id }}", r#"{"id":98765432109876543210}"#).unwrap(),
        "/contacts/98765432109876543210"
    );
    assert_eq!(
        render("/c/{{ payload.id }}/e/{{ event.id }}", r#"{"id":"a b/ü?x=1&y#z%2f\\"}"#).unwrap(),
        "/c/a%20b%2F%C3%BC%3Fx%3D1%26y%23z%252f%5C/e/evt_1"
    );
    assert_eq!(
        render("/search?q={{ payload.q }}&n=1", r#"{"q":"a&n=2"}"#).unwrap(),
        "/search?q=a%26n%3D2&n=1"
    );
    assert_eq!(render("/static", "not even json").unwrap(), "/static");
    assert_eq!(render("", "").unwrap(), "");
    assert_eq!(render("/v{{ payload.v }}.json", r#"{"v":1.5}"#).unwrap(), "/v1.5.json");
    assert_eq!(render("/a/{{ payload.id|default('none') }}", "{}").unwrap(), "/a/none");

    for (path, payload, code) in [
        ("/c/{{ payload.id }}", r#"{"id":".."}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}", r#"{"id":"."}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}{{ payload.id }}/x", r#"{"id":"."}"#, Code::PathValueUnsafe),
        ("/c/.{{ payload.id }}", r#"{"id":"."}"#, Code::PathValueUnsafe),
        ("/c/%2e{{ payload.id }}", r#"{"id":"."}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}", r#"{"id":""}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}", r#"{"id":null}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}", r#"{"id":[1]}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}", r#"{"id":{}}"#, Code::PathValueUnsafe),
        ("/c/{{ payload.id }}", "{}", Code::ValueMissing),
        ("/c/{{ payload.id }}", "{", Code::PayloadInvalid),
        ("/c/{{ payload.id }}", &format!("{{\"id\":\"{}\"}}", "x".repeat(5_000)), Code::OutputTooLarge),
    ] {
        assert_eq!(render(path, payload).unwrap_err().code, code, "{path} {payload:.40}");
    }
    for path in [
        "c/{{ payload.id }}",
        "{{ payload.id }}",
        "/a/../b",
        "/a b",
        "/a#b",
        "/a\\b",
        "/a\r\nb",
        "/{{ x }}",
        "/%2E%2e/",
    ] {
        let outcome = compile_path(path).and_then(|path| path.render(br#"{"id":"1"}"#, &CONTEXT));
        assert!(outcome.is_err(), "{path}");
    }
}

#[test]
fn a_path_is_appended_to_the_base_url() {
    let url = |base: &str, path: &str| {
        let payload = br#"{"id":"//evil.example/..;@x"}"#;
        compile_path(path).unwrap().url(&Url::parse(base).unwrap(), payload, &CONTEXT).unwrap().to_string()
    };
    use ::url::Url;
    assert_eq!(
        url("https://a.example/v1/", "/c/{{ payload.id }}"),
        "https://a.example/v1/c/%2F%2Fevil.example%2F..%3B%40x"
    );
    assert_eq!(
        url("https://a.example", "//{{ payload.id }}"),
        "https://a.example//%2F%2Fevil.example%2F..%3B%40x"
    );
    assert_eq!(url("https://a.example/v1?key=k", "/c?x=1"), "https://a.example/v1/c?key=k&x=1");
    assert_eq!(url("https://a.example/v1?key=k", ""), "https://a.example/v1?key=k");
    assert_eq!(url("https://a.example/v1/#f", "/c"), "https://a.example/v1/c");
}

#[test]
fn the_destinations_id_is_read_from_its_answer() {
    assert_eq!(
        pointer_string(br#"{"data":{"id":9007199254740993}}"#, "/data/id").as_deref(),
        Some("9007199254740993")
    );
    assert_eq!(pointer_string(br#"[{"Id":"003A"}]"#, "/0/Id").as_deref(), Some("003A"));
    assert_eq!(pointer_string(br#"{"id":"5","rest":"cut of"#, "/id").as_deref(), Some("5"));
    for (answer, pointer) in
        [("{\"id\":\"\"}", "/id"), ("{\"id\":true}", "/id"), ("<html>", "/id"), ("", ""), ("{}", "/id")]
    {
        assert_eq!(pointer_string(answer.as_bytes(), pointer), None, "{answer}");
    }
}

proptest! {
    #[test]
    fn a_copied_value_keeps_every_character(
        token in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?",
        text in "\\PC{0,20}",
        keys in prop::collection::btree_set("[a-z]{1,4}", 1..6).prop_map(Vec::from_iter).prop_shuffle(),
    ) {
        let members: Vec<_> = keys.iter().map(|key| format!("\"{key}\":{token}")).collect();
        let inner = format!("{{{},\"A\":{}}}", members.join(","), Value::from(text));
        let payload = format!(" {{ \"x\" : {inner} }} ");
        prop_assert_eq!(apply(json!([path("copy", "x")]), &payload).unwrap(), format!("{{\"copy\":{inner}}}"));
    }

    #[test]
    fn a_payload_can_not_change_which_path_is_meant(value in "\\PC{1,12}|[./%2eE\\\\?#@:;&=\\x00-\\x20]{1,12}") {
        let payload = json!({ "id": value }).to_string();
        let template = compile_path("/v1/contacts/{{ payload.id }}/notes").unwrap();
        let base = ::url::Url::parse("https://api.example/base").unwrap();
        if let Ok(url) = template.url(&base, payload.as_bytes(), &CONTEXT) {
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 5, "{}", url);
            prop_assert_eq!((segments[0], segments[1], segments[2], segments[4]), ("base", "v1", "contacts", "notes"));
            prop_assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("api.example"), None, None));
            let back = percent_encoding::percent_decode_str(segments[3]).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(back, value);
        }
    }

    #[test]
    fn nothing_panics(payload in prop::collection::vec(any::<u8>(), 0..40), expression in "[a-c@.*\\[\\]]{1,12}", template_text in "[{}%a-c ]{0,16}") {
        let fields = mapping(json!([path("a", &expression), template("b", &template_text)]));
        if let Ok(compiled) = compile(&fields) {
            let _ = compiled.apply(&payload, &CONTEXT);
        }
    }
}

/// Prints what a delivery pays for its mapping; nothing is asserted, because a busy machine is no bug.
#[test]
fn print_the_cost_of_a_typical_mapping() {
    let fields = json!([
        path("external_id", "data.order.id"),
        path("email", "data.order.customer.email"),
        template("name", "{{ payload.data.order.customer.name }} ({{ event.type }})"),
        path("lines", "data.order.items[].{sku: sku, quantity: quantity}"),
        constant("source", json!("shop")),
    ]);
    let compiled = compile(&mapping(fields)).unwrap();
    let payload = br#"{"data":{"order":{"id":918273645546372,"customer":{"email":"ada@example.com","name":"Ada"},"items":[{"sku":"BK-1042","quantity":2},{"sku":"PN-0007","quantity":10}]}}}"#;
    let start = std::time::Instant::now();
    for _ in 0..5_000 {
        std::hint::black_box(compiled.apply(payload, &CONTEXT).unwrap());
    }
    println!("apply: {:?}", start.elapsed() / 5_000);
}
