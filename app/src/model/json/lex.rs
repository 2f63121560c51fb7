//! Cuts a text into JSON tokens. Never fails: what is no token becomes [`Kind::Unknown`] and says why.

/// A piece of the text: byte offsets, the end excluded.
pub type Span = std::ops::Range<usize>;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    ObjectOpen,
    /// `}`
    ObjectClose,
    /// `[`
    ArrayOpen,
    /// `]`
    ArrayClose,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// A string with its quotes.
    String,
    /// A number as written.
    Number,
    /// `true`, `false` or `null`.
    Atom,
    /// Something that JSON does not have.
    Unknown,
}

impl Kind {
    /// Whether a value begins with it.
    pub const fn begins_value(self) -> bool {
        matches!(self, Self::ObjectOpen | Self::ArrayOpen | Self::String | Self::Number | Self::Atom)
    }
    /// Whether it is `{` or `[`.
    pub const fn opens(self) -> bool {
        matches!(self, Self::ObjectOpen | Self::ArrayOpen)
    }
    /// Whether it is `}` or `]`.
    pub const fn closes(self) -> bool {
        matches!(self, Self::ObjectClose | Self::ArrayClose)
    }
}

/// One token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong with it by itself.
    pub fault: Option<&'static str>,
}

impl Token {
    /// Its place.
    pub fn span(&self) -> Span {
        self.start..self.end
    }
}

/// All tokens of `text`, in order; only white space lies between them.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 6);
    let mut at = 0;
    while let Some(token) = next(text, at) {
        at = token.end;
        tokens.push(token);
    }
    tokens
}

/// The first token at or after `at`, where no token has begun yet; none when only white space is left.
pub fn next(text: &str, at: usize) -> Option<Token> {
    let bytes = text.as_bytes();
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let start = at + bytes[at..].iter().take_while(blank).count();
    let (end, kind, fault) = match bytes.get(start)? {
        b'"' => {
            let (end, fault) = string(bytes, start);
            (end, Kind::String, fault)
        }
        b'-' | b'0'..=b'9' => {
            let end = word_end(bytes, start);
            let fault = (!is_number(&bytes[start..end])).then_some("This is not a number in JSON.");
            (end, Kind::Number, fault)
        }
        _ => mark_or_word(text, start),
    };
    Some(Token { kind, start, end, fault })
}

fn mark_or_word(text: &str, start: usize) -> (usize, Kind, Option<&'static str>) {
    let bytes = text.as_bytes();
    let mark = match bytes[start] {
        b'{' => Some(Kind::ObjectOpen),
        b'}' => Some(Kind::ObjectClose),
        b'[' => Some(Kind::ArrayOpen),
        b']' => Some(Kind::ArrayClose),
        b':' => Some(Kind::Colon),
        b',' => Some(Kind::Comma),
        _ => None,
    };
    if let Some(kind) = mark {
        return (start + 1, kind, None);
    }
    let end = word_end(bytes, start);
    if end > start {
        return match &text[start..end] {
            "true" | "false" | "null" => (end, Kind::Atom, None),
            _ => (
                end,
                Kind::Unknown,
                Some("Text needs double quotes; the only bare words are true, false and null."),
            ),
        };
    }
    let first = text[start..].chars().next().map_or(1, char::len_utf8);
    let fault = match bytes[start] {
        b'\'' => "Use double quotes.",
        b'/' | b'#' => "JSON has no comments.",
        _ => "This character has no place here.",
    };
    (start + first, Kind::Unknown, Some(fault))
}

/// The end of a run of characters that could be a number or a bare word.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'-' | b'$');
    start + bytes[start..].iter().take_while(|b| part(b)).count()
}

/// RFC 8259 section 6: `-`? int frac? exp?
fn is_number(text: &[u8]) -> bool {
    let digits = |at: usize| text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    match (text.get(at), digits(at)) {
        (Some(b'0'), 1) => at += 1,
        (Some(b'1'..=b'9'), n) => at += n,
        _ => return false,
    }
    if text.get(at) == Some(&b'.') {
        match digits(at + 1) {
            0 => return false,
            n => at += 1 + n,
        }
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        match digits(at) {
            0 => return false,
            n => at += n,
        }
    }
    at == text.len()
}

