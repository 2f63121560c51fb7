//! Text templates: Jinja, in the part of it that fills in text.
//!
//! minijinja renders. Templates are written by tenants and filled with what strangers send, so [`sandbox`]
//! checks their syntax tree when they are compiled: no macros, no assignments, no calls, a short list of
//! filters, and operators only where they can not multiply text. While rendering, fuel bounds the
//! instructions, [`view`] refuses to hand out very long texts, and the output is limited. Undefined values are
//! errors, nothing is escaped, no file is ever loaded.

use std::borrow::Cow;
use std::fmt;
use std::io;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::json::Json;
use super::{MAX_OUTPUT, MappingContext};
use crate::deep_stack;

mod filters;
mod sandbox;
#[cfg(test)]
mod tests;
mod view;

/// The longest template, in bytes.
const MAX_TEXT: usize = 4 * 1024;
/// Instructions per rendering; one placeholder takes about three.
const FUEL: u64 = 20_000;

/// What templates see.
pub(super) struct Variables<'a> {
    payload: &'a Json,
    context: &'a MappingContext<'a>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(payload: &'a Json, context: &'a MappingContext<'a>) -> Self {
        Self { payload, context }
    }

    fn value(&self) -> Value {
        let MappingContext { event_id, event_type, source_record_id, received_at } = self.context;
        let event = Value::from_pairs([
            ("id", Value::from(*event_id)),
            ("type", Value::from(*event_type)),
            ("source_record_id", source_record_id.map_or(Value::from(()), Value::from)),
            ("received_at", Value::from(received_at.to_rfc3339())),
        ]);
        Value::from_pairs([("payload", view::value(self.payload)), ("event", event)])
    }
}

/// Which template of an [`Engine`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Handle(usize);

/// What rendering came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rendering {
    Text(String),
    /// A value that the template needs is not there.
    Missing(String),
    /// A value is there, but can not be used this way.
    Failed(String),
    TooCostly,
    TooLarge,
}

/// The templates of one mapping.
pub(super) struct Engine {
    environment: Environment<'static>,
    count: usize,
    limit: usize,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("templates", &self.count).finish_non_exhaustive()
    }
}

impl Engine {
    /// For texts in a body.
    pub(super) fn text() -> Self {
        Self::new(MAX_OUTPUT, write_text)
    }

    /// For paths: every value is percent-encoded and must be one non-empty text, number or boolean.
    pub(super) fn path(limit: usize) -> Self {
        Self::new(limit, write_path_value)
    }

    fn new(
        limit: usize,
        formatter: fn(&mut Output<'_>, &mut State<'_, '_>, &Value) -> Result<(), minijinja::Error>,
    ) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.set_formatter(formatter);
        filters::install(&mut environment);
        Self { environment, count: 0, limit }
    }

    /// Compiles a template; the error says what to change.
    pub(super) fn add(&mut self, source: &str) -> Result<Handle, String> {
        if source.len() > MAX_TEXT {
            return Err(format!("the template is longer than {MAX_TEXT} bytes: split it into several rules"));
        }
        let handle = Handle(self.count);
        let environment = &mut self.environment;
        let compile = || {
            sandbox::check(source)?;
            environment
                .add_template_owned(handle.0.to_string(), source.to_owned())
                .map_err(|error| format!("the template can not be compiled: {}", explain(&error)))
        };
        // minijinja's parser recurses for every `-` and `not` without a limit of its own.
        deep_stack::run(compile)
            .map_err(|error| format!("the template could not be compiled, {error}"))??;
        self.count += 1;
        Ok(handle)
    }

    pub(super) fn render(&self, handle: Handle, variables: &Variables<'_>) -> Rendering {
        let template = match self.environment.get_template(&handle.0.to_string()) {
            Ok(template) => template,
            Err(error) => return Rendering::Failed(explain(&error)),
        };
        let mut out = Limited { text: Vec::new(), limit: self.limit, exceeded: false };
        let result = template.render_captured_to(variables.value(), &mut out).map(drop);
        match result {
            _ if out.exceeded => Rendering::TooLarge,
            // Only whole strings are ever written, so nothing is replaced here.
            Ok(()) => Rendering::Text(String::from_utf8_lossy(&out.text).into_owned()),
            Err(error) => match error.kind() {
                ErrorKind::OutOfFuel => Rendering::TooCostly,
                ErrorKind::UndefinedError => Rendering::Missing(format!(
                    "the template uses a value that this payload does not have ({})",
                    explain(&error)
                )),
                _ => Rendering::Failed(format!("the template can not be filled: {}", explain(&error))),
            },
        }
    }
}

/// An error of minijinja without the names of our making.
fn explain(error: &minijinja::Error) -> String {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) => format!("{detail}, line {line}"),
        None => detail,
    }
}

/// Collects output up to a limit.
struct Limited {
    text: Vec<u8>,
    limit: usize,
    exceeded: bool,
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.limit {
            self.exceeded = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a value reads as text: a missing one is an error, null is nothing, arrays and objects are JSON.
fn text_of(value: &Value) -> Result<Cow<'_, str>, minijinja::Error> {
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(ErrorKind::UndefinedError.into()),
        ValueKind::None => "".into(),
        ValueKind::Bool => if value.is_true() { "true" } else { "false" }.into(),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => filters::tojson(value)?.into(),
        _ => match value.as_str() {
            Some(text) => text.into(),
            None => value.to_string().into(),
        },
    })
}

fn write_text(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    Ok(out.write_str(&text_of(value)?)?)
}

/// What may stand unencoded in a path segment besides letters and digits (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn write_path_value(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let refuse = |why: &'static str| minijinja::Error::new(ErrorKind::BadSerialization, why);
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
        return Err(refuse("an array or object can not stand in a path"));
    }
    let text = text_of(value)?;
    if text.is_empty() {
        return Err(refuse("a value in the path is empty"));
    }
    for part in utf8_percent_encode(&text, SEGMENT) {
        out.write_str(part)?;
    }
    Ok(())
}
