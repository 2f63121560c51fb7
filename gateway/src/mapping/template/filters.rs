//! The filters and tests that templates may use; what is not installed here does not exist.
//!
//! Those that could make a text longer than what they are given have a limit of their own.

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value, filters, tests};

use super::{text_of, view};
use crate::mapping::MAX_OUTPUT;
use crate::mapping::json::Json;
use crate::mapping::number::Number;

/// The names of the filters, for the check when a template is compiled.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "capitalize",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "round",
    "split",
    "title",
    "tojson",
    "trim",
    "upper",
];

/// The names of the tests.
pub(super) const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "endingwith",
    "float",
    "integer",
    "mapping",
    "none",
    "number",
    "sequence",
    "startingwith",
    "string",
    "undefined",
];

/// The longest text that `join` and `replace` make, in bytes.
const MAX_TEXT: usize = 64 * 1024;

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("abs", filters::abs);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("default", default);
    environment.add_filter("first", filters::first);
    environment.add_filter("float", filters::float);
    environment.add_filter("int", filters::int);
    environment.add_filter("join", join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("replace", replace);
    environment.add_filter("round", filters::round);
    environment.add_filter("split", split);
    environment.add_filter("title", filters::title);
    environment.add_filter("tojson", |value: &Value| tojson(value));
    environment.add_filter("trim", filters::trim);
    environment.add_filter("upper", filters::upper);
    environment.add_test("boolean", tests::is_boolean);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("float", tests::is_float);
    environment.add_test("integer", tests::is_integer);
    environment.add_test("mapping", tests::is_mapping);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("sequence", tests::is_sequence);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("string", tests::is_string);
    environment.add_test("undefined", tests::is_undefined);
}

fn too_long(filter: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{filter} makes a text of more than {MAX_TEXT} bytes"))
}

/// The value, or another when it is missing or null.
fn default(value: &Value, other: &Value) -> Value {
    if value.is_undefined() || value.is_none() { other.clone() } else { value.clone() }
}

/// The elements as text, with something between them.
fn join(value: &Value, rest: Rest<String>) -> Result<String, Error> {
    let glue = rest.first().map_or("", String::as_str);
    let mut joined = String::new();
    for (index, item) in value.try_iter()?.enumerate() {
        let text = text_of(&item)?;
        let glue = if index > 0 { glue } else { "" };
        if joined.len() + glue.len() + text.len() > MAX_TEXT {
            return Err(too_long("join"));
        }
        joined.push_str(glue);
        joined.push_str(&text);
    }
    Ok(joined)
}

/// Every occurrence of a text replaced by another.
fn replace(value: &Value, from: String, to: String) -> Result<String, Error> {
    let text = text_of(value)?;
    if from.is_empty() {
        return Err(Error::new(ErrorKind::InvalidOperation, "replace needs a text to look for"));
    }
    let length = text.len() + text.matches(&from).count() * to.len();
    if length > MAX_TEXT {
        return Err(too_long("replace"));
    }
    Ok(text.replace(&from, &to))
}

/// The parts of a text between a separator.
fn split(value: &Value, separator: String) -> Result<Vec<String>, Error> {
    if separator.is_empty() {
        return Err(Error::new(ErrorKind::InvalidOperation, "split needs a separator"));
    }
    Ok(text_of(value)?.split(&separator).map(str::to_owned).collect())
}

/// The value as JSON, for a text that holds JSON.
pub(super) fn tojson(value: &Value) -> Result<String, Error> {
    let json = json_of(value, 0)?;
    let bytes = json.write(MAX_OUTPUT).map_err(|_| too_long("tojson"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn json_of(value: &Value, depth: usize) -> Result<Json, Error> {
    if let Some(json) = view::json_of(value) {
        return Ok(json);
    }
    if depth > crate::json_body::MAX_DEPTH {
        return Err(Error::new(ErrorKind::InvalidOperation, "the value nests too deeply"));
    }
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(ErrorKind::UndefinedError.into()),
        ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => Number::parse(&value.to_string()).map_or(Json::Null, Json::Number),
        ValueKind::Seq | ValueKind::Iterable => {
            Json::array(value.try_iter()?.map(|item| json_of(&item, depth + 1)).collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let mut members = Vec::new();
            for key in value.try_iter()? {
                let member = json_of(&value.get_item(&key)?, depth + 1)?;
                members.push((text_of(&key)?.as_ref().into(), member));
            }
            Json::object(members)
        }
        _ => Json::string(&text_of(value)?),
    })
}
