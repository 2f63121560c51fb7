//! The dry run in a few lines: what was looked at and how it came out.

use domain::delivery::DryRun;

use super::format::{bytes, counted};
use super::payload_draft::{Issue, Language, Opening, Reading, Severity, Source};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing against it.
    Pass,
    /// It forbids the replay.
    Fail,
    /// It is worth a look.
    Warn,
    /// It could not be looked at, or there is nothing to look at.
    Skip,
}

impl Outcome {
    /// The word in `data-result`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// How it came out.
    pub outcome: Outcome,
    /// What was checked.
    pub name: &'static str,
    /// What was seen.
    pub detail: String,
}

impl CheckResult {
    fn new(outcome: Outcome, name: &'static str, detail: impl Into<String>) -> Self {
        Self { outcome, name, detail: detail.into() }
    }
}

/// What `dry_run` said, about `text` as it stands.
pub fn dry_run_results(
    opening: &Opening,
    text: &str,
    reading: &Reading,
    dry_run: &DryRun,
) -> Vec<CheckResult> {
    let mut results = Vec::new();
    match opening.language {
        Language::Json => results.push(of(reading, Source::Json, "Valid JSON", || bytes(size(text.len())))),
        Language::Text if !text.is_empty() => {
            let detail = format!("not JSON, sent as it is: {}", bytes(size(text.len())));
            results.push(CheckResult::new(Outcome::Skip, "Text", detail));
        }
        Language::Text => {}
    }
    if !reading.well_formed {
        let skipped = ["Schema", "Mapping", "Destination"];
        results.extend(
            skipped.map(|name| CheckResult::new(Outcome::Skip, name, "not checked without valid JSON")),
        );
        return results;
    }
    results.push(of(reading, Source::Schema, "Schema", || "nothing against it".into()));
    results.push(of(reading, Source::Mapping, "Mapping", || match &dry_run.body {
        Some(body) => format!("{} to send", bytes(size(body.len()))),
        None => "nothing against it".into(),
    }));
    results.push(of(reading, Source::Other, "Destination", || format!("{} {}", dry_run.method, dry_run.url)));
    results
}

fn of(reading: &Reading, source: Source, name: &'static str, fine: impl FnOnce() -> String) -> CheckResult {
    let count = |severity| {
        let of_both = |issue: &&Issue| issue.source == source && issue.severity == severity;
        size(reading.issues.iter().filter(of_both).count())
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let outcome = match (errors, warnings) {
        (0, 0) => return CheckResult::new(Outcome::Pass, name, fine()),
        (0, _) => Outcome::Warn,
        _ => Outcome::Fail,
    };
    let words = [(errors, "error", "errors"), (warnings, "warning", "warnings")];
    let said =
        words.iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(*count, one, many));
    CheckResult::new(outcome, name, said.collect::<Vec<_>>().join(", "))
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use domain::delivery::DryRunIssue;
    use domain::event::PayloadView;
    use domain::id::PayloadId;
    use domain::time::Timestamp;

    use super::*;

    fn lines(text: &str, edited: &str, issues: &[(&str, bool)]) -> Vec<String> {
        let payload = PayloadView {
            id: PayloadId::new(Timestamp(1)),
            bytes: 0,
            content_type: None,
            text: Some(text.into()),
            base64: None,
            expires_at: Timestamp(2),
        };
        let issue = |(source, blocking): &(&str, bool)| DryRunIssue {
            source: (*source).into(),
            pointer: "/a".into(),
            detail: "wrong".into(),
            blocking: *blocking,
        };
        let dry_run = DryRun {
            method: "POST".into(),
            url: "https://erp.example/invoices".into(),
            headers: Vec::new(),
            body: Some("{}".into()),
            issues: issues.iter().map(issue).collect(),
        };
        let opening = Opening::of(&payload).unwrap();
        let reading = Reading::of(&opening, edited, Some(&dry_run));
        let results = dry_run_results(&opening, edited, &reading, &dry_run);
        results
            .iter()
            .map(|line| format!("{} {}: {}", line.outcome.as_str(), line.name, line.detail))
            .collect()
    }

    #[test]
    fn every_check_says_what_it_saw() {
        let text = "{\"a\": 1}";
        assert_eq!(
            lines(text, text, &[("schema", true), ("schema", false)]),
            [
                "pass Valid JSON: 8 B",
                "fail Schema: 1 error, 1 warning",
                "pass Mapping: 2 B to send",
                "pass Destination: POST https://erp.example/invoices",
            ]
        );
        assert_eq!(
            lines("a=1", "a=2", &[("mapping", false)])[..3],
            [
                "skip Text: not JSON, sent as it is: 3 B",
                "pass Schema: nothing against it",
                "warn Mapping: 1 warning",
            ]
        );
    }

    #[test]
    fn broken_json_leaves_nothing_else_to_check() {
        assert_eq!(
            lines("{\"a\": 1}", "{", &[("schema", true)]),
            [
                "fail Valid JSON: 1 error",
                "skip Schema: not checked without valid JSON",
                "skip Mapping: not checked without valid JSON",
                "skip Destination: not checked without valid JSON",
            ]
        );
    }
}
