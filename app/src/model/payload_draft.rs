//! A payload on its way from "as received" to "as it should have been": what the editor starts with, what is wrong
//! with the text as it stands, and whether it can be replayed.

use domain::delivery::DryRun;
use domain::event::PayloadView;
use serde::Serialize;

use super::diff::Diff;
use super::format::counted;
use super::json::locate::locate;
use super::json::utf16::Utf16Walk;
use super::json::{self, Span, Token, format};

/// JSON on one line longer than this is laid out over lines before a person edits it.
const LONGEST_LINE: usize = 80;

/// What kind of text a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// JSON: checked, formatted, coloured.
    Json,
    /// Anything else, for example a form: sent as it is written.
    Text,
}

impl Language {
    /// The word for it between the console and the editor.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
        }
    }
}

/// Where editing begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The text exactly as received.
    pub original: String,
    /// What kind of text it is.
    pub language: Language,
    /// The text the editor opens with: the original, or the original laid out over lines.
    pub base: String,
}

impl Opening {
    /// Opens a payload; nothing when its bytes are no text, because then nobody can edit them faithfully.
    pub fn of(payload: &PayloadView) -> Option<Self> {
        let original = payload.text.clone()?;
        let tokens = json::lex(&original);
        let language =
            if json::check(&original, &tokens).fault.is_none() { Language::Json } else { Language::Text };
        let unreadable =
            language == Language::Json && !original.trim().contains('\n') && original.len() > LONGEST_LINE;
        let base = if unreadable { format::formatted(&original, &tokens) } else { original.clone() };
        Some(Self { original, language, base })
    }

    /// For bytes that are no text: there is nothing to find in them, only what the server says counts.
    pub fn of_bytes() -> Self {
        Self { original: String::new(), language: Language::Text, base: String::new() }
    }

    /// For a payload that is gone: a new one is written from nothing.
    pub fn of_nothing() -> Self {
        Self { original: String::new(), language: Language::Json, base: String::new() }
    }

    /// Whether the editor opened with a layout of its own.
    pub fn is_laid_out(&self) -> bool {
        self.base != self.original
    }

    /// What to send for `text`: nothing when it is untouched, so that the very bytes as received go out.
    pub fn payload_of(&self, text: &str) -> Option<String> {
        (text != self.base && text != self.original).then(|| text.to_owned())
    }
}

/// How grave an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It forbids the replay.
    Error,
    /// It is worth a look.
    Warning,
}

/// Who found an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The text is not JSON, or says something twice.
    Json,
    /// The receiver's schema.
    Schema,
    /// The route's mapping.
    Mapping,
    /// Something else the server said.
    Other,
}

impl Source {
    fn of(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "schema" => Self::Schema,
            "mapping" => Self::Mapping,
            _ => Self::Other,
        }
    }
    /// As in "1 schema error".
    const fn adjective(self) -> &'static str {
        match self {
            Self::Json => "JSON ",
            Self::Schema => "schema ",
            Self::Mapping => "mapping ",
            Self::Other => "",
        }
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How grave.
    pub severity: Severity,
    /// Who says so.
    pub source: Source,
    /// The JSON pointer, or the target in the mapping; empty when it is about the text as such.
    pub pointer: String,
    /// Where in the text, in bytes; absent when it has no place there.
    pub span: Option<Span>,
    /// On which line, from 1.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl Issue {
    fn place(&self) -> usize {
        self.span.as_ref().map_or(usize::MAX, |span| span.start)
    }
}

/// Everything that follows from the text as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What to look at: errors first, then by place, what has none at the end.
    pub issues: Vec<Issue>,
    /// Against the text the editor opened with.
    pub diff: Diff,
    /// Whether the text is JSON, when it has to be.
    pub well_formed: bool,
}

impl Reading {
    /// Reads `text`, with what the last dry run said about it or about a text shortly before.
    pub fn of(opening: &Opening, text: &str, dry_run: Option<&DryRun>) -> Self {
        let mut issues = Vec::new();
        let mut well_formed = true;
        let mut tokens = Vec::new();
        if opening.language == Language::Json {
            tokens = json::lex(text);
            let checked = json::check(text, &tokens);
            well_formed = checked.is_fine();
            issues.extend(checked.fault.into_iter().chain(checked.ambiguous).map(|finding| Issue {
                severity: Severity::Error,
                source: Source::Json,
                pointer: String::new(),
                span: Some(finding.span),
                line: None,
                detail: finding.detail,
            }));
        }
        // While the text is no JSON, pointers lead nowhere and what they said before would only distract.
        if let Some(dry_run) = dry_run.filter(|_| well_formed) {
            issues.extend(of_dry_run(text, &tokens, dry_run));
        }
        issues.sort_by_key(Issue::place);
        number_lines(text, &mut issues);
        issues.sort_by_key(|issue| (issue.severity, issue.place()));
        Self { issues, diff: Diff::between(&opening.base, text), well_formed }
    }

