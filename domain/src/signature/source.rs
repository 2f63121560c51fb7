//! Where a fact of a request stands: in a header, or in the body under a JSON pointer.
//!
//! [`read_sources`] reads several facts in one pass over the body and builds no document: everything that is not
//! asked for is skipped, and numbers come out digit for digit.

use std::borrow::Cow;

use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::request::{HeaderLines, HeaderName, RequestView};

/// A JSON pointer (RFC 6901): empty, or tokens that each begin with `/`, with `~0` for `~` and `~1` for `/`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct JsonPointer(Cow<'static, str>);

/// The text is not a JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a JSON pointer is empty or begins with /, as in /data/id; ~ is written ~0 and / inside a name ~1")]
pub struct InvalidPointer;

impl JsonPointer {
    /// The pointer as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for JsonPointer {
    type Error = InvalidPointer;
    fn try_from(text: String) -> Result<Self, InvalidPointer> {
        let rooted = text.is_empty() || text.starts_with('/');
        let escaped = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
        if rooted && escaped { Ok(Self(text.into())) } else { Err(InvalidPointer) }
    }
}

impl std::str::FromStr for JsonPointer {
    type Err = InvalidPointer;
    fn from_str(text: &str) -> Result<Self, InvalidPointer> {
        Self::try_from(text.to_owned())
    }
}

impl From<JsonPointer> for String {
    fn from(pointer: JsonPointer) -> String {
        pointer.0.into_owned()
    }
}

/// Where one fact stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Source {
    /// In a header that is there once.
    Header {
        /// Its name.
        name: HeaderName,
    },
    /// In the body, as a string or a number.
    Pointer {
        /// Where in the body.
        pointer: JsonPointer,
    },
}

impl Source {
    pub(super) const fn known_header(name: &'static str) -> Self {
        Self::Header { name: HeaderName::known(name) }
    }

    pub(super) const fn known_pointer(pointer: &'static str) -> Self {
        Self::Pointer { pointer: JsonPointer(Cow::Borrowed(pointer)) }
    }
}

/// Reads several facts; each is looked for in a list of sources, of which the first with a value wins.
///
/// A header that is empty, doubled or not UTF-8 has no value; neither has a pointer to nothing, null, a boolean, an
/// object or an array. Where a name is repeated in an object the last one counts. The body is not looked at when
/// the headers answer everything.
///
/// # Errors
/// The body was needed and is not JSON.
pub fn read_sources<const FACTS: usize>(
    request: &RequestView<'_>,
    sources: [&[Source]; FACTS],
) -> Result<[Option<String>; FACTS], serde_json::Error> {
    read_sources_with(request, sources, |pointers| match pointers {
        [] => Ok(Vec::new()),
        pointers => scan(request.body, pointers),
    })
}

/// As [`read_sources`], with the caller's way to read the body: it is called once, whether or not there are pointers,
/// and answers in their order.
///
/// # Errors
/// Those of `read_body`.
pub fn read_sources_with<const FACTS: usize, E>(
    request: &RequestView<'_>,
    sources: [&[Source]; FACTS],
    read_body: impl FnOnce(&[&str]) -> Result<Vec<Option<String>>, E>,
) -> Result<[Option<String>; FACTS], E> {
    let mut pointers: Vec<&str> = Vec::new();
    for list in sources {
        let before_answer = list.iter().take_while(|source| header_value(request, source).is_none());
        pointers.extend(before_answer.filter_map(|source| match source {
            Source::Pointer { pointer } => Some(pointer.as_str()),
            Source::Header { .. } => None,
        }));
    }
    let mut in_body = read_body(&pointers)?.into_iter();
    Ok(sources.map(|list| {
        let mut value = None;
        for source in list {
            match source {
                Source::Pointer { .. } => value = value.or(in_body.next().flatten()),
                Source::Header { .. } => {
                    if let Some(text) = header_value(request, source) {
                        // The sources after it were not scanned for.
                        return value.or_else(|| Some(text.to_owned()));
                    }
                }
            }
        }
        value
    }))
}

