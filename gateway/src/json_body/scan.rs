//! The tokenizer: walks a JSON text once and hands its parts to a [`Visitor`].
//!
//! Numbers are handed over as they are written, because a number's type is its reader's decision; strings are
//! borrowed from the text unless they hold escapes. Recursion is bounded by [`MAX_DEPTH`](super::MAX_DEPTH).

use std::borrow::Cow;

use super::keys::Keys;
use super::{JsonBodyError, JsonBodyProblem, MAX_DEPTH};

/// Builds something from the parts of a JSON text, or nothing.
pub(crate) trait Visitor<'a> {
    /// What a JSON value becomes.
    type Value;
    /// An object that is being read.
    type Object;
    /// An array that is being read.
    type Array;

    fn null(&mut self) -> Self::Value;
    fn bool(&mut self, value: bool) -> Self::Value;
    /// `token` follows the number grammar of RFC 8259.
    fn number(&mut self, token: &'a str) -> Self::Value;
    fn string(&mut self, text: Text<'a>) -> Self::Value;
    fn object(&mut self) -> Self::Object;
    fn member(&mut self, object: &mut Self::Object, key: Text<'a>, value: Self::Value);
    fn object_end(&mut self, object: Self::Object) -> Self::Value;
    fn array(&mut self) -> Self::Array;
    fn element(&mut self, array: &mut Self::Array, value: Self::Value);
    fn array_end(&mut self, array: Self::Array) -> Self::Value;
}

/// Builds nothing: the text is only checked.
pub(crate) struct Discard;

impl<'a> Visitor<'a> for Discard {
    type Value = ();
    type Object = ();
    type Array = ();
    fn null(&mut self) {}
    fn bool(&mut self, _: bool) {}
    fn number(&mut self, _: &'a str) {}
    fn string(&mut self, _: Text<'a>) {}
    fn object(&mut self) {}
    fn member(&mut self, (): &mut (), _: Text<'a>, (): ()) {}
    fn object_end(&mut self, (): ()) {}
    fn array(&mut self) {}
    fn element(&mut self, (): &mut (), (): ()) {}
    fn array_end(&mut self, (): ()) {}
}

/// A checked string, still as it is written between its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    /// The string's value.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }

    /// Whether the string's value is `other`.
    pub(crate) fn is(self, other: &str) -> bool {
        if self.escaped { unescape(self.raw) == other } else { self.raw == other }
    }
}

/// Resolves the escapes of a string that was checked before.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = rest.as_bytes()[at + 1];
        rest = &rest[at + 2..];
        match escape {
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'n' => text.push('\n'),
            b'r' => text.push('\r'),
            b't' => text.push('\t'),
            b'u' => {
                let mut unit = hex4(rest.as_bytes()).unwrap_or(0xFFFD);
                rest = &rest[4..];
                if (0xD800..0xDC00).contains(&unit) {
                    let low = hex4(&rest.as_bytes()[2..]).unwrap_or(0xDC00);
                    rest = &rest[6..];
                    unit = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                }
                text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => text.push(char::from(other)),
        }
    }
    text.push_str(rest);
    text
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let mut unit = 0;
    for byte in bytes.get(..4)? {
        unit = unit * 16 + char::from(*byte).to_digit(16)?;
    }
    Some(unit)
}

/// Walks one whole JSON text.
pub(crate) fn scan<'a, V: Visitor<'a>>(bytes: &'a [u8], visitor: &mut V) -> Result<V::Value, JsonBodyError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Fault::new(JsonBodyProblem::InvalidUtf8, error.valid_up_to()).locate(bytes))?;
    let mut scanner = Scanner { text, bytes, at: 0 };
    let mut walk = || {
        if scanner.peek().is_none() {
            return Err(Fault::new(JsonBodyProblem::Empty, scanner.at));
        }
        let value = scanner.value(visitor, &mut Keys::default(), 0)?;
        match scanner.peek() {
            None => Ok(value),
            Some(_) => Err(Fault::new(JsonBodyProblem::TrailingData, scanner.at)),
        }
    };
    walk().map_err(|fault| fault.locate(bytes))
}

/// Whether a text is exactly one number as JSON writes it.
pub(crate) fn number_token(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.number().is_ok() && scanner.at_end()
}

/// A problem on its way up; each level it passes adds its key or index, so that success pays nothing for it.
pub(super) struct Fault(Box<(JsonBodyProblem, usize, Vec<String>)>);

impl Fault {
    fn new(problem: JsonBodyProblem, at: usize) -> Self {
        Self(Box::new((problem, at, Vec::new())))
    }

    fn expected(expected: &'static str, at: usize) -> Self {
        Self::new(JsonBodyProblem::Malformed { expected }, at)
    }

    fn inside(mut self, step: impl FnOnce() -> String) -> Self {
        self.0.2.push(step());
        self
    }

    fn locate(self, bytes: &[u8]) -> JsonBodyError {
        let (problem, at, path) = *self.0;
        let before = &bytes[..at.min(bytes.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let pointer = path.iter().rev().flat_map(|step| ["/", step]).collect();
        JsonBodyError {
            problem,
            pointer,
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
        }
    }
}

/// What a sender wrote, short enough for a message.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One step of a JSON pointer.
fn pointer_step(key: &str) -> String {
    shorten(key).replace('~', "~0").replace('/', "~1")
}

/// A position in a text.
pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    /// The next byte that is not white space; the position moves to it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Whether the position is behind the last byte.
    pub(super) fn at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Steps over a byte that [`peek`](Self::peek) showed.
    pub(super) fn skip_byte(&mut self) {
        self.at += 1;
    }

    fn value<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        keys: &mut Keys<'a>,
        depth: usize,
    ) -> Result<V::Value, Fault> {
        match self.peek() {
            Some(b'"') => Ok(visitor.string(self.string()?)),
            Some(b'{') => self.object(visitor, keys, depth + 1),
            Some(b'[') => self.array(visitor, keys, depth + 1),
            Some(b'-' | b'0'..=b'9') => Ok(visitor.number(self.number()?)),
            Some(b't') => self.word("true").map(|()| visitor.bool(true)),
            Some(b'f') => self.word("false").map(|()| visitor.bool(false)),
            Some(b'n') => self.word("null").map(|()| visitor.null()),
            _ => Err(Fault::expected("a value", self.at)),
        }
    }

    fn object<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        keys: &mut Keys<'a>,
        depth: usize,
    ) -> Result<V::Value, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::new(JsonBodyProblem::TooDeep, self.at));
        }
        self.at += 1;
        let mut object = visitor.object();
        let mut own = keys.open();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(visitor.object_end(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Fault::expected("a key in double quotes", self.at));
            }
            let key_at = self.at;
            let key = self.string()?;
            if !keys.insert(&mut own, key.decode()) {
                let problem = JsonBodyProblem::DuplicateKey { key: shorten(&key.decode()) };
                return Err(Fault::new(problem, key_at));
            }
            let inside = || pointer_step(&key.decode());
            if self.peek() != Some(b':') {
                return Err(Fault::expected("a colon after the key", self.at).inside(inside));
            }
            self.at += 1;
            let value = self.value(visitor, keys, depth).map_err(|fault| fault.inside(inside))?;
            visitor.member(&mut object, key, value);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(Fault::expected("a comma or a closing brace", self.at)),
            }
        }
        self.at += 1;
        keys.close(own);
        Ok(visitor.object_end(object))
    }

    fn array<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        keys: &mut Keys<'a>,
        depth: usize,
    ) -> Result<V::Value, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::new(JsonBodyProblem::TooDeep, self.at));
        }
        self.at += 1;
        let mut array = visitor.array();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(visitor.array_end(array));
        }
        let mut index = 0usize;
        loop {
            let value =
                self.value(visitor, keys, depth).map_err(|fault| fault.inside(|| index.to_string()))?;
            visitor.element(&mut array, value);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(Fault::expected("a comma or a closing bracket", self.at)),
            }
            index += 1;
        }
        self.at += 1;
        Ok(visitor.array_end(array))
    }

    fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(Fault::expected("true, false or null", self.at))
    }

    /// A number at the current position, as it is written.
    pub(super) fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits("a digit")?,
            _ => return Err(Fault::expected("a digit", self.at)),
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits("a digit after the decimal point")?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits("a digit in the exponent")?;
        }
        if self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            return Err(Fault::expected("no digit after a leading zero", self.at));
        }
        let token = &self.text[start..self.at];
        // Without an exponent it takes 309 digits to get there; parsing every number would cost for nothing.
        let may_overflow = token.len() > 300 || token.bytes().any(|byte| matches!(byte, b'e' | b'E'));
        if may_overflow && token.parse::<f64>().is_ok_and(f64::is_infinite) {
            return Err(Fault::new(JsonBodyProblem::NumberTooLarge, start));
        }
        Ok(token)
    }

    fn digits(&mut self, expected: &'static str) -> Result<(), Fault> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(Fault::expected(expected, self.at)) } else { Ok(()) }
    }

    /// A string whose opening quote is at the current position.
    pub(super) fn string(&mut self) -> Result<Text<'a>, Fault> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.skip_plain();
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let raw = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Text { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => {
                    return Err(Fault::expected(
                        "control characters in strings written as \\u escapes",
                        self.at,
                    ));
                }
                None => return Err(Fault::expected("a closing double quote", self.at)),
            }
        }
    }

    /// Moves to the next quote, backslash, control character or the end; eight bytes at a time.
    fn skip_plain(&mut self) {
        const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
        const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
        // Sets the high bit of (at least) the first byte that is zero.
        const fn zero_byte(word: u64) -> u64 {
            word.wrapping_sub(ONES) & !word & HIGHS
        }
        while let Some(chunk) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            let quote = zero_byte(word ^ (ONES * b'"' as u64));
            let backslash = zero_byte(word ^ (ONES * b'\\' as u64));
            let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
            let found = quote | backslash | control;
            if found != 0 {
                // Borrows only spread to later bytes, so the first one found is exact.
                self.at += (found.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while self.bytes.get(self.at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)) {
            self.at += 1;
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.unit(start)?;
                match unit {
                    0xD800..0xDC00 => {
                        let low_at = self.at;
                        if !self.bytes[self.at..].starts_with(b"\\u") {
                            return Err(Fault::new(JsonBodyProblem::LoneSurrogate, start));
                        }
                        if !(0xDC00..0xE000).contains(&self.unit(low_at)?) {
                            return Err(Fault::new(JsonBodyProblem::LoneSurrogate, start));
                        }
                    }
                    0xDC00..0xE000 => return Err(Fault::new(JsonBodyProblem::LoneSurrogate, start)),
                    _ => {}
                }
            }
            _ => return Err(Fault::expected("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", start)),
        }
        Ok(())
    }

    /// A `\uXXXX` escape that begins at `start`; the position moves behind it.
    fn unit(&mut self, start: usize) -> Result<u32, Fault> {
        let digits = self.bytes.get(start + 2..).unwrap_or_default();
        let unit = hex4(digits).ok_or_else(|| Fault::expected("four hexadecimal digits after \\u", start))?;
        self.at = start + 6;
        Ok(unit)
    }

    /// Steps over a value without looking closely: good enough for text that was validated, and for text that
    /// was not it ends in bounds. `None` when the text ends before the value does.
    pub(super) fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string().ok()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    let start = self.at;
                    while self.bytes.get(self.at).is_some_and(|b| !b"{}[],:\" \n\r\t".contains(b)) {
                        self.at += 1;
                    }
                    if self.at == start {
                        return None;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}
