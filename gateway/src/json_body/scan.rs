//! Walks a JSON text once and hands its parts to a [`Visitor`].
//!
//! Numbers are handed over as they are written, because a number's type is its reader's decision; strings are
//! borrowed from the text unless they hold escapes. Recursion is bounded by [`MAX_DEPTH`](super::MAX_DEPTH).

use super::keys::Keys;
use super::tokens::{Scanner, Text};
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

    /// The value of this member comes next, and then [`leave`](Self::leave).
    fn enter_member(&mut self, _key: Text<'a>) {}
    /// The element at this index comes next, and then [`leave`](Self::leave).
    fn enter_element(&mut self, _index: usize) {}
    /// The value that was entered is read.
    fn leave(&mut self) {}
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

/// Walks one whole JSON text.
pub(crate) fn scan<'a, V: Visitor<'a>>(bytes: &'a [u8], visitor: &mut V) -> Result<V::Value, JsonBodyError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Fault::new(JsonBodyProblem::InvalidUtf8, error.valid_up_to()).locate(bytes))?;
    let mut scanner = Scanner::new(text);
    let mut walk = || {
        if scanner.peek().is_none() {
            return Err(Fault::new(JsonBodyProblem::Empty, scanner.position()));
        }
        let value = scanner.value(visitor, &mut Keys::default(), 0)?;
        match scanner.peek() {
            None => Ok(value),
            Some(_) => Err(Fault::new(JsonBodyProblem::TrailingData, scanner.position())),
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
    pub(super) fn new(problem: JsonBodyProblem, at: usize) -> Self {
        Self(Box::new((problem, at, Vec::new())))
    }

    pub(super) fn expected(expected: &'static str, at: usize) -> Self {
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

impl<'a> Scanner<'a> {
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
            _ => Err(Fault::expected("a value", self.position())),
        }
    }

    fn object<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        keys: &mut Keys<'a>,
        depth: usize,
    ) -> Result<V::Value, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::new(JsonBodyProblem::TooDeep, self.position()));
        }
        self.skip_byte();
        let mut object = visitor.object();
        let mut own = keys.open();
        if self.peek() == Some(b'}') {
            self.skip_byte();
            return Ok(visitor.object_end(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Fault::expected("a key in double quotes", self.position()));
            }
            let key_at = self.position();
            let key = self.string()?;
            if !keys.insert(&mut own, key.decode()) {
                let problem = JsonBodyProblem::DuplicateKey { key: shorten(&key.decode()) };
                return Err(Fault::new(problem, key_at));
            }
            let inside = || pointer_step(&key.decode());
            if self.peek() != Some(b':') {
                return Err(Fault::expected("a colon after the key", self.position()).inside(inside));
            }
            self.skip_byte();
            visitor.enter_member(key);
            let value = self.value(visitor, keys, depth).map_err(|fault| fault.inside(inside))?;
            visitor.leave();
            visitor.member(&mut object, key, value);
            match self.peek() {
                Some(b',') => self.skip_byte(),
                Some(b'}') => break,
                _ => return Err(Fault::expected("a comma or a closing brace", self.position())),
            }
        }
        self.skip_byte();
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
            return Err(Fault::new(JsonBodyProblem::TooDeep, self.position()));
        }
        self.skip_byte();
        let mut array = visitor.array();
        if self.peek() == Some(b']') {
            self.skip_byte();
            return Ok(visitor.array_end(array));
        }
        let mut index = 0usize;
        loop {
            visitor.enter_element(index);
            let value =
                self.value(visitor, keys, depth).map_err(|fault| fault.inside(|| index.to_string()))?;
            visitor.leave();
            visitor.element(&mut array, value);
            match self.peek() {
                Some(b',') => self.skip_byte(),
                Some(b']') => break,
                _ => return Err(Fault::expected("a comma or a closing bracket", self.position())),
            }
            index += 1;
        }
        self.skip_byte();
        Ok(visitor.array_end(array))
    }
}