/// What the headers alone say of a fact: the first value in the list's headers.
pub fn read_header<'a>(request: &RequestView<'a>, sources: &[Source]) -> Option<&'a str> {
    sources.iter().find_map(|source| header_value(request, source))
}

fn header_value<'a>(request: &RequestView<'a>, source: &Source) -> Option<&'a str> {
    let Source::Header { name } = source else { return None };
    match request.headers.lines(name.as_str()) {
        HeaderLines::One(value) if !value.is_empty() => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

/// The values under several pointers, in their order.
fn scan(body: &[u8], pointers: &[&str]) -> Result<Vec<Option<String>>, serde_json::Error> {
    let mut found = vec![None; pointers.len()];
    let wanted = pointers.iter().enumerate().map(|(slot, pointer)| Wanted { slot, rest: pointer }).collect();
    let mut document = serde_json::Deserializer::from_slice(body);
    Walk { wanted, found: &mut found }.deserialize(&mut document)?;
    document.end()?;
    Ok(found)
}

/// A pointer on its way down: where its value goes, and the part that is still ahead.
#[derive(Clone, Copy)]
struct Wanted<'p> {
    slot: usize,
    rest: &'p str,
}

impl<'p> Wanted<'p> {
    /// The next token, still escaped, and the pointer one step further down.
    fn step(self) -> Option<(&'p str, Self)> {
        let rest = self.rest.strip_prefix('/')?;
        let end = rest.find('/').unwrap_or(rest.len());
        Some((&rest[..end], Self { slot: self.slot, rest: &rest[end..] }))
    }

    /// The pointer inside the member `name`, when it leads through it.
    fn into_member(self, name: &str) -> Option<Self> {
        let (token, inside) = self.step()?;
        let same =
            token == name || (token.contains('~') && token.replace("~1", "/").replace("~0", "~") == name);
        same.then_some(inside)
    }

    /// The index of the element that the pointer leads through, which has no leading zero, and the pointer in it.
    fn into_element(self) -> Option<(usize, Self)> {
        let (token, inside) = self.step()?;
        let canonical = token == "0" || token.starts_with(|first: char| matches!(first, '1'..='9'));
        let index = if canonical { token.parse().ok()? } else { return None };
        Some((index, inside))
    }

