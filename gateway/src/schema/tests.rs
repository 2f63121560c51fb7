//! What is accepted and refused as a schema, what is found in payloads, and that neither takes long.

use std::time::{Duration, Instant};

use serde_json::json;

use super::*;

/// Far longer than anything here takes, far shorter than what must not happen.
const PROMPT: Duration = Duration::from_secs(20);

#[track_caller]
fn ready(schema: Value) -> CompiledSchema {
    compile(&schema).unwrap_or_else(|problem| panic!("{schema:.200}: {problem}"))
}

#[track_caller]
fn refused(schema: Value) -> (&'static str, String, String) {
    let start = Instant::now();
    let problem = compile(&schema).expect_err(&format!("{schema:.200}"));
    assert!(start.elapsed() < PROMPT, "{schema:.200}");
    (problem.code, problem.pointer.clone(), problem.to_string())
}

fn places(violations: &[SchemaViolation]) -> Vec<(&str, &str)> {
    violations.iter().map(|v| (v.pointer.as_str(), v.schema_pointer.as_str())).collect()
}

fn order() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://shop.example/order.json",
        "type": "object",
        "required": ["id", "lines"],
        "properties": {
            "id": {"type": "integer"},
            "email": {"type": "string", "pattern": "^[^@]+@[^@]+$"},
            "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
            "ship/to~": {"$ref": "#address"},
        },
        "additionalProperties": false,
        "$defs": {
            "line": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]},
            "where": {"$anchor": "address", "type": "object", "required": ["zip"]},
        },
    })
}

