//! Says whether a text is JSON, and where it stops being so.
//!
//! Beyond the grammar (RFC 8259) it holds to what the server accepts, which is I-JSON (RFC 7493): no key twice in an
//! object, no half of a surrogate pair, no number that a double cannot reach, and no nesting that readers refuse.

use std::collections::HashSet;

use super::grammar::{Next, Part};
use super::lex::{Kind, Span, Token};

/// Readers refuse the next level.
const MAX_DEPTH: usize = 127;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub span: Span,
    /// What is wrong, in a sentence.
    pub detail: String,
}

impl Finding {
    fn new(span: Span, detail: impl Into<String>) -> Self {
        Self { span, detail: detail.into() }
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Where the text stops being JSON. Only the first place: what comes after it is guesswork.
    pub fault: Option<Finding>,
    /// Places that are JSON, but not the same to every reader: they are refused.
    pub ambiguous: Vec<Finding>,
}

impl Checked {
    /// Whether nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.fault.is_none() && self.ambiguous.is_empty()
    }
}

/// An open container: what opened it, what may come next, its keys so far.
struct Frame<'t> {
    open: Span,
    next: Next,
    keys: HashSet<&'t str>,
}

/// Checks `tokens`, which are all tokens of `text`. At most one value, of any kind and depth.
pub fn check(text: &str, tokens: &[Token]) -> Checked {
    let mut checked = Checked::default();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut done = false;
    for token in tokens {
        let fault = if let Some(detail) = token.fault {
            Some(detail.to_owned())
        } else if done {
            Some("The value has ended before this; one payload is one value.".to_owned())
        } else {
            checked.ambiguous.extend(ambiguity(text, token));
            let fault = step(text, token, &mut frames, &mut checked.ambiguous);
            if token.kind.opens() && frames.len() == MAX_DEPTH + 1 {
                let detail = format!("This is nested deeper than {MAX_DEPTH} levels, which readers refuse.");
                checked.ambiguous.push(Finding::new(token.span(), detail));
            }
            fault
        };
        if let Some(detail) = fault {
            checked.fault = Some(Finding::new(token.span(), detail));
            return checked;
        }
        done = frames.is_empty();
    }
    checked.fault = match frames.last() {
        Some(frame) => {
            let close = if text[frame.open.clone()] == *"{" { '}' } else { ']' };
            Some(Finding::new(frame.open.clone(), format!("This is never closed: a {close} is missing.")))
        }
        None if !done => {
            Some(Finding::new(text.len()..text.len(), "There is nothing here. The shortest JSON is null."))
        }
        None => None,
    };
    checked
}

/// Takes one token into account; says what is wrong when it cannot stand where it does.
fn step<'t>(
    text: &'t str,
    token: &Token,
    frames: &mut Vec<Frame<'t>>,
    ambiguous: &mut Vec<Finding>,
) -> Option<String> {
    let Some(frame) = frames.last_mut() else {
        if !token.kind.begins_value() {
            return Some(
                "A payload begins with {, [, text in quotes, a number, true, false or null.".to_owned(),
            );
        }
        if token.kind.opens() {
            frames.push(opened(token));
        }
        return None;
    };
    match frame.next.take(token.kind) {
        Ok(Part::Key) => {
            let key = &text[token.start + 1..token.end - 1];
            if !frame.keys.insert(key) {
                let detail = format!("\"{key}\" is here twice, and readers disagree which counts. Keep one.");
                ambiguous.push(Finding::new(token.span(), detail));
            }
        }
        Ok(Part::Value) if token.kind.opens() => frames.push(opened(token)),
        Ok(Part::Close) => {
            frames.pop();
        }
        Ok(Part::Value | Part::Mark) => {}
        Err(wanted) => return Some(format!("Expected {wanted}.")),
    }
    None
}