    /// How many issues have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.issues.iter().filter(|issue| issue.severity == severity).count()
    }

    /// Why the text cannot be replayed as it is: a sentence that says what to do.
    pub fn obstacle(&self) -> Option<String> {
        let errors: Vec<_> = self.issues.iter().filter(|issue| issue.severity == Severity::Error).collect();
        let first = errors.first()?;
        if !self.well_formed {
            return Some(match first.line {
                Some(line) => format!("Fix the JSON in line {line} to replay"),
                None => "Fix the JSON to replay".into(),
            });
        }
        let same = errors.iter().all(|issue| issue.source == first.source);
        let adjective = if same { first.source.adjective() } else { "" };
        let (one, many) = (format!("{adjective}error"), format!("{adjective}errors"));
        Some(format!("Fix {} to replay", counted(size(errors.len()), &one, &many)))
    }

    /// The issues as the editor takes them: JSON, places in UTF-16 code units.
    pub fn marks(&self, text: &str) -> String {
        #[derive(Serialize)]
        struct Mark<'a> {
            from: usize,
            to: usize,
            severity: Severity,
            message: &'a str,
        }
        let mut placed: Vec<_> =
            self.issues.iter().filter_map(|issue| Some((issue, issue.span.clone()?))).collect();
        placed.sort_by_key(|(issue, _)| issue.place());
        let mut walk = Utf16Walk::new(text);
        // An end may lie beyond the next start, so it is counted from its own start.
        let marks: Vec<_> = placed
            .into_iter()
            .map(|(issue, span)| {
                let from = walk.at(span.start);
                let to = from + text[span].chars().map(char::len_utf16).sum::<usize>();
                Mark { from, to, severity: issue.severity, message: &issue.detail }
            })
            .collect();
        serde_json::to_string(&marks).unwrap_or_else(|_| "[]".into())
    }
}

/// What a mark or the list below the editor selects: the place of `issue` in UTF-16 code units.
pub fn place(text: &str, issue: &Issue) -> Option<(usize, usize)> {
    let span = issue.span.clone()?;
    let mut walk = Utf16Walk::new(text);
    Some((walk.at(span.start), walk.at(span.end)))
}

/// The changes that lay `text` out over lines, as the editor takes them: JSON, places in UTF-16 code units.
/// Nothing for text that is not JSON.
pub fn layout_edits(text: &str) -> Option<String> {
    let tokens = json::lex(text);
    if json::check(text, &tokens).fault.is_some() {
        return None;
    }
    let mut walk = Utf16Walk::new(text);
    let edits: Vec<(usize, usize, String)> = format::edits(text, &tokens)
        .into_iter()
        .map(|edit| (walk.at(edit.start), walk.at(edit.end), edit.insert))
        .collect();
    serde_json::to_string(&edits).ok()
}

fn of_dry_run<'a>(
    text: &'a str,
    tokens: &'a [Token],
    dry_run: &'a DryRun,
) -> impl Iterator<Item = Issue> + 'a {
    dry_run.issues.iter().map(|issue| {
        let source = Source::of(&issue.source);
        // A mapping's target names a field of the body, which only sometimes is a place in the payload.
        let span = locate(text, tokens, &issue.pointer)
            .filter(|_| source != Source::Mapping || issue.pointer.starts_with('/'))
            .map(|place| place.mark(text));
        Issue {
            severity: if issue.blocking { Severity::Error } else { Severity::Warning },
            source,
            pointer: issue.pointer.clone(),
            span,
            line: None,
            detail: issue.detail.clone(),
        }
    })
}

fn number_lines(text: &str, issues: &mut [Issue]) {
    let (mut line, mut at) = (1, 0);
    for issue in issues {
        let Some(span) = &issue.span else { continue };
        line += text.as_bytes()[at..span.start].iter().filter(|byte| **byte == b'\n').count();
        at = span.start;
        issue.line = Some(line);
    }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
