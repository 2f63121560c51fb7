//! The tokens of JSON: strings, numbers, words, and the steps between them.

use std::borrow::Cow;

use super::JsonBodyProblem;
use super::scan::Fault;

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

    /// The position, in bytes.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Steps over a byte that [`peek`](Self::peek) showed.
    pub(super) fn skip_byte(&mut self) {
        self.at += 1;
    }

    /// One of the three words at the current position.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Fault> {
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
