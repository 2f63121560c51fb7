//! Lays JSON out over lines by moving white space only: every token keeps every byte.

use super::lex::{Kind, Token};

/// Indentation stops growing here, so that a payload nested ten thousand deep does not become megabytes of blanks.
const DEEPEST: usize = 64;
const INDENT: &str = "  ";

/// One change of white space: the bytes from `start` to `end` become `insert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where it begins.
    pub start: usize,
    /// Where what is replaced ends.
    pub end: usize,
    /// What stands there afterwards.
    pub insert: String,
}

/// What to change so that `text` stands on lines: one member per line, two blanks per level, nothing before the
/// value, a line end after it only if there was one. Call it for text that [`super::check()`] found to be JSON.
pub fn edits(text: &str, tokens: &[Token]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut depth = 0usize;
    let mut before: Option<&Token> = None;
    for token in tokens {
        if token.kind.closes() {
            depth = depth.saturating_sub(1);
        }
        let insert = match before {
            None => String::new(),
            Some(before) => gap(before.kind, token.kind, depth),
        };
        push(&mut edits, text, before.map_or(0, |before| before.end), token.start, insert);
        if token.kind.opens() {
            depth += 1;
        }
        before = Some(token);
    }
    if let Some(last) = before {
        let rest = &text[last.end..];
        push(
            &mut edits,
            text,
            last.end,
            text.len(),
            if rest.contains('\n') { "\n".into() } else { String::new() },
        );
    }
    edits
}

/// `text` laid out over lines.
pub fn formatted(text: &str, tokens: &[Token]) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for edit in edits(text, tokens) {
        out.push_str(&text[at..edit.start]);
        out.push_str(&edit.insert);
        at = edit.end;
    }
    out.push_str(&text[at..]);
    out
}

fn gap(before: Kind, next: Kind, depth: usize) -> String {
    match (before, next) {
        (Kind::Colon, _) => " ".into(),
        (_, Kind::Colon | Kind::Comma) => String::new(),
        (Kind::ObjectOpen, Kind::ObjectClose) | (Kind::ArrayOpen, Kind::ArrayClose) => String::new(),
        _ => format!("\n{}", INDENT.repeat(depth.min(DEEPEST))),
    }
}

fn push(edits: &mut Vec<Edit>, text: &str, start: usize, end: usize, insert: String) {
    if text[start..end] != insert {
        edits.push(Edit { start, end, insert });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::json::{check, lex};

    fn lines(text: &str) -> String {
        formatted(text, &lex(text))
    }

    #[test]
    fn numbers_keys_and_escapes_stay_as_written() {
        let text =
            r#"{"b":9007199254740993,"a":1.10,"n":1e400,"t":"\u00e9\/","e":{},"l":[ ],"b":[1,{"x":-0}]}"#;
        assert_eq!(
            lines(text),
            r#"{
  "b": 9007199254740993,
  "a": 1.10,
  "n": 1e400,
  "t": "\u00e9\/",
  "e": {},
  "l": [],
  "b": [
    1,
    {
      "x": -0
    }
  ]
}"#
        );
    }

    #[test]
    fn what_is_laid_out_needs_no_edit() {
        let text = lines("[1,{\"a\":[]}]\r\n\r\n");
        assert!(text.ends_with("]\n"));
        assert_eq!(edits(&text, &lex(&text)), []);
        assert_eq!(lines(" \n 1"), "1");
    }

    #[test]
    fn deep_nesting_does_not_grow_without_bound() {
        let text = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(lines(&text).len() < 200 * 20_000);
    }

    proptest! {
        #[test]
        fn only_white_space_moves(text in r#"[\[\]{}:,"a1 .\n\-truéx]{0,32}"#) {
            let tokens = lex(&text);
            let after = formatted(&text, &tokens);
            let words = |text: &str| lex(text).iter().map(|t| (t.kind, text[t.span()].to_owned())).collect::<Vec<_>>();
            // Broken text is never formatted, but even then nothing may get lost.
            if check(&text, &tokens).fault.is_none() {
                prop_assert_eq!(words(&after), words(&text));
                prop_assert_eq!(edits(&after, &lex(&after)), vec![]);
            }
        }
    }
}