/// What readers would not agree about in a token that is JSON.
fn ambiguity(text: &str, token: &Token) -> Option<Finding> {
    let written = &text[token.span()];
    let detail = match token.kind {
        Kind::Number if written.parse::<f64>().is_ok_and(f64::is_infinite) => {
            "This number is larger than any double: readers refuse it or call it infinite."
        }
        // Its escapes are well-formed, so only half of a pair is left to go wrong.
        Kind::String if written.contains("\\u") && serde_json::from_str::<String>(written).is_err() => {
            "This has half of a surrogate pair: two \\u escapes make one character there."
        }
        _ => return None,
    };
    Some(Finding::new(token.span(), detail))
}

fn opened(token: &Token) -> Frame<'static> {
    Frame { open: token.span(), next: Next::inside(token.kind), keys: HashSet::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::json::lex;

    fn fault(text: &str) -> Option<(Span, String)> {
        check(text, &lex(text)).fault.map(|finding| (finding.span, finding.detail))
    }

    #[test]
    fn json_passes() {
        for text in ["null", " {} ", "[]", "[[],{}]", r#"{"a":{"b":[1,2,{"c":"d"}]}}"#, "\"x\"", "-1e9"] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_fault_has_its_place_and_a_remedy() {
        let cases = [
            ("", 0..0, "There is nothing here"),
            ("{\"a\":1,}", 7..8, "Expected nothing: take out the comma"),
            ("[1,]", 3..4, "Expected nothing: take out the comma"),
            ("{\"a\" 1}", 5..6, "Expected a colon"),
            ("{\"a\":}", 5..6, "Expected a value"),
            ("{a:1}", 1..2, "Text needs double quotes"),
            ("{1:1}", 1..2, "Expected a key"),
            ("[1 2]", 3..4, "Expected a comma or ]"),
            ("{\"a\":1 \"b\":2}", 7..10, "Expected a comma or }"),
            ("[1}", 2..3, "Expected a comma or ]"),
            ("{\"a\":[1", 5..6, "This is never closed: a ] is missing"),
            ("1 2", 2..3, "The value has ended"),
            ("]", 0..1, "A payload begins with"),
        ];
        for (text, span, detail) in cases {
            let (at, said) = fault(text).unwrap_or_else(|| panic!("{text} passed"));
            assert_eq!(at, span, "{text}");
            assert!(said.starts_with(detail), "{text}: {said}");
        }
    }

    #[test]
    fn doubled_keys_are_pointed_out_within_their_object_only() {
        let text = r#"{"a":1,"b":{"a":2},"a":3}"#;
        let checked = check(text, &lex(text));
        assert_eq!(checked.fault, None);
        assert_eq!(checked.ambiguous.len(), 1);
        assert_eq!(checked.ambiguous[0].span, 19..22);
    }

    #[test]
    fn what_readers_disagree_about_is_found() {
        let found = |text: &str| {
            let places = check(text, &lex(text)).ambiguous.into_iter().map(|finding| finding.span);
            places.map(|span| (span.start, span.end)).collect::<Vec<_>>()
        };
        assert_eq!(found(r#"[1e308, 1e309, -1e400, 123456789012345678901234567890]"#), [(8, 13), (15, 21)]);
        assert_eq!(found(r#"["\ud83d\ude00", "\ud83d", "\u00e9"]"#), [(17, 25)]);
        let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
        assert_eq!(found(&deep), [(127, 128)]);
        assert!(check("[[{}]]", &lex("[[{}]]")).is_fine());
    }

    #[test]
    fn no_nesting_is_too_deep() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(fault(&text), None);
    }

    proptest! {
        #[test]
        fn agrees_with_a_parser(text in r#"[\[\]{}:,"a1 .e\-tru\\n]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // A float parser refuses 1e999; the grammar does not, and the text may be meant for somebody who reads it.
            let out_of_range = theirs.as_ref().is_err_and(|e| e.to_string().starts_with("number out of range"));
            prop_assume!(!out_of_range);
            prop_assert_eq!(fault(&text).is_none(), theirs.is_ok(), "{}", text);
        }
    }
}
