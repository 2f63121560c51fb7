//! A field mapping as its table holds it: one row of texts per rule.
//!
//! Values (constants and defaults) are typed as text: what reads as JSON is that JSON, anything else is the text
//! itself. So `42` is a number, `"42"` a text of digits, and `Untitled` needs no quotes.

use domain::error::FieldProblem;
use domain::mapping::{FieldMapping, FieldRule, FieldSource, TargetPath};

use super::connector_form::sentence;

/// The kinds of source a row can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// See [`FieldSource::Path`].
    Path,
    /// See [`FieldSource::Template`].
    Template,
    /// See [`FieldSource::Constant`].
    Constant,
}

impl SourceKind {
    /// Every kind, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::Path, Self::Template, Self::Constant];

    /// The kind's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "JMESPath",
            Self::Template => "Template",
            Self::Constant => "Constant",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    /// The place in the output.
    pub target: String,
    /// What `source` is.
    pub kind: SourceKind,
    /// The expression, the template or the value.
    pub source: String,
    /// Used when the source has no value; empty for none.
    pub default: String,
    /// Whether a missing value refuses the delivery.
    pub required: bool,
}

impl Default for MappingRow {
    fn default() -> Self {
        Self {
            target: String::new(),
            kind: SourceKind::Path,
            source: String::new(),
            default: String::new(),
            required: false,
        }
    }
}

impl MappingRow {
    /// The row of a rule.
    pub fn of(rule: &FieldRule) -> Self {
        let (kind, source) = match &rule.source {
            FieldSource::Path { expression } => (SourceKind::Path, expression.clone()),
            FieldSource::Template { template } => (SourceKind::Template, template.clone()),
            FieldSource::Constant { value } => (SourceKind::Constant, value_text(value)),
        };
        Self {
            target: rule.target.to_string(),
            kind,
            source,
            default: rule.default.as_ref().map(value_text).unwrap_or_default(),
            required: rule.required,
        }
    }

    fn rule(&self) -> Result<FieldRule, (&'static str, String)> {
        let target = TargetPath::parse(self.target.trim())
            .map_err(|error| ("target", sentence(&error.to_string())))?;
        let source = self.source.trim();
        let source = match self.kind {
            SourceKind::Path if source.is_empty() => {
                return Err(("source", "Write where the value stands, for example data.id.".into()));
            }
            SourceKind::Path => FieldSource::Path { expression: source.to_owned() },
            // White space around a template is part of the text it makes.
            SourceKind::Template => FieldSource::Template { template: self.source.clone() },
            SourceKind::Constant if source.is_empty() => {
                return Err(("source", "Write the value; \"\" is the empty text.".into()));
            }
            SourceKind::Constant => {
                FieldSource::Constant { value: parse_value(&self.source).map_err(|why| ("source", why))? }
            }
        };
        let default = match self.default.trim() {
            "" => None,
            _ => Some(parse_value(&self.default).map_err(|why| ("default", why))?),
        };
        Ok(FieldRule { target, source, default, required: self.required })
    }
}

/// The rows of a mapping.
pub fn rows_of(mapping: &FieldMapping) -> Vec<MappingRow> {
    mapping.fields.iter().map(MappingRow::of).collect()
}

/// The mapping of the rows.
///
/// # Errors
/// What is wrong, by row: `/mapping/fields/3/source`.
pub fn mapping_of(rows: &[MappingRow]) -> Result<FieldMapping, Vec<FieldProblem>> {
    let mut fields = Vec::new();
    let mut problems = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        match row.rule() {
            Ok(rule) => fields.push(rule),
            Err((field, detail)) => {
                problems.push(FieldProblem { pointer: format!("/mapping/fields/{index}/{field}"), detail });
            }
        }
    }
    if problems.is_empty() { Ok(FieldMapping { fields }) } else { Err(problems) }
}

