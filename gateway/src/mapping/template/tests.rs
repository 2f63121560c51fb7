//! What templates render, what they may not do, and what they may not cost.

use domain::time::Timestamp;

use super::*;

const CONTEXT: MappingContext<'static> = MappingContext {
    event_id: "evt_1",
    event_type: "order.paid",
    source_record_id: None,
    received_at: Timestamp::from_seconds(1_763_798_400),
};

fn render(template: &str, payload: &str) -> Rendering {
    let mut engine = Engine::text();
    let handle = engine.add(template).unwrap_or_else(|why| panic!("{template}: {why}"));
    let payload = Json::parse(payload.as_bytes()).unwrap();
    engine.render(handle, &Variables::new(&payload, &CONTEXT))
}

#[track_caller]
fn assert_text(template: &str, payload: &str, expected: &str) {
    assert_eq!(render(template, payload), Rendering::Text(expected.into()), "{template}");
}

fn refuse(template: &str) -> String {
    Engine::text().add(template).unwrap_err()
}

#[test]
fn fills_in_text() {
    let payload = r#"{"first":"Ada","last":"L.","n":3,"price":39.95,"big":123456789012345678901234567890,"huge":1234567890123456789012345678901234567890,
        "long":0.1234567890123456789012,"yes":true,"nil":null,"tags":["a","b"],"items":[{"sku":"x","n":2},{"sku":"y","n":1}],
        "<&>":"<b>","o":{"z":1.10,"a":null}}"#;
    for (template, expected) in [
        ("plain", "plain"),
        ("{{ payload.first }} {{ payload.last }}", "Ada L."),
        ("{{ payload.first ~ ' ' ~ payload.last }}", "Ada L."),
        ("{{ payload.n }}|{{ payload.price }}|{{ payload.yes }}|{{ payload.nil }}|", "3|39.95|true||"),
        (
            "{{ payload.big }} {{ payload.huge }} {{ payload.long }}",
            "123456789012345678901234567890 1234567890123456789012345678901234567890 0.1234567890123456789012",
        ),
        ("{{ payload.big > 5 }}", "true"),
        ("{{ payload['<&>'] }}", "<b>"),
        ("{{ payload.first|upper }} {{ payload.tags|join('+') }} {{ payload.tags|length }}", "ADA a+b 2"),
        ("{{ payload.missing|default('-') }}{{ payload.nil|default('-') }}", "--"),
        (
            "{{ payload.first|replace('a', 'A') }} {{ ' x '|trim }} {{ (payload.first|split('d'))[1] }}",
            "AdA x a",
        ),
        ("{% if payload.n > 2 and payload.first == 'Ada' %}y{% else %}n{% endif %}", "y"),
        ("{{ 'y' if payload.nil is none else 'n' }}", "y"),
        (
            "{% for item in payload.items %}{{ loop.index }}:{{ item.sku }}{% if not loop.last %},{% endif %}{% endfor %}",
            "1:x,2:y",
        ),
        ("{% for k in payload.o %}{{ k }}{% endfor %}", "za"),
        ("{{ payload.n|int * 2 + 1 }} {{ payload.price|float * 2 }} {{ payload.n / 2 }}", "7 79.9 1.5"),
        (
            "{{ payload.o }} {{ payload.tags }} {{ payload.o|tojson }}",
            r#"{"z":1.10,"a":null} ["a","b"] {"z":1.10,"a":null}"#,
        ),
        ("{{ [payload.n, {'k': payload.first}]|tojson }}", r#"[3,{"k":"Ada"}]"#),
        (
            "{{ event.id }} {{ event.type }} {{ event.received_at }} {{ event.source_record_id }}",
            "evt_1 order.paid 2025-11-22T08:00:00Z ",
        ),
        ("{{ payload.items[0].sku }}{{ payload.tags[-1] }}{{ payload.first[1:] }}", "xbda"),
        ("{{ 'b' in payload.tags }}", "true"),
    ] {
        assert_text(template, payload, expected);
    }
}

