//! Field mappings: compiling them, and turning a payload into the body of a delivery.
//!
//! The players, in the order in which a payload meets them: [`json`] reads it into a tree that keeps order and
//! digits ([`number`]); [`expression`] (JMESPath) and [`template`] (Jinja) take values from it; [`assemble`]
//! puts them where the targets say. [`path`] fills destination paths, [`external_id`] reads a destination's
//! answer.
//!
//! Invariants: an empty mapping passes the payload through byte for byte; a value that is only copied keeps
//! every digit and its key order; whatever a tenant writes and a stranger sends, one application takes a
//! bounded number of steps ([`budget`]) and yields at most [`MAX_OUTPUT`] bytes. All issues are reported at
//! once, so that a person repairs a mapping in one go: a preview is [`compile`] and [`CompiledMapping::apply`].

use bytes::Bytes;
use domain::mapping::{FieldMapping, FieldRule, FieldSource, MappingIssue, MappingIssueCode};
use domain::time::Timestamp;

use assemble::Layout;
use budget::Budget;
use expression::{Expression, Failure};
use json::{Json, TooLarge};
use template::{Engine, Rendering, Variables};

mod assemble;
mod budget;
mod expression;
mod external_id;
mod json;
mod number;
mod path;
mod template;
#[cfg(test)]
mod tests;

pub use external_id::pointer_string;
pub use path::{PathTemplate, compile_path};

/// The most rules in one mapping.
pub const MAX_RULES: usize = 200;
/// The largest body that a mapping produces, in bytes: as large as the largest webhook that is accepted.
pub const MAX_OUTPUT: usize = 1024 * 1024;

/// What templates know about the event besides its payload, as `event.id`, `event.type`, ….
#[derive(Debug, Clone, Copy)]
pub struct MappingContext<'a> {
    /// `event.id`
    pub event_id: &'a str,
    /// `event.type`
    pub event_type: &'a str,
    /// `event.source_record_id`; none when the sender named no record.
    pub source_record_id: Option<&'a str>,
    /// `event.received_at`, written as RFC 3339.
    pub received_at: Timestamp,
}

/// A mapping that is ready to be applied any number of times, from any thread.
#[derive(Debug)]
pub struct CompiledMapping {
    rules: Vec<CompiledRule>,
    layout: Layout,
    engine: Engine,
}

#[derive(Debug)]
struct CompiledRule {
    target: String,
    source: CompiledSource,
    default: Option<Json>,
    required: bool,
}

#[derive(Debug)]
enum CompiledSource {
    Path(Expression),
    Template(template::Handle),
    Constant(Json),
}

/// Compiles a mapping.
///
/// # Errors
/// Every issue of every rule.
pub fn compile(mapping: &FieldMapping) -> Result<CompiledMapping, Vec<MappingIssue>> {
    let mut issues = Vec::new();
    if mapping.fields.len() > MAX_RULES {
        issues.push(MappingIssue {
            rule: None,
            target: String::new(),
            code: MappingIssueCode::TooManyRules,
            message: format!(
                "the mapping has {} rules, more than {MAX_RULES}: map whole objects rather than each of their fields",
                mapping.fields.len()
            ),
        });
        return Err(issues);
    }
    let layout = assemble::plan(&mapping.fields, &mut issues);
    let mut engine = Engine::text();
    let mut rules = Vec::with_capacity(mapping.fields.len());
    for (index, rule) in mapping.fields.iter().enumerate() {
        match compile_rule(rule, &mut engine) {
            Ok(compiled) => rules.push(compiled),
            Err((code, message)) => {
                issues.push(MappingIssue {
                    rule: Some(index),
                    target: rule.target.to_string(),
                    code,
                    message,
                });
            }
        }
    }
    if issues.is_empty() {
        Ok(CompiledMapping { rules, layout, engine })
    } else {
        issues.sort_by_key(|issue| issue.rule);
        Err(issues)
    }
}

fn compile_rule(rule: &FieldRule, engine: &mut Engine) -> Result<CompiledRule, (MappingIssueCode, String)> {
    let source = match &rule.source {
        FieldSource::Path { expression } => CompiledSource::Path(
            expression::compile(expression).map_err(|why| (MappingIssueCode::ExpressionInvalid, why))?,
        ),
        FieldSource::Template { template } => CompiledSource::Template(
            engine.add(template).map_err(|why| (MappingIssueCode::TemplateInvalid, why))?,
        ),
        FieldSource::Constant { value } => CompiledSource::Constant(configured(value)?),
    };
    let default = rule.default.as_ref().map(configured).transpose()?;
    Ok(CompiledRule { target: rule.target.to_string(), source, default, required: rule.required })
}

/// A constant or default of the configuration.
fn configured(value: &serde_json::Value) -> Result<Json, (MappingIssueCode, String)> {
    match inexact(value) {
        None => Ok(Json::from_config(value)),
        Some(number) => Err((
            MappingIssueCode::NumberInexact,
            format!(
                "the number {number} is too large to be kept exactly here: write it as text, \"{number}\""
            ),
        )),
    }
}