    fn arrived(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Reads one value for the pointers that lead to or through it.
struct Walk<'p, 'f> {
    wanted: Vec<Wanted<'p>>,
    found: &'f mut [Option<String>],
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // A repeated name: what an earlier one held no longer counts.
        self.wanted.iter().for_each(|wanted| self.found[wanted.slot] = None);
        if self.wanted.is_empty() {
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        if !self.wanted.iter().any(Wanted::arrived) {
            return deserializer.deserialize_any(self);
        }
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        let scalar = scalar_text(raw).map_err(D::Error::custom)?;
        let (arrived, ahead): (Vec<_>, Vec<_>) = self.wanted.into_iter().partition(Wanted::arrived);
        arrived.into_iter().for_each(|wanted| self.found[wanted.slot].clone_from(&scalar));
        if ahead.is_empty() {
            return Ok(());
        }
        let mut inside = serde_json::Deserializer::from_str(raw.get());
        Walk { wanted: ahead, found: self.found }.deserialize(&mut inside).map_err(D::Error::custom)
    }
}

/// A string's text or a number's digits.
fn scalar_text(raw: &RawValue) -> Result<Option<String>, serde_json::Error> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).map(Some),
        Some(b'-' | b'0'..=b'9') => Ok(Some(raw.get().to_owned())),
        _ => Ok(None),
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(wanted) = map.next_key_seed(Name(&self.wanted))? {
            map.next_value_seed(Walk { wanted, found: self.found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let indexed: Vec<(usize, Wanted<'_>)> =
            self.wanted.into_iter().filter_map(Wanted::into_element).collect();
        for index in 0_usize.. {
            let here = indexed.iter().filter(|(wanted, _)| *wanted == index);
            let wanted = here.map(|(_, wanted)| *wanted).collect();
            if seq.next_element_seed(Walk { wanted, found: self.found })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a member's name and keeps the pointers that go on through it.
struct Name<'w, 'p>(&'w [Wanted<'p>]);

impl<'de, 'p> DeserializeSeed<'de> for Name<'_, 'p> {
    type Value = Vec<Wanted<'p>>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, 'p> Visitor<'de> for Name<'_, 'p> {
    type Value = Vec<Wanted<'p>>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a member's name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().filter_map(|wanted| wanted.into_member(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, pointers: &[&'static str]) -> Option<String> {
        let sources: Vec<Source> = pointers.iter().map(|pointer| Source::known_pointer(pointer)).collect();
        let headers: [(&str, &str); 0] = [];
        let request = RequestView { headers: &headers, body: body.as_bytes() };
        let [value] = read_sources(&request, [&sources]).unwrap();
        value
    }

    #[test]
    fn strings_and_numbers_come_out_as_written() {
        let body =
            r#" {"a":{"b":[{"id":1},{"id":18446744073709551616}]},"s":"x\u00fcy","a/b":{"m~n":-1.50}} "#;
        assert_eq!(read(body, &["/a/b/1/id"]).as_deref(), Some("18446744073709551616"));
        assert_eq!(read(body, &["/s"]).as_deref(), Some("xüy"));
        assert_eq!(read(body, &["/a~1b/m~0n"]).as_deref(), Some("-1.50"));
        assert_eq!(read("42", &[""]).as_deref(), Some("42"));
    }

    #[test]
    fn what_is_no_scalar_has_no_value() {
        let body = r#"{"o":{"x":1},"l":[1],"n":null,"t":true}"#;
        for pointer in ["/o", "/l", "/n", "/t", "/t/x", "/l/01", "/l/-", "/l/1", "/missing", ""] {
            assert_eq!(read(body, &[pointer]), None, "{pointer}");
        }
    }

    #[test]
    fn the_first_source_with_a_value_wins_and_the_last_of_a_repeated_name() {
        assert_eq!(
            read(r#"{"event":{"type":"message"},"type":"t"}"#, &["/event/type", "/type"]).as_deref(),
            Some("message")
        );
        assert_eq!(read(r#"{"type":"t"}"#, &["/event/type", "/type"]).as_deref(), Some("t"));
        assert_eq!(read(r#"{"id":1,"id":2}"#, &["/id"]).as_deref(), Some("2"));
        assert_eq!(read(r#"{"a":{"id":1},"a":{}}"#, &["/a/id"]), None);
        assert_eq!(read(r#"{"a":{"id":1}}"#, &["/a", "/a/id"]).as_deref(), Some("1"));
    }

    #[test]
    fn headers_answer_without_the_body_and_doubled_ones_do_not() {
        let sources = [Source::known_header("x-id"), Source::known_pointer("/id")];
        let value = |headers: &[(&str, &str)], body: &str| {
            let request = RequestView { headers: &headers, body: body.as_bytes() };
            read_sources(&request, [&sources]).map(|[value]| value)
        };
        assert_eq!(value(&[("X-Id", "7")], "not json").unwrap().as_deref(), Some("7"));
        assert_eq!(value(&[("x-id", "7"), ("x-id", "8")], r#"{"id":9}"#).unwrap().as_deref(), Some("9"));
        for broken in ["", "{", r#"{"id":1}}"#, r#"{"id":1} x"#, r#"{"a":tru}"#] {
            assert!(value(&[], broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn deep_nesting_beside_the_way_is_skipped_without_recursion() {
        let deep = format!(r#"{{"deep":{}{},"id":"x"}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&deep, &["/id"]).as_deref(), Some("x"));
    }

    #[test]
    fn pointers_are_checked() {
        for good in ["", "/", "/a/b", "/~0~1", "/ü"] {
            assert!(good.parse::<JsonPointer>().is_ok(), "{good}");
        }
        for bad in ["a", "a/b", "/~", "/~2", "#/a"] {
            assert!(bad.parse::<JsonPointer>().is_err(), "{bad}");
        }
    }
}
