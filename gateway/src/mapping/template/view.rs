//! Shows the payload to minijinja without copying it.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object as MinijinjaObject, ObjectRepr};
use minijinja::{Error, ErrorKind, Value};

use crate::mapping::json::{Json, Object};
use crate::mapping::number::Number;

/// The longest text that templates work with, in bytes; expressions copy texts of any length.
const MAX_TEXT: usize = 64 * 1024;

/// A JSON value as minijinja sees it.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => self::number(number),
        Json::String(text) if text.len() > MAX_TEXT => Value::from(Error::new(
            ErrorKind::InvalidOperation,
            format!(
                "a text of {} bytes is too long for a template; select it with an expression",
                text.len()
            ),
        )),
        Json::String(text) => Value::from(text.clone()),
        Json::Array(items) => Value::from_object(ArrayView(items.clone())),
        Json::Object(object) => Value::from_object(ObjectView(object.clone())),
    }
}

/// Integers and doubles where these hold the number exactly; else the number as text, which prints with every
/// digit, but does not compare as a number.
fn number(number: &Number) -> Value {
    let token = number.token();
    if !token.contains(['.', 'e', 'E']) {
        return match token.parse::<i128>() {
            Ok(integer) => i64::try_from(integer).map_or_else(|_| Value::from(integer), Value::from),
            Err(_) => Value::from(token),
        };
    }
    match token.parse::<f64>() {
        Ok(double)
            if Number::parse(&format!("{double:?}")).is_some_and(|same| same.compare(number).is_eq()) =>
        {
            Value::from(double)
        }
        _ => Value::from(token),
    }
}

/// A value that came from the payload, if it is an array or object of it.
pub(super) fn json_of(value: &Value) -> Option<Json> {
    if let Some(array) = value.downcast_object_ref::<ArrayView>() {
        return Some(Json::Array(array.0.clone()));
    }
    value.downcast_object_ref::<ObjectView>().map(|object| Json::Object(object.0.clone()))
}

#[derive(Debug)]
struct ArrayView(Arc<Vec<Json>>);

impl MinijinjaObject for ArrayView {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_usize()?).map(value)
    }
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

#[derive(Debug)]
struct ObjectView(Arc<Object>);

impl MinijinjaObject for ObjectView {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?).map(value)
    }
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.0.iter().map(|(key, _)| Value::from(key.clone())).collect())
    }
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.0.len())
    }
}