/// The end of the string that begins at `start`, and what is wrong with it. A string without an end stops at the
/// line's, so that the lines after it can still be read.
fn string(bytes: &[u8], start: usize) -> (usize, Option<&'static str>) {
    let mut at = start + 1;
    let mut fault = None;
    loop {
        match bytes.get(at) {
            Some(b'"') => return (at + 1, fault),
            None | Some(b'\n' | b'\r') => return (at, Some("This text has no closing quote.")),
            Some(b'\\') => match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                Some(b'u')
                    if bytes[at + 2..].iter().take(4).filter(|b| b.is_ascii_hexdigit()).count() == 4 =>
                {
                    at += 6
                }
                None | Some(b'\n' | b'\r') => at += 1,
                Some(_) => {
                    fault.get_or_insert(
                        "After a backslash comes one of \" \\ / b f n r t or u with four hex digits.",
                    );
                    // The escaped character may be the first of several bytes: the loop takes the rest as they come.
                    at += 2;
                }
            },
            Some(0x00..=0x1f) => {
                fault.get_or_insert(
                    "A control character inside text is written as an escape, for example \\t.",
                );
                at += 1;
            }
            Some(_) => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        lex(text).iter().map(|token| token.kind).collect()
    }
    fn fault(text: &str) -> Option<&'static str> {
        lex(text).iter().find_map(|token| token.fault)
    }

    #[test]
    fn tokens_cover_everything_but_white_space() {
        let text = " {\"a\\\"b\":[1,-0.5e+3,true],\r\n\"é\":null} ";
        let mut rest = text.to_owned();
        for token in lex(text).iter().rev() {
            rest.replace_range(token.span(), "");
        }
        assert!(rest.trim().is_empty());
        assert_eq!(
            kinds("{}[]:,"),
            [
                Kind::ObjectOpen,
                Kind::ObjectClose,
                Kind::ArrayOpen,
                Kind::ArrayClose,
                Kind::Colon,
                Kind::Comma
            ]
        );
    }

    #[test]
    fn numbers_are_judged_by_the_grammar_not_by_a_float() {
        for good in
            ["0", "-0", "9007199254740993", "1.10", "1e400", "-12.5E-7", "123456789012345678901234567890"]
        {
            assert_eq!((kinds(good), fault(good)), (vec![Kind::Number], None), "{good}");
        }
        for bad in ["01", "1.", "-", "1e", "0x10", "1_000", "--1", "1e+"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
        assert!(fault(".5").is_some() && fault("+1").is_some() && fault("NaN").is_some());
    }

    #[test]
    fn broken_strings_say_why_and_end_with_the_line() {
        assert_eq!(fault(r#""a\u00e9\n\/""#), None);
        assert!(fault(r#""\x""#).unwrap().starts_with("After a backslash"));
        assert!(fault(r#""\u12g4""#).unwrap().starts_with("After a backslash"));
        assert!(fault("\"a\tb\"").unwrap().starts_with("A control character"));
        assert_eq!(fault("\"open"), Some("This text has no closing quote."));
        assert_eq!(fault("\"open\\"), Some("This text has no closing quote."));
        assert_eq!(kinds("\"open\n1"), [Kind::String, Kind::Number]);
        assert_eq!(fault("'a'"), Some("Use double quotes."));
        assert_eq!(fault("// x"), Some("JSON has no comments."));
    }

    #[test]
    fn any_text_ends_at_its_end() {
        for text in ["", "é", "\u{feff}{}", "\"\\é\"", "\"\\\u{1f600}", "tru", "\0", "\"\\u12"] {
            if let Some(last) = lex(text).last() {
                assert!(last.end <= text.len() && text.is_char_boundary(last.end), "{text:?}");
            }
        }
    }
}