#[test]
fn a_payload_that_fits_has_no_violations() {
    let schema = ready(order());
    assert_eq!(schema.validate(&json!({"id": 1, "lines": [{"n": 2}], "email": "a@b"})), []);
    assert_eq!(schema.validate_bytes(br#"{"id": 12345678901234567890, "lines": [{"n": 2}]}"#), []);
}

#[test]
fn violations_say_where_in_payload_and_schema() {
    let schema = ready(order());
    let payload =
        json!({"id": "hush-1", "lines": [{"n": 0}, {}], "email": "hush", "extra": "hush", "ship/to~": {}});
    let violations = schema.validate(&payload);
    let mut places = places(&violations);
    places.sort_unstable();
    assert_eq!(
        places,
        [
            ("", "/additionalProperties"),
            ("/email", "/properties/email/pattern"),
            ("/id", "/properties/id/type"),
            ("/lines/0/n", "/$defs/line/properties/n/minimum"),
            ("/lines/1", "/$defs/line/required"),
            ("/ship~1to~0", "/$defs/where/required"),
        ]
    );
    for violation in &violations {
        assert!(!violation.message.contains("hush"), "no values: {}", violation.message);
    }
    let of_id = violations.iter().find(|violation| violation.pointer == "/id").unwrap();
    assert_eq!(of_id.message, r#"the value is not of type "integer""#);
}

#[test]
fn bytes_that_are_no_json_are_one_violation() {
    let schema = ready(json!(true));
    let violations = schema.validate_bytes(b"{\"a\":");
    assert_eq!(places(&violations), [("", "")]);
    assert!(violations[0].message.contains("not JSON"), "{}", violations[0].message);
    assert_eq!(schema.validate_bytes(b"1"), []);
    assert_eq!(ready(json!(false)).validate_bytes(b"1").len(), 1);
}

#[test]
fn violations_are_few_and_short() {
    let schema = ready(json!({"items": {"type": "string"}}));
    assert_eq!(schema.validate(&json!(vec![1; 1_000])).len(), MAX_VIOLATIONS);
    let long = "k".repeat(100_000);
    let schema =
        ready(json!({"additionalProperties": {"type": "string", "enum": [long]}, "maxProperties": 0}));
    for violation in schema.validate(&json!({ long.clone(): 1 })) {
        assert!(violation.message.chars().count() <= MAX_MESSAGE + 1);
        assert!(violation.pointer.chars().count() <= MAX_POINTER + 1);
    }
    let schema = ready(json!({"additionalProperties": false}));
    assert!(schema.validate(&json!({ long: 1 }))[0].message.len() < 1_000);
}

#[test]
fn a_large_payload_is_judged_without_a_list() {
    let schema =
        ready(json!({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}}));
    let start = Instant::now();
    let violations = schema.validate(&json!(vec![1; 300_000]));
    assert_eq!(places(&violations), [("", "")]);
    assert!(violations[0].message.contains("too large to list"));
    assert_eq!(schema.validate(&json!(vec![true; 300_000])), []);
    assert!(start.elapsed() < PROMPT);
}

#[test]
fn references_stay_in_the_document() {
    for (schema, pointer) in [
        (json!({"$ref": "https://example.com/s.json"}), "/$ref"),
        (json!({"$ref": "http://169.254.169.254/latest"}), "/$ref"),
        (json!({"$ref": "file:///etc/passwd"}), "/$ref"),
        (json!({"$ref": "other.json"}), "/$ref"),
        (json!({"$ref": "/absolute"}), "/$ref"),
        (json!({"$ref": ""}), "/$ref"),
        (json!({"$ref": 5}), "/$ref"),
        (json!({"$ref": "json-schema:///"}), "/$ref"),
        (json!({"$ref": "https://json-schema.org/draft/2020-12/schema"}), "/$ref"),
        (json!({"$dynamicRef": "https://example.com/s.json#node"}), "/$dynamicRef"),
        (json!({"properties": {"a/b": {"items": {"$ref": "x"}}}}), "/properties/a~1b/items/$ref"),
        (json!({"$defs": {"a": {"$ref": "x"}}}), "/$defs/a/$ref"),
        (json!({"definitions": {"a": {"$ref": "x"}}}), "/definitions/a/$ref"),
        (json!({"not": {"if": {"contains": {"$ref": "x"}}}}), "/not/if/contains/$ref"),
        (
            json!({"allOf": [{}, {"dependentSchemas": {"a": {"$ref": "x"}}}]}),
            "/allOf/1/dependentSchemas/a/$ref",
        ),
        (json!({"$id": "https://a.example/x", "$ref": "y"}), "/$ref"),
        (json!({"properties": {"a": {"$id": "https://a.example/", "$ref": "#/x"}}}), "/properties/a/$id"),
        (json!({"$defs": {"a": {"$id": "https://a.example/"}}}), "/$defs/a/$id"),
        (json!({"$ref": "#/$defs/nothing"}), "/$ref"),
        (json!({"$ref": "#nothing"}), "/$ref"),
        (json!({"$ref": "#/const", "const": {"$ref": "https://example.com/"}}), "/$ref"),
        (json!({"$ref": "#/examples/0", "examples": [{"$ref": "https://example.com/"}]}), "/$ref"),
        (json!({"$ref": "#/x", "x": {"$ref": "https://example.com/"}}), "/$ref"),
        (json!({"$ref": "#%ff"}), "/$ref"),
    ] {
        let (code, at, message) = refused(schema.clone());
        assert_eq!((code, at.as_str()), ("schema_reference", pointer), "{schema}: {message}");
    }
    let (_, _, message) = refused(json!({"$ref": "https://example.com/s.json"}));
    assert_eq!(
        message,
        "references to other documents are not followed: copy the schema into $defs and refer to #/$defs/… (at /$ref)"
    );
}

#[test]
fn what_only_looks_like_a_reference_is_data() {
    let schema = ready(json!({
        "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}, "$schema": {"type": "string"}},
        "enum": [{"$ref": "https://example.com/"}],
        "default": {"$ref": "https://example.com/"},
        "examples": [{"$id": "https://example.com/"}],
    }));
    assert_eq!(schema.validate(&json!({"$ref": "https://example.com/"})), []);
    assert_eq!(schema.validate(&json!({"$ref": 1})).len(), 2);
}

#[test]
fn only_the_2020_12_dialect_is_understood() {
    for dialect in [
        json!("http://json-schema.org/draft-07/schema#"),
        json!("https://json-schema.org/draft/2019-09/schema"),
        json!("https://evil.example/meta"),
        json!(""),
        json!(7),
    ] {
        let (code, at, _) = refused(json!({ "$schema": dialect }));
        assert_eq!((code, at.as_str()), ("schema_dialect", "/$schema"));
        let (code, at, _) = refused(json!({"items": { "$schema": dialect }}));
        assert_eq!((code, at.as_str()), ("schema_dialect", "/items/$schema"));
    }
    ready(json!({"$schema": "https://json-schema.org/draft/2020-12/schema#"}));
    ready(json!({}));
}

#[test]
fn what_is_no_schema_is_refused_with_its_place() {
    for (schema, pointer) in [
        (json!([]), ""),
        (json!("object"), ""),
        (json!(null), ""),
        (json!({"type": "objekt"}), "/type"),
        (json!({"properties": {"a": {"type": 5}}}), "/properties/a/type"),
        (json!({"required": "id"}), "/required"),
        (json!({"items": 5}), "/items"),
        (json!({"minimum": "1"}), "/minimum"),
        (json!({"properties": []}), "/properties"),
        (json!({"allOf": []}), "/allOf"),
    ] {
        let (code, at, message) = refused(schema.clone());
        assert_eq!((code, at.as_str()), ("schema_invalid", pointer), "{schema}: {message}");
    }
}

#[test]
fn catastrophic_patterns_do_not_hang() {
    let text = format!("{}!", "a".repeat(50_000));
    for pattern in [
        "^(a+)+$",
        "^(a|aa)+$",
        "^(a|a?)+$",
        "(.*a){12}b",
        "^([a-zA-Z]+)*$",
        "(a?){60}a{60}b",
        "^(.*?,){11}P",
    ] {
        let start = Instant::now();
        let schema = ready(json!({"type": "string", "pattern": pattern}));
        assert_eq!(schema.validate(&json!(text)).len(), 1, "{pattern}");
        let schema = ready(json!({"patternProperties": { pattern: false }}));
        assert_eq!(schema.validate(&json!({ text.clone(): 1 })), [], "{pattern}");
        assert!(start.elapsed() < PROMPT, "{pattern}: {:?}", start.elapsed());
    }
}

#[test]
fn patterns_that_the_linear_engine_can_not_run_are_refused() {
    for pattern in [
        "(?=a)b",
        "(?!a)b",
        "(?<=a)b",
        "(a)\\1",
        "(",
        "[",
        "a{1000}{1000}{1000}",
        "(((a{100}){100}){100}){100}",
    ] {
        for schema in [
            json!({"pattern": pattern}),
            json!({"properties": {"x": {"patternProperties": {pattern: true}}}}),
        ] {
            let (code, _, message) = refused(schema);
            assert!(matches!(code, "schema_pattern" | "schema_invalid"), "{pattern}: {code} {message}");
        }
    }
    let (code, at, message) = refused(json!({"properties": {"x": {"pattern": "^(?!eo:)"}}}));
    assert_eq!((code, at.as_str()), ("schema_pattern", "/properties/x/pattern"));
    assert!(message.contains("lookaround"), "{message}");
    assert_eq!(refused(json!({"pattern": "a".repeat(2_000)})).0, "schema_pattern");
    let many: Value = (0..300).map(|n| json!({"pattern": format!("^{n}$")})).collect();
    assert_eq!(refused(json!({ "anyOf": many })).0, "schema_pattern");
    ready(json!({"pattern": "^[\\w.+-]+@\\d+\\s?\\p{L}*$"}));
}

#[test]
fn size_and_depth_are_bounded() {
    let large: Value = (0..30_000).map(|n| format!("value {n}")).collect();
    assert_eq!(refused(json!({ "enum": large })).0, "schema_too_large");
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "items": inner }));
    assert_eq!(refused(deep).0, "schema_too_large");
    let deep = (0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    // Dropping a value this deep would itself overflow the stack.
    let deep = std::mem::ManuallyDrop::new(Value::Object([("const".to_owned(), deep)].into_iter().collect()));
    assert_eq!(compile(&deep).unwrap_err().code, "schema_too_large");
    ready((0..60).fold(json!({}), |inner, _| json!({ "items": inner })));
}

