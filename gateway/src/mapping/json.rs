//! The payload as a tree: key order kept, numbers as written, cheap to share.
//!
//! serde_json's `Value` does not serve here: without its `arbitrary_precision` it rounds numbers, and that
//! feature would change every other user of serde_json in the process. Cloning a [`Json`] copies a pointer, so
//! that expressions and templates pass parts of the payload around without copying them.

use std::sync::Arc;

use super::number::Number;
use crate::json_body::scan::{Visitor, scan};
use crate::json_body::tokens::Text;
use crate::json_body::{JsonBodyError, MAX_DEPTH};

/// A JSON value.
#[derive(Debug, Clone)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    Array(Arc<Vec<Json>>),
    Object(Arc<Object>),
}

/// The members of an object, in the order in which they were written; keys are unique.
#[derive(Debug, Clone, Default)]
pub(super) struct Object(pub(super) Vec<(Arc<str>, Json)>);

impl Object {
    /// The value of a key. Looking through the members one by one is faster than hashing for the sizes that
    /// occur; [`Budget`](super::budget::Budget) accounts for the sizes that do not.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.0.iter().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }
}

impl Json {
    /// Parses a payload.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JsonBodyError> {
        scan(bytes, &mut Tree)
    }

    /// From a value of the configuration, whose numbers are already what serde_json could hold.
    pub(super) fn from_config(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(Number::from_token(&number.to_string())),
            Value::String(text) => Json::string(text),
            Value::Array(items) => Json::array(items.iter().map(Json::from_config).collect()),
            Value::Object(members) => Json::object(
                members.iter().map(|(key, value)| (key.as_str().into(), Json::from_config(value))).collect(),
            ),
        }
    }

    pub(super) fn string(text: &str) -> Self {
        Json::String(text.into())
    }

    pub(super) fn array(items: Vec<Json>) -> Self {
        Json::Array(Arc::new(items))
    }

    /// `members` must have unique keys.
    pub(super) fn object(members: Vec<(Arc<str>, Json)>) -> Self {
        Json::Object(Arc::new(Object(members)))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// JMESPath's and JSON Schema's word for its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }

    /// Writes compact JSON of at most `limit` bytes.
    ///
    /// The value may share parts with itself, and so be much larger written than in memory: the limit is what
    /// stops the writing.
    pub(super) fn write(&self, limit: usize) -> Result<Vec<u8>, TooLarge> {
        let mut writer = Writer { out: Vec::with_capacity(512.min(limit)), limit };
        writer.value(self, 0)?;
        Ok(writer.out)
    }
}

/// The written form is longer than allowed, or nests deeper than a body may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLarge {
    /// More bytes than the limit.
    Bytes,
    /// Deeper than [`MAX_DEPTH`].
    Depth,
}

struct Writer {
    out: Vec<u8>,
    limit: usize,
}

impl Writer {
    fn put(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        if self.out.len() + bytes.len() > self.limit {
            return Err(TooLarge::Bytes);
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), TooLarge> {
        // Escaping only makes a text longer, so a text over the limit need not be escaped to know.
        if self.out.len() + text.len() > self.limit {
            return Err(TooLarge::Bytes);
        }
        // Writing a string into memory can not fail; if it ever did, nothing must be delivered.
        serde_json::to_writer(&mut self.out, text).map_err(|_| TooLarge::Bytes)?;
        if self.out.len() > self.limit { Err(TooLarge::Bytes) } else { Ok(()) }
    }

    fn value(&mut self, value: &Json, depth: usize) -> Result<(), TooLarge> {
        match value {
            Json::Null => self.put(b"null"),
            Json::Bool(true) => self.put(b"true"),
            Json::Bool(false) => self.put(b"false"),
            Json::Number(number) => self.put(number.token().as_bytes()),
            Json::String(text) => self.text(text),
            Json::Array(_) | Json::Object(_) if depth == MAX_DEPTH => Err(TooLarge::Depth),
            Json::Array(items) => {
                self.put(b"[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.put(b",")?;
                    }
                    self.value(item, depth + 1)?;
                }
                self.put(b"]")
            }
            Json::Object(object) => {
                self.put(b"{")?;
                for (index, (key, item)) in object.0.iter().enumerate() {
                    if index > 0 {
                        self.put(b",")?;
                    }
                    self.text(key)?;
                    self.put(b":")?;
                    self.value(item, depth + 1)?;
                }
                self.put(b"}")
            }
        }
    }
}

/// Builds the tree.
struct Tree;

impl<'a> Visitor<'a> for Tree {
    type Value = Json;
    type Object = Vec<(Arc<str>, Json)>;
    type Array = Vec<Json>;
    fn null(&mut self) -> Json {
        Json::Null
    }
    fn bool(&mut self, value: bool) -> Json {
        Json::Bool(value)
    }
    fn number(&mut self, token: &'a str) -> Json {
        Json::Number(Number::from_token(token))
    }
    fn string(&mut self, text: Text<'a>) -> Json {
        Json::string(&text.decode())
    }
    fn object(&mut self) -> Self::Object {
        Vec::new()
    }
    fn member(&mut self, object: &mut Self::Object, key: Text<'a>, value: Json) {
        object.push((key.decode().as_ref().into(), value));
    }
    fn object_end(&mut self, object: Self::Object) -> Json {
        Json::object(object)
    }
    fn array(&mut self) -> Self::Array {
        Vec::new()
    }
    fn element(&mut self, array: &mut Self::Array, value: Json) {
        array.push(value);
    }
    fn array_end(&mut self, array: Self::Array) -> Json {
        Json::array(array)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rewrite(text: &str) -> String {
        String::from_utf8(Json::parse(text.as_bytes()).unwrap().write(1 << 20).unwrap()).unwrap()
    }

    #[test]
    fn order_and_digits_are_kept() {
        for text in [
            r#"{"z":1,"a":2,"m":{"y":3,"b":4}}"#,
            "[12345678901234567890123456789,-0,1.10,1E5,0.1000000000000000055511151231257827,1e-400]",
            r#"["\u0001\n\"\\é😀",true,false,null,[],{}]"#,
        ] {
            assert_eq!(rewrite(text), text);
        }
    }

    #[test]
    fn the_written_form_is_limited_although_parts_are_shared() {
        let mut value = Json::string("seed");
        for _ in 0..60 {
            value = Json::array(vec![value.clone(), value]);
        }
        assert_eq!(value.write(1 << 20), Err(TooLarge::Bytes));
        let mut deep = Json::Null;
        for _ in 0..=MAX_DEPTH {
            deep = Json::array(vec![deep]);
        }
        assert_eq!(deep.write(1 << 20), Err(TooLarge::Depth));
        assert_eq!(Json::string("12345").write(7).unwrap(), b"\"12345\"");
        assert_eq!(Json::string("12345").write(6), Err(TooLarge::Bytes));
    }

    proptest! {
        #[test]
        fn numbers_go_through_untouched(
            tokens in prop::collection::vec("-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", 0..8),
        ) {
            let text = format!("[{}]", tokens.join(","));
            prop_assert_eq!(rewrite(&text), text);
        }

        #[test]
        fn strings_go_through_untouched(text in "\\PC{0,30}|[\\x00-\\x7f]{0,30}", key in "\\PC{0,10}") {
            let json = serde_json::json!({ key: text }).to_string();
            prop_assert_eq!(rewrite(&json), json);
        }
    }
}
