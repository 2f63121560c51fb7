//! Editing a payload, by value.

use domain::delivery::DryRunIssue;
use domain::id::PayloadId;
use domain::time::Timestamp;

use super::*;

fn payload(text: Option<&str>) -> PayloadView {
    PayloadView {
        id: PayloadId::new(Timestamp(1)),
        bytes: 0,
        content_type: None,
        text: text.map(str::to_owned),
        base64: None,
        expires_at: Timestamp(2),
    }
}

fn opening(text: &str) -> Opening {
    Opening::of(&payload(Some(text))).unwrap()
}

fn dry_run(issues: &[(&str, &str, bool)]) -> DryRun {
    let issue = |(source, pointer, blocking): &(&str, &str, bool)| DryRunIssue {
        source: (*source).into(),
        pointer: (*pointer).into(),
        detail: format!("about {pointer}"),
        blocking: *blocking,
    };
    DryRun {
        method: "POST".into(),
        url: "https://erp.example/invoices".into(),
        headers: Vec::new(),
        body: Some("{}".into()),
        issues: issues.iter().map(issue).collect(),
    }
}

#[test]
fn a_long_line_of_json_is_laid_out_and_everything_else_left_alone() {
    let minified = format!(r#"{{"id":9007199254740993,"amount":1.10,"note":"{}"}}"#, "x".repeat(80));
    let laid_out = opening(&minified);
    assert!(
        laid_out.is_laid_out()
            && laid_out.base.contains("\n  \"id\": 9007199254740993,\n  \"amount\": 1.10,")
    );
    assert_eq!(laid_out.original, minified);
    for text in ["{\"a\":1}", "{\n\"a\":1,\r\n\"b\":2}\n", "payload=%7B%7D", ""] {
        assert_eq!(opening(text).base, text);
    }
    assert_eq!(opening("payload=%7B%7D").language, Language::Text);
    assert_eq!(Opening::of(&payload(None)), None);
}

#[test]
fn an_untouched_text_is_sent_as_received() {
    let minified = format!(r#"{{"note":"{}"}}"#, "x".repeat(80));
    let opening = opening(&minified);
    assert_eq!(opening.payload_of(&opening.base), None);
    assert_eq!(opening.payload_of(&minified), None);
    assert_eq!(opening.payload_of("{}").as_deref(), Some("{}"));
}

#[test]
fn numbers_beyond_2_to_the_53_survive_editing() {
    let opening = opening(r#"{"id": 9007199254740993, "total": 1.10, "currency": "gbp"}"#);
    let edited = opening.base.replace("gbp", "GBP");
    let sent = opening.payload_of(&edited).unwrap();
    assert_eq!(sent, r#"{"id": 9007199254740993, "total": 1.10, "currency": "GBP"}"#);
    let edits: Vec<(usize, usize, String)> = serde_json::from_str(&layout_edits(&sent).unwrap()).unwrap();
    assert!(edits.iter().all(|(_, _, insert)| insert.trim().is_empty()));
}

#[test]
fn broken_json_names_its_line_and_silences_older_findings() {
    let opening = opening("{\n  \"a\": 1\n}");
    let reading = Reading::of(&opening, "{\n  \"a\": \n}", Some(&dry_run(&[("schema", "/a", true)])));
    assert_eq!(reading.obstacle().as_deref(), Some("Fix the JSON in line 3 to replay"));
    assert_eq!(reading.issues.len(), 1);
    assert!(!reading.well_formed);
}

#[test]
fn findings_are_ordered_by_place_and_counted_by_source() {
    let text = "{\n  \"qty\": \"12\",\n  \"vat\": {\"no\": 1}\n}";
    let opening = opening(text);
    let said = [
        ("mapping", "total", false),
        ("schema", "/vat", false),
        ("schema", "/qty", true),
        ("schema", "/gone", true),
    ];
    let reading = Reading::of(&opening, text, Some(&dry_run(&said)));
    let places: Vec<_> = reading.issues.iter().map(|issue| (issue.pointer.as_str(), issue.line)).collect();
    assert_eq!(places, [("/qty", Some(2)), ("/gone", None), ("/vat", Some(3)), ("total", None)]);
    assert_eq!(reading.obstacle().as_deref(), Some("Fix 2 schema errors to replay"));
    assert_eq!((reading.count(Severity::Error), reading.count(Severity::Warning)), (2, 2));
    let mixed =
        Reading::of(&opening, text, Some(&dry_run(&[("schema", "/qty", true), ("mapping", "total", true)])));
    assert_eq!(mixed.obstacle().as_deref(), Some("Fix 2 errors to replay"));
    assert_eq!(Reading::of(&opening, text, Some(&dry_run(&[("schema", "/qty", false)]))).obstacle(), None);
}

#[test]
fn marks_count_as_the_browser_does() {
    let text = "{\"😀\": 1, \"😀\": 2}";
    let reading = Reading::of(&opening(text), text, None);
    let marks: serde_json::Value = serde_json::from_str(&reading.marks(text)).unwrap();
    assert_eq!((marks[0]["from"].as_u64(), marks[0]["to"].as_u64()), (Some(10), Some(14)));
    assert_eq!(marks[0]["severity"], "error");
    assert_eq!(place(text, &reading.issues[0]), Some((10, 14)));
}

#[test]
fn text_that_is_no_json_is_not_measured_by_it() {
    let reading = Reading::of(&opening("a=1&b=2"), "a=1&b=3", None);
    assert_eq!((reading.issues.len(), reading.obstacle()), (0, None));
    assert_eq!(layout_edits("a=1"), None);
}