/// `count` definitions, each of which is made from the name of the next.
fn row(count: usize, each: impl Fn(String) -> Value) -> Value {
    let definitions: serde_json::Map<String, Value> =
        (0..count).map(|n| (format!("d{n}"), each(format!("#/$defs/d{}", n + 1)))).collect();
    let mut schema = json!({ "$ref": "#/$defs/d0", "$defs": definitions });
    schema["$defs"][format!("d{count}")] = json!({"type": "integer"});
    schema
}

#[test]
fn schemas_that_unfold_without_bound_are_refused() {
    assert_eq!(refused(row(5_000, |next| json!({ "$ref": next }))).0, "schema_too_large");
    assert_eq!(
        refused(row(3_000, |next| json!({"properties": {"a": { "$ref": next }}}))).0,
        "schema_too_large"
    );
    assert_eq!(
        refused(row(20, |next| json!({"allOf": [{ "$ref": next }, { "$ref": next }]}))).0,
        "schema_too_large"
    );
    assert_eq!(
        refused(row(40, |next| json!({"properties": {"a": { "$ref": next }, "b": { "$ref": next }}}))).0,
        "schema_too_large"
    );
    assert_eq!(
        refused((0..31).fold(json!({}), |inner, _| json!({"not": {"not": inner}}))).0,
        "schema_too_large"
    );
    ready(row(15, |next| json!({ "$ref": next })));
    ready(row(80, |next| json!({"properties": {"a": { "$ref": next }}})));
}

