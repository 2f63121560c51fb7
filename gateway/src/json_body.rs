//! What counts as a JSON body, decided in one pass over the bytes.
//!
//! [`validate`] accepts exactly what every later reader (schema, mapping, console, destination) understands in
//! the same way: RFC 8259 syntax with the restrictions of I-JSON (RFC 7493): UTF-8, no duplicate keys, no lone
//! surrogates; and nesting no deeper than [`MAX_DEPTH`]. It builds no tree. [`validate_and_read`] also notes
//! the values at some JSON pointers (RFC 6901), in the same pass: it is on the way of every webhook. [`pointer_get`]
//! reads a single value.
//!
//! Players: [`tokens`] is the only tokenizer of the gateway, [`scan`] walks with it; the mapping builds its tree by
//! the same walk.

use std::fmt;

mod facts;
mod keys;
mod pointer;
pub(crate) mod scan;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;

pub use facts::validate_and_read;
pub use pointer::pointer_get;

/// The deepest nesting of arrays and objects that is accepted.
///
/// serde_json refuses the 128th level, and what is accepted here must be readable everywhere.
pub const MAX_DEPTH: usize = 127;

/// Checks that `bytes` are one acceptable JSON text.
///
/// # Errors
/// The first problem, with its place; its [`code`](JsonBodyError::code) is stable.
pub fn validate(bytes: &[u8]) -> Result<(), JsonBodyError> {
    scan::scan(bytes, &mut scan::Discard)
}

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonBodyProblem {
    /// No bytes, or only white space.
    Empty,
    /// A byte sequence that is not UTF-8.
    InvalidUtf8,
    /// Not JSON; says what was found instead of what.
    Malformed {
        /// What the grammar asks for at this place.
        expected: &'static str,
    },
    /// Arrays and objects nest deeper than [`MAX_DEPTH`].
    TooDeep,
    /// An object has the same key twice, so that readers could disagree about its value.
    DuplicateKey {
        /// The key, shortened when it is very long.
        key: String,
    },
    /// A `\u` escape that is half of a pair, so that the string is no Unicode text.
    LoneSurrogate,
    /// A number beyond what a double can hold, about 1.8e308; readers would refuse it or call it infinite.
    NumberTooLarge,
    /// Something follows the JSON value.
    TrailingData,
}

/// Why a body was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonBodyError {
    /// What is wrong.
    pub problem: JsonBodyProblem,
    /// The JSON pointer to the innermost value that was being read; empty is the root.
    pub pointer: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl JsonBodyError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self.problem {
            JsonBodyProblem::Empty => "json_empty",
            JsonBodyProblem::InvalidUtf8 => "json_invalid_utf8",
            JsonBodyProblem::Malformed { .. } => "json_malformed",
            JsonBodyProblem::TooDeep => "json_too_deep",
            JsonBodyProblem::DuplicateKey { .. } => "json_duplicate_key",
            JsonBodyProblem::LoneSurrogate => "json_lone_surrogate",
            JsonBodyProblem::NumberTooLarge => "json_number_too_large",
            JsonBodyProblem::TrailingData => "json_trailing_data",
        }
    }
}

impl fmt::Display for JsonBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, pointer, line, column } = self;
        match problem {
            JsonBodyProblem::Empty => return f.write_str("the body is empty: send one JSON value"),
            JsonBodyProblem::InvalidUtf8 => f.write_str("the body is not UTF-8")?,
            JsonBodyProblem::Malformed { expected } => {
                write!(f, "the body is not JSON: expected {expected}")?
            }
            JsonBodyProblem::TooDeep => {
                write!(f, "arrays and objects nest deeper than {MAX_DEPTH} levels: flatten the body")?;
            }
            JsonBodyProblem::DuplicateKey { key } => {
                let place = if pointer.is_empty() { "the root" } else { pointer };
                write!(f, "the key {key:?} occurs twice in the object at {place}: send it once")?;
            }
            JsonBodyProblem::LoneSurrogate => {
                f.write_str("a \\u escape is half of a surrogate pair: send whole characters")?;
            }
            JsonBodyProblem::NumberTooLarge => {
                f.write_str("a number is too large for a double: send it as a string")?;
            }
            JsonBodyProblem::TrailingData => {
                f.write_str("something follows the JSON value: send one value")?
            }
        }
        write!(f, " (line {line}, column {column})")
    }
}

impl std::error::Error for JsonBodyError {}
