//! JSON Schema 2020-12: whether an event's payload has the shape that its receiver expects.
//!
//! The `jsonschema` crate validates. Schemas are written by tenants and meet what strangers send, so [`guard`]
//! first refuses what could make that slow, deep or remote: references that leave the document (nothing is ever
//! fetched), references that never reach deeper into the payload, and schemas that unfold into very many.
//! Patterns run on the linear-time engine; lookaround and backreferences do not exist there and are refused.
//!
//! Known limits, by design of the parts: `format` is an annotation, as the specification has it by default; and
//! numbers beyond 64 bits are compared as doubles.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use crate::deep_stack;
use crate::json_body;

mod guard;
#[cfg(test)]
mod tests;

/// The largest schema, in bytes of compact JSON.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most violations that are listed.
pub const MAX_VIOLATIONS: usize = 50;

/// The compiled size of one pattern; it also bounds the time of a match, which is pattern times text.
const PATTERN_BYTES: usize = 256 * 1024;
/// The longest message, in characters.
const MAX_MESSAGE: usize = 300;
/// The longest pointer, in characters.
const MAX_POINTER: usize = 500;
/// A payload of more values is judged, but its violations are not listed: the crate collects all it finds, and
/// there may be one for every value.
const MAX_LISTED_VALUES: usize = 20_000;
/// Levels of recursion that fit on any thread's stack.
const SHALLOW: usize = 128;

/// A schema that is ready to judge any number of payloads, from any thread.
#[derive(Debug)]
pub struct CompiledSchema {
    validator: Validator,
    shape: guard::Shape,
}

/// Why a schema is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at {})", if .pointer.is_empty() { "the root of the schema" } else { .pointer })]
pub struct SchemaProblem {
    /// A stable word for programs.
    pub code: &'static str,
    /// The JSON pointer to the place in the schema; empty is the root.
    pub pointer: String,
    message: String,
}

impl SchemaProblem {
    fn new(code: &'static str, pointer: &str, message: impl Into<String>) -> Self {
        Self { code, pointer: shorten(pointer, MAX_POINTER), message: shorten(&message.into(), MAX_MESSAGE) }
    }
}

/// One way in which a payload differs from its schema. Holds no values of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaViolation {
    /// The JSON pointer to the value; empty is the whole payload.
    pub pointer: String,
    /// The JSON pointer to the keyword of the schema that it violates.
    pub schema_pointer: String,
    /// What is wrong, for a person.
    pub message: String,
}

/// Compiles a schema.
///
/// # Errors
/// The first thing that makes it unusable, and what to change.
pub fn compile(schema: &Value) -> Result<CompiledSchema, SchemaProblem> {
    let shape = guard::check(schema)?;
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(
            PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES * 4),
        )
        .offline();
    let built = deep_stack::run(|| options.build(schema).map_err(|error| problem(&error)));
    let validator = built.map_err(|error| SchemaProblem::new("schema_invalid", "", error.to_string()))??;
    Ok(CompiledSchema { validator, shape })
}

/// The crate's error in our words.
fn problem(error: &ValidationError<'_>) -> SchemaProblem {
    let pointer = match error.instance_path().as_str() {
        // For errors of compilation the place in the schema is the schema's own path.
        "" => error.schema_path().as_str(),
        place => place,
    };
    match error.kind() {
        ValidationErrorKind::Format { format } if format == "regex" => SchemaProblem::new(
            "schema_pattern",
            pointer,
            "this pattern cannot be used: it is no regular expression, has lookaround or backreferences, or is too \
             large; write it without them",
        ),
        ValidationErrorKind::Referencing(error) => {
            SchemaProblem::new("schema_reference", pointer, format!("a reference leads nowhere: {error}"))
        }
        _ => SchemaProblem::new(
            "schema_invalid",
            pointer,
            format!("this is not JSON Schema 2020-12: {}", error.masked()),
        ),
    }
}

impl CompiledSchema {
    /// The violations of a payload, at most [`MAX_VIOLATIONS`]; none when it is valid.
    pub fn validate(&self, payload: &Value) -> Vec<SchemaViolation> {
        let size = Size::of(payload);
        if size.depth.saturating_mul(self.shape.longest_chain) <= SHALLOW {
            return self.judge(payload, &size);
        }
        deep_stack::run(|| self.judge(payload, &size))
            .unwrap_or_else(|error| vec![whole(format!("The payload could not be checked: {error}"))])
    }

    /// As [`validate`](Self::validate), for the bytes of a payload. What is no JSON violates every schema.
    pub fn validate_bytes(&self, payload: &[u8]) -> Vec<SchemaViolation> {
        match serde_json::from_slice(payload) {
            Ok(value) => self.validate(&value),
            Err(error) => {
                let why =
                    json_body::validate(payload).err().map_or_else(|| error.to_string(), |e| e.to_string());
                vec![whole(why)]
            }
        }
    }

    fn judge(&self, payload: &Value, size: &Size) -> Vec<SchemaViolation> {
        if self.validator.is_valid(payload) {
            return Vec::new();
        }
        if self.shape.branches_recursively {
            return vec![whole(
                "The payload does not match the schema. Where cannot be listed, because the schema refers to itself \
                 through allOf, anyOf, oneOf or the like.",
            )];
        }
        if size.values > MAX_LISTED_VALUES {
            return vec![whole("The payload does not match the schema, and is too large to list where.")];
        }
        self.validator.iter_errors(payload).take(MAX_VIOLATIONS).map(|error| violation(&error)).collect()
    }
}

fn violation(error: &ValidationError<'_>) -> SchemaViolation {
    SchemaViolation {
        pointer: shorten(error.instance_path().as_str(), MAX_POINTER),
        schema_pointer: shorten(error.schema_path().as_str(), MAX_POINTER),
        message: shorten(&error.masked_with("the value").to_string(), MAX_MESSAGE),
    }
}

/// A violation of the payload as a whole.
fn whole(message: impl Into<String>) -> SchemaViolation {
    SchemaViolation { pointer: String::new(), schema_pointer: String::new(), message: message.into() }
}

fn shorten(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// How large a payload is.
struct Size {
    values: usize,
    depth: usize,
}

impl Size {
    fn of(payload: &Value) -> Self {
        let mut size = Self { values: 0, depth: 0 };
        let mut waiting = vec![(payload, 1)];
        while let Some((value, depth)) = waiting.pop() {
            size.values += 1;
            size.depth = size.depth.max(depth);
            match value {
                Value::Array(items) => waiting.extend(items.iter().map(|item| (item, depth + 1))),
                Value::Object(members) => waiting.extend(members.values().map(|item| (item, depth + 1))),
                _ => {}
            }
        }
        size
    }
}