#[test]
fn long_chains_are_no_nesting() {
    let cases: String = (0..99).map(|n| format!("{{% elif payload.n == {n} %}}{n}")).collect();
    assert_text(&format!("{{% if false %}}{cases}{{% endif %}}"), r#"{"n":98}"#, "98");
}

#[test]
fn missing_is_not_silent() {
    for template in [
        "{{ payload.missing }}",
        "{{ payload.a.b }}",
        "{{ payload.missing ~ 'x' }}",
        "{{ payload.missing|upper }}",
        "{% if payload.missing %}x{% endif %}",
        "{% for x in payload.missing %}x{% endfor %}",
        "{{ payload.list|join(payload.missing) }}",
    ] {
        assert!(matches!(render(template, r#"{"list":["a","b"]}"#), Rendering::Missing(_)), "{template}");
    }
    assert!(matches!(
        render("{{ payload.n|split(',') }}{{ payload.l|int }}", r#"{"n":1,"l":[]}"#),
        Rendering::Failed(_)
    ));
}

#[test]
fn what_is_more_than_filling_in_text_is_refused() {
    for (template, part) in [
        ("{{ payload.a", "can not be read"),
        ("{% if %}", "can not be read"),
        ("{{ paylod.name }}", "there is no paylod"),
        ("{{ name }}", "payload.name"),
        ("{{ loop.index }}", "there is no loop"),
        ("{% for a in payload.a %}{% endfor %}{{ a }}", "there is no a"),
        ("{{ payload.name.upper() }}", "can not be called"),
        ("{{ range(10) }}", "can not be called"),
        ("{{ payload|pprint }}", "there is no filter pprint"),
        ("{{ payload|map('upper') }}", "there is no filter map"),
        ("{{ payload.a is foo }}", "there is no test foo"),
        ("{% set x = 1 %}", "set"),
        ("{% set x %}a{% endset %}", "set"),
        ("{% with x = 1 %}{% endwith %}", "with"),
        ("{% filter upper %}a{% endfilter %}", "filter"),
        ("{% autoescape true %}a{% endautoescape %}", "autoescape"),
        ("{% for a in payload.t recursive %}{% endfor %}", "recursive"),
        (
            "{% for a in payload %}{% for b in a %}{% for c in b %}{% endfor %}{% endfor %}{% endfor %}",
            "nest 2",
        ),
        ("{% for a in [payload.x ~ payload.x] %}{% endfor %}", "what a loop runs over"),
        ("{{ payload.a * 1000000 }}", "numbers on both sides"),
        ("{{ 'a' * 100000000 }}", "numbers on both sides"),
        ("{{ [1] * 100000000 }}", "numbers on both sides"),
        ("{{ payload.x|default(*payload.y) }}", "spread"),
        (&format!("{{{{ {} }}}}", ["payload.a"; 20].join("~")), "at most 16"),
        (&format!("{{{{ {} }}}}", ["payload.a"; 20].join("+")), "at most 16"),
        (&"x".repeat(MAX_TEXT + 1), "longer than"),
        (&format!("{{{{ {}1{} }}}}", "(".repeat(2_000), ")".repeat(2_000)), "can not be read"),
        (&format!("{{{{ {}1 }}}}", "not ".repeat(1_000)), "nests"),
        (&format!("{{{{ {}1 }}}}", "-".repeat(4_000)), "nests"),
        (&format!("{{{{ {}1 }}}}", "1-".repeat(2_000)), "nests"),
        (&format!("{{{{ {}1 }}}}", "1 if 1 else ".repeat(300)), "nests"),
        (&format!("{{{{ payload{} }}}}", ".a".repeat(1_900)), "nests"),
        (&format!("{}{}", "{% if 1 %}".repeat(160), "{% endif %}".repeat(160)), "can not be read"),
    ] {
        let why = refuse(template);
        assert!(why.contains(part), "{template:.60}: {why}");
    }
}

#[test]
fn statements_that_load_or_define_do_not_exist() {
    for template in [
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{% block a %}{% endblock %}",
        "{% macro f(x) %}{{ x }}{% endmacro %}",
        "{% call f() %}{% endcall %}",
        "{% do payload.x() %}",
        "{{ self.x() }}",
        "{{ super() }}",
        "{{ debug() }}",
        "{{ payload|safe }}",
    ] {
        refuse(template);
    }
}

#[test]
fn the_cost_is_bounded() {
    let items = format!("{{\"items\":[{}]}}", vec!["1"; 10_000].join(","));
    let nested = "{% for a in payload.items %}{% for b in payload.items %}{% if b < 0 %}x{% endif %}{% endfor %}{% endfor %}";
    assert_eq!(render(nested, &items), Rendering::TooCostly);
    let text = format!(
        "{{\"x\":\"{}\",\"l\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}}",
        "x".repeat(60_000)
    );
    assert_eq!(render("{% for a in payload.l %}{{ payload.x }}{% endfor %}", &text), Rendering::TooLarge);
    assert!(matches!(render("{{ payload.l|join(payload.x) }}", &text), Rendering::Failed(_)));
    assert!(matches!(render("{{ payload.x|replace('x', payload.x) }}", &text), Rendering::Failed(_)));
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(70_000));
    let Rendering::Failed(why) = render("{{ payload.x }}", &long) else { panic!("long texts are refused") };
    assert!(why.contains("too long for a template"), "{why}");
}

#[test]
fn a_template_never_reaches_outside_its_variables() {
    for payload in [r#"{"t":"{{ event.id }}{% set x = 1 %}"}"#, r#"{"t":"{# #}"}"#] {
        let Rendering::Text(text) = render("{{ payload.t }}", payload) else { panic!("renders") };
        assert!(text.starts_with('{'), "a payload is text, never template: {text}");
    }
}
