//! What people type, checked field by field: all problems in one answer, so that a form is repaired in one go.

use domain::error::{FieldProblem, Problem};
use domain::user;

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
        let fine = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        self.require(fine, pointer, "Give it a name of 1 to 100 characters.");
        name.to_owned()
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
}