#[test]
fn a_schema_that_decides_nothing_is_refused() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"anyOf": [{"type": "string"}, {"not": {"$ref": "#"}}]}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        json!({"$dynamicAnchor": "node", "$dynamicRef": "#node"}),
        json!({"properties": {"x": {"$ref": "#/$defs/b"}}, "$defs": {
            "a": {"properties": {"y": {"$ref": "#/$defs/b"}}, "allOf": [{"$ref": "#/$defs/b"}]},
            "b": {"allOf": [{"$ref": "#/$defs/a"}]},
        }}),
    ] {
        let (code, _, message) = refused(schema.clone());
        assert_eq!(code, "schema_reference", "{schema}: {message}");
    }
}

#[test]
fn recursive_schemas_are_fine() {
    let tree = ready(json!({
        "type": "object",
        "required": ["value"],
        "properties": {"value": {"type": "integer"}, "left": {"$ref": "#"}, "children": {"items": {"$ref": "#"}}},
    }));
    let payload =
        json!({"value": 1, "left": {"value": 2}, "children": [{"value": 3}, {"left": {"value": "x"}}]});
    let mut found = tree.validate(&payload);
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    assert_eq!(
        places(&found),
        [("/children/1", "/required"), ("/children/1/left/value", "/properties/value/type")]
    );
}

/// An object that nests `depth` levels through the key `a`, around a last value.
fn nested(depth: usize, last: Value) -> Value {
    (0..depth).fold(last, |inner, _| Value::Object([("a".to_owned(), inner)].into_iter().collect()))
}

#[test]
fn recursion_that_branches_is_judged_promptly() {
    let ten: Value = (0..10)
        .map(|n| json!({"type": ["object", "integer"], "maximum": n, "properties": {"a": {"$ref": "#"}}}))
        .collect();
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let schema = ready(json!({ keyword: ten }));
        for last in [json!(0), json!(5), json!("wrong")] {
            let start = Instant::now();
            let violations = schema.validate(&nested(100, last));
            assert!(violations.len() <= 1);
            assert!(start.elapsed() < PROMPT, "{keyword}: {:?}", start.elapsed());
        }
    }
    let schema = ready(json!({
        "properties": {"a": {"$ref": "#/$defs/x"}},
        "patternProperties": {"^a": {"$ref": "#/$defs/x"}},
        "$defs": {"x": {"type": "object", "$ref": "#"}},
    }));
    let start = Instant::now();
    let violations = schema.validate(&nested(100, json!(1)));
    assert!(violations[0].message.contains("refers to itself"), "{}", violations[0].message);
    assert!(start.elapsed() < PROMPT);
}

#[test]
fn deep_payloads_do_not_overflow_the_stack() {
    let chain =
        (0..28).fold(json!({"properties": {"a": {"$ref": "#"}}}), |inner, _| json!({"allOf": [inner]}));
    let schema = ready(chain);
    assert_eq!(schema.validate(&nested(120, json!(1))), []);
    let schema = ready(json!({"type": ["object", "integer"], "properties": {"a": {"$ref": "#"}}}));
    assert_eq!(schema.validate(&nested(1_000, json!(1))), []);
    assert_eq!(schema.validate(&nested(1_000, json!("x"))).len(), 1);
}

#[test]
fn odd_numbers_do_not_hang() {
    for (schema, payload) in [
        (json!({"multipleOf": 1e-300}), json!(1e300)),
        (json!({"multipleOf": 0.01}), json!(1e308)),
        (json!({"multipleOf": 5e-324}), json!(0.1)),
        (json!({"maximum": 1e308}), json!(u64::MAX)),
        (json!({"uniqueItems": true}), json!((0..50_000).map(|n| json!([n])).collect::<Vec<_>>())),
    ] {
        let start = Instant::now();
        drop(ready(schema.clone()).validate(&payload));
        assert!(start.elapsed() < PROMPT, "{schema}");
    }
}

#[test]
fn a_compiled_schema_is_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&ready(json!(true)));
}

/// Prints what checking costs; nothing is asserted, because a busy machine is no bug.
#[test]
fn print_the_cost_of_a_small_payload() {
    let schema = ready(order());
    let payload = br#"{"id": 1, "lines": [{"n": 2}, {"n": 3}], "email": "ada@example.com"}"#;
    let start = Instant::now();
    for _ in 0..5_000 {
        assert!(std::hint::black_box(schema.validate_bytes(payload)).is_empty());
    }
    println!("validate_bytes: {:?}", start.elapsed() / 5_000);
}
