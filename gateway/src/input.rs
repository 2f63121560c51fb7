//! What people type, checked field by field: all problems in one answer, so that a form is repaired in one go.

use domain::error::{FieldProblem, Problem};
use domain::text::is_name;
use domain::user;
use serde::Serialize;
use serde_json::Value;

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<FieldProblem>);

impl Checks {
    /// Notes a problem with the field at `pointer`.
    pub(crate) fn problem(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldProblem { pointer: pointer.into(), detail: detail.into() });
    }

    /// Notes a problem unless `fine`.
    pub(crate) fn require(&mut self, fine: bool, pointer: &str, detail: &str) {
        if !fine {
            self.problem(pointer, detail);
        }
    }

    /// Notes problems that were found elsewhere.
    pub(crate) fn extend(&mut self, problems: Vec<FieldProblem>) {
        self.0.extend(problems);
    }

    /// A name for people: without blanks around it, 1 to 100 characters, none of them a control character.
    pub(crate) fn name(&mut self, pointer: &str, text: &str) -> String {
        let name = text.trim();
        let detail = "Give it a name of 1 to 100 characters, without control characters.";
        self.require(is_name(name), pointer, detail);
        name.to_owned()
    }

    /// Everything that is to be stored as text or JSON: PostgreSQL can hold no NUL in either. Call it after the checks of
    /// single fields, which know better what to say: a field that has a problem already gets no second one.
    pub(crate) fn no_nul(&mut self, whole: &impl Serialize) {
        match serde_json::to_value(whole) {
            Ok(value) => self.no_nul_in(&value, &mut String::new()),
            Err(error) => self.problem("", format!("This cannot be stored: {error}.")),
        }
    }

    fn no_nul_in(&mut self, value: &Value, pointer: &mut String) {
        let length = pointer.len();
        match value {
            Value::String(text) if text.contains('\0') => self.nul_at(pointer),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointer.push_str(&format!("/{index}"));
                    self.no_nul_in(item, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    if name.contains('\0') {
                        self.nul_at(pointer);
                        continue;
                    }
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    self.no_nul_in(member, pointer);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn nul_at(&mut self, pointer: &str) {
        let within = |known: &FieldProblem| {
            pointer
                .strip_prefix(known.pointer.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !self.0.iter().any(within) {
            self.problem(pointer, "Leave out the NUL character (\\u0000): it cannot be stored.");
        }
    }

    /// An e-mail address in the form it is stored in.
    pub(crate) fn email(&mut self, pointer: &str, text: &str) -> String {
        user::normalize_email(text).unwrap_or_else(|| {
            self.problem(pointer, "Use an address like ada@example.com.");
            String::new()
        })
    }

    /// A password that somebody chooses.
    pub(crate) fn password(&mut self, pointer: &str, text: &str) {
        if let Some(problem) = user::check_password(text) {
            self.problem(pointer, problem);
        }
    }

    /// An organization's name in addresses.
    pub(crate) fn slug(&mut self, pointer: &str, text: &str) {
        if let Some(problem) = user::check_slug(text) {
            self.problem(pointer, problem);
        }
    }

    /// Fine when there were no problems.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        Problem::from_fields(self.0).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_come_in_one_answer() {
        let mut checks = Checks::default();
        assert_eq!(checks.name("/name", "  Ada "), "Ada");
        assert_eq!(checks.email("/email", " Ada@Example.com"), "ada@example.com");
        checks.name("/organization", " \u{7}");
        checks.password("/password", "short");
        checks.slug("/slug", "No Good");
        let problem = checks.finish().unwrap_err();
        let pointers: Vec<_> = problem.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/organization", "/password", "/slug"]);
        assert_eq!(problem.status, 422);
        assert!(Checks::default().finish().is_ok());
    }

    #[test]
    fn a_nul_is_found_wherever_it_stands_and_named_once() {
        let mut checks = Checks::default();
        checks.name("/name", "a\0b");
        checks.no_nul(&serde_json::json!({
            "name": "a\0b",
            "schema": { "const": ["fine", "a\0b"], "a/b": { "a\0b": 1 } },
            "fine": "a\n",
        }));
        let problem = checks.finish().unwrap_err();
        let mut pointers: Vec<_> = problem.fields.iter().map(|field| field.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/name", "/schema/a~1b", "/schema/const/1"]);
    }
}
