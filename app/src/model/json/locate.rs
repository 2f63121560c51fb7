//! Finds the place of a JSON pointer (RFC 6901) in a text.

use super::lex::{Kind, Span, Token};

/// Where a pointer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key, when it is a member of an object.
    pub key: Option<Span>,
    /// The value; for an object or a list the opening bracket only.
    pub value: Span,
}

impl Place {
    /// What to underline: a plain value itself, a container by its key.
    pub fn mark(&self, text: &str) -> Span {
        match &self.key {
            Some(key) if matches!(&text[self.value.clone()], "{" | "[") => key.clone(),
            _ => self.value.clone(),
        }
    }
}

/// The place of `pointer` in `text`, whose tokens are `tokens`; nothing when it is no pointer or leads nowhere.
/// Of a doubled key the last one is meant, as every reader of JSON takes it.
pub fn locate(text: &str, tokens: &[Token], pointer: &str) -> Option<Place> {
    let mut segments = pointer.split('/');
    // A pointer is empty or begins with a slash.
    if !segments.next()?.is_empty() {
        return None;
    }
    let mut place = Place { key: None, value: tokens.first()?.span() };
    let mut at = 0;
    for segment in segments {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let member = match tokens[at].kind {
            Kind::ObjectOpen => member(text, tokens, at, &segment)?,
            Kind::ArrayOpen => item(tokens, at, segment.parse().ok()?)?,
            _ => return None,
        };
        at = member.value;
        place = Place { key: member.key.map(|key| tokens[key].span()), value: tokens[at].span() };
    }
    Some(place)
}

/// A member of a container, by the indexes of its tokens.
struct Member {
    key: Option<usize>,
    value: usize,
}

fn member(text: &str, tokens: &[Token], open: usize, name: &str) -> Option<Member> {
    let mut found = None;
    let mut at = open + 1;
    while tokens.get(at)?.kind == Kind::String && tokens.get(at + 1)?.kind == Kind::Colon {
        if is_named(&text[tokens[at].span()], name) && tokens.get(at + 2)?.kind.begins_value() {
            found = Some(Member { key: Some(at), value: at + 2 });
        }
        let next = after_value(tokens, at + 2);
        if tokens.get(next).is_none_or(|token| token.kind != Kind::Comma) {
            break;
        }
        at = next + 1;
    }
    found
}

fn item(tokens: &[Token], open: usize, index: usize) -> Option<Member> {
    let mut at = open + 1;
    for _ in 0..index {
        at = after_value(tokens, at);
        if tokens.get(at)?.kind != Kind::Comma {
            return None;
        }
        at += 1;
    }
    tokens.get(at)?.kind.begins_value().then_some(Member { key: None, value: at })
}

/// The index of the token after the value that begins at `at`.
fn after_value(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        depth = match token.kind {
            kind if kind.opens() => depth + 1,
            kind if kind.closes() => depth.saturating_sub(1),
            _ => depth,
        };
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

/// Whether a key, quotes and escapes as written, means `name`.
fn is_named(key: &str, name: &str) -> bool {
    let inside = &key[1..key.len().max(2) - 1];
    if !inside.contains('\\') {
        return inside == name;
    }
    serde_json::from_str::<String>(key).is_ok_and(|key| key == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::lex;

    const TEXT: &str =
        r#"{"data": {"lines": [{"qty": "12"}, {"qty": 1}], "a/b": null, "caf\u00e9": 7}, "data2": []}"#;

    fn marked(pointer: &str) -> Option<&'static str> {
        locate(TEXT, &lex(TEXT), pointer).map(|place| &TEXT[place.mark(TEXT)])
    }

    #[test]
    fn pointers_lead_to_values_and_containers_are_marked_by_their_key() {
        assert_eq!(marked(""), Some("{"));
        assert_eq!(marked("/data/lines/0/qty"), Some("\"12\""));
        assert_eq!(marked("/data/lines/1/qty"), Some("1"));
        assert_eq!(marked("/data/lines"), Some("\"lines\""));
        assert_eq!(marked("/data/lines/1"), Some("{"));
        assert_eq!(marked("/data/a~1b"), Some("null"));
        assert_eq!(marked("/data/café"), Some("7"));
        assert_eq!(marked("/data2"), Some("\"data2\""));
    }

    #[test]
    fn what_is_not_there_has_no_place() {
        for pointer in
            ["/nope", "/data/lines/2", "/data/lines/x", "/data/caf", "/data2/0", "data", "invoice.total"]
        {
            assert_eq!(marked(pointer), None, "{pointer}");
        }
        assert_eq!(locate("", &lex(""), ""), None);
    }

    #[test]
    fn of_a_doubled_key_the_last_one_counts() {
        let text = r#"{"a": 1, "a": 2}"#;
        assert_eq!(locate(text, &lex(text), "/a").unwrap().value, 14..15);
    }

    #[test]
    fn broken_text_leads_nowhere_without_a_panic() {
        for text in ["{\"a\"", "{\"a\":", "{\"", "[1,", "[", "{\"a\":[1,{", "{,}"] {
            for pointer in ["", "/a", "/0", "/1", "/a/0", "/a/1/b"] {
                locate(text, &lex(text), pointer);
            }
        }
    }
}