/// A number that serde_json may have rounded while it read the configuration.
fn inexact(value: &serde_json::Value) -> Option<&serde_json::Number> {
    match value {
        serde_json::Value::Number(number) => (!is_exact(number)).then_some(number),
        serde_json::Value::Array(items) => items.iter().find_map(inexact),
        serde_json::Value::Object(members) => members.values().find_map(inexact),
        _ => None,
    }
}

/// Whether a number can be trusted to be what was written: from 2^53 on, a double skips integers.
fn is_exact(number: &serde_json::Number) -> bool {
    const FIRST_SKIPPED: f64 = 9_007_199_254_740_992.0;
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|value| value.abs() < FIRST_SKIPPED)
}

impl CompiledMapping {
    /// The body for one payload: compact JSON, or the payload itself when the mapping is empty.
    ///
    /// A rule without a value leaves its field out; so a mapping of only optional rules can yield `{}`.
    ///
    /// # Errors
    /// Every issue of every rule for this payload.
    pub fn apply(&self, payload: &[u8], context: &MappingContext<'_>) -> Result<Bytes, Vec<MappingIssue>> {
        if self.rules.is_empty() {
            return Ok(Bytes::copy_from_slice(payload));
        }
        let payload = Json::parse(payload).map_err(|error| vec![payload_invalid(&error)])?;
        let variables = Variables::new(&payload, context);
        let mut budget = Budget::new();
        let mut issues = Vec::new();
        let mut values = Vec::with_capacity(self.rules.len());
        for (index, rule) in self.rules.iter().enumerate() {
            match rule.value(&payload, &variables, &self.engine, &mut budget) {
                Ok(value) => values.push(value),
                Err((code, message)) => {
                    issues.push(MappingIssue {
                        rule: Some(index),
                        target: rule.target.clone(),
                        code,
                        message,
                    });
                    if code == MappingIssueCode::EvaluationTooCostly {
                        // What is left could only fail for the same reason.
                        break;
                    }
                }
            }
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        match self.layout.fill(values).write(MAX_OUTPUT) {
            Ok(body) => Ok(body.into()),
            Err(too_large) => Err(vec![output_too_large(too_large)]),
        }
    }
}

impl CompiledRule {
    fn value(
        &self,
        payload: &Json,
        variables: &Variables<'_>,
        engine: &Engine,
        budget: &mut Budget,
    ) -> Result<Option<Json>, (MappingIssueCode, String)> {
        let (value, missing) = match &self.source {
            // A constant null is meant.
            CompiledSource::Constant(value) => return Ok(Some(value.clone())),
            CompiledSource::Path(expression) => match expression::evaluate(expression, payload, budget) {
                Ok(Json::Null) => (None, "the expression found nothing in this payload".to_owned()),
                Ok(value) => (Some(value), String::new()),
                Err(Failure::TooCostly) => return Err(too_costly()),
                Err(Failure::Function(why)) => return Err((MappingIssueCode::EvaluationFailed, why)),
            },
            CompiledSource::Template(handle) => match engine.render(*handle, variables) {
                Rendering::Text(text) => (Some(Json::string(&text)), String::new()),
                Rendering::Missing(why) => (None, why),
                Rendering::Failed(why) => return Err((MappingIssueCode::EvaluationFailed, why)),
                Rendering::TooCostly => return Err(too_costly()),
                Rendering::TooLarge => return Err((MappingIssueCode::OutputTooLarge, too_many_bytes())),
            },
        };
        match value.or_else(|| self.default.clone()) {
            None if self.required => Err((
                MappingIssueCode::ValueMissing,
                format!("{missing}: correct the source, give a default, or make the field optional"),
            )),
            value => Ok(value),
        }
    }
}

fn payload_invalid(error: &crate::json_body::JsonBodyError) -> MappingIssue {
    MappingIssue {
        rule: None,
        target: String::new(),
        code: MappingIssueCode::PayloadInvalid,
        message: format!("rules need a JSON payload: {error}"),
    }
}

fn too_costly() -> (MappingIssueCode, String) {
    let message =
        "evaluating takes too many steps for this payload: select less, or split the route".to_owned();
    (MappingIssueCode::EvaluationTooCostly, message)
}

fn too_many_bytes() -> String {
    format!("the output is larger than {MAX_OUTPUT} bytes: select less")
}

fn output_too_large(too_large: TooLarge) -> MappingIssue {
    MappingIssue {
        rule: None,
        target: String::new(),
        code: MappingIssueCode::OutputTooLarge,
        message: match too_large {
            TooLarge::Bytes => too_many_bytes(),
            TooLarge::Depth => {
                format!("the output nests deeper than {} levels: select less", crate::json_body::MAX_DEPTH)
            }
        },
    }
}