fn value_text(value: &serde_json::Value) -> String {
    match value {
        // A text that would read as something else keeps its quotes; so does one that trimming would change.
        serde_json::Value::String(text)
            if !text.trim().is_empty() && serde_json::from_str::<serde_json::Value>(text).is_err() =>
        {
            text.clone()
        }
        other => other.to_string(),
    }
}

fn parse_value(text: &str) -> Result<serde_json::Value, String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(_) if text.trim_start().starts_with(['{', '[', '"']) => {
            Err("This begins like JSON and is none: check quotes and brackets.".into())
        }
        Err(_) => Ok(serde_json::Value::String(text.to_owned())),
        Ok(value) => match changed_number(text) {
            Some((was, becomes)) => Err(format!(
                "{was} would be sent as {becomes}. Write that, or quotes around it to send text."
            )),
            None => Ok(value),
        },
    }
}

/// The first number of a JSON text that would not be written again as it stands.
fn changed_number(text: &str) -> Option<(String, String)> {
    let mut in_string = false;
    let mut escaped = false;
    let mut number = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        let digit_of_number = c.is_ascii_digit() || matches!(c, '-' | '+' | '.');
        let exponent = matches!(c, 'e' | 'E') && !number.is_empty();
        if digit_of_number || exponent {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            let written = serde_json::from_str::<serde_json::Number>(&number).map(|n| n.to_string());
            match written {
                Ok(written) if written != number => return Some((number, written)),
                _ => number.clear(),
            }
        }
        in_string = c == '"';
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn constant(source: &str) -> Result<FieldMapping, Vec<FieldProblem>> {
        mapping_of(&[MappingRow {
            target: "a".into(),
            kind: SourceKind::Constant,
            source: source.into(),
            ..Default::default()
        }])
    }

    #[test]
    fn values_are_json_when_they_read_as_json_and_text_otherwise() {
        for (text, value) in [
            ("42", json!(42)),
            ("\"42\"", json!("42")),
            ("true", json!(true)),
            ("null", json!(null)),
            ("[1, \"a\"]", json!([1, "a"])),
            ("dynamics-portal", json!("dynamics-portal")),
            ("two words", json!("two words")),
            ("\"\"", json!("")),
        ] {
            let mapping = constant(text).unwrap();
            assert_eq!(mapping.fields[0].source, FieldSource::Constant { value }, "{text}");
            assert_eq!(mapping_of(&rows_of(&mapping)).unwrap(), mapping, "{text}");
        }
    }

    #[test]
    fn numbers_that_would_change_are_refused() {
        for text in ["12345678901234567890123", "1.50", "[0.1, 1e3]", "{\"a\": 1.0000000000000000001}"] {
            let problems = constant(text).unwrap_err();
            assert_eq!(problems[0].pointer, "/mapping/fields/0/source", "{text}");
            assert!(problems[0].detail.contains("would be sent as"), "{text}");
        }
        for text in ["18446744073709551615", "-1.5", "[1,2]", "\"1.50\"", "{\"1.50\": \"\\\"1e3\"}"] {
            assert!(constant(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn broken_json_is_not_taken_for_text() {
        assert!(constant("{\"a\": }").is_err());
        assert!(constant("[1").is_err());
    }

    #[test]
    fn every_row_says_its_own_problem() {
        let rows = [
            MappingRow { target: "a..b".into(), source: "x".into(), ..Default::default() },
            MappingRow { target: "b".into(), source: "x".into(), ..Default::default() },
            MappingRow { target: "c".into(), ..Default::default() },
            MappingRow { target: "d".into(), source: "x".into(), default: "[".into(), ..Default::default() },
        ];
        let pointers: Vec<_> = mapping_of(&rows).unwrap_err().into_iter().map(|p| p.pointer).collect();
        assert_eq!(
            pointers,
            ["/mapping/fields/0/target", "/mapping/fields/2/source", "/mapping/fields/3/default"]
        );
    }
}
