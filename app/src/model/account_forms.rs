//! The forms about people and their access: set-up, a new member, a new API key, a new organization.

use domain::api_key::NewApiKey;
use domain::error::FieldProblem;
use domain::time::{DAY, Timestamp};
use domain::user::{
    NewMember, NewOrganization, Role, SetupRequest, check_password, check_slug, normalize_email,
};

fn problem(pointer: &str, detail: impl Into<String>) -> FieldProblem {
    FieldProblem { pointer: pointer.to_owned(), detail: detail.into() }
}

fn name_problem(pointer: &str, name: &str) -> Option<FieldProblem> {
    let length = name.trim().chars().count();
    let fine = (1..=100).contains(&length);
    (!fine).then(|| problem(pointer, "Write a name of 1 to 100 characters."))
}

fn email_problem(email: &str) -> Option<FieldProblem> {
    let fine = normalize_email(email).is_some();
    (!fine).then(|| problem("/email", "Write an address like ada@example.com."))
}

/// The first administrator and organization.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SetupForm {
    /// The administrator's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The organization's name.
    pub organization: String,
    /// Its name in addresses.
    pub slug: String,
}

impl SetupForm {
    /// What is wrong with it.
    pub fn check(&self) -> Vec<FieldProblem> {
        [
            name_problem("/name", &self.name),
            email_problem(&self.email),
            check_password(&self.password).map(|why| problem("/password", why)),
            name_problem("/organization", &self.organization),
            check_slug(&self.slug).map(|why| problem("/slug", why)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The wish, with the link's token.
    pub fn request(&self, token: String) -> SetupRequest {
        SetupRequest {
            token,
            name: self.name.trim().to_owned(),
            email: self.email.trim().to_owned(),
            password: self.password.clone(),
            organization: self.organization.trim().to_owned(),
            slug: self.slug.clone(),
        }
    }
}

/// A person to add.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberForm {
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their first password; empty when they have an account.
    pub password: String,
}

impl Default for MemberForm {
    fn default() -> Self {
        Self { email: String::new(), name: String::new(), role: Role::Viewer, password: String::new() }
    }
}

impl MemberForm {
    /// What is wrong with it. Whether a password is needed only the server knows.
    pub fn check(&self) -> Vec<FieldProblem> {
        let password = (!self.password.is_empty()).then(|| check_password(&self.password)).flatten();
        [
            email_problem(&self.email),
            name_problem("/name", &self.name),
            password.map(|why| problem("/password", why)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The wish.
    pub fn request(&self) -> NewMember {
        NewMember {
            email: self.email.trim().to_owned(),
            name: self.name.trim().to_owned(),
            role: self.role,
            password: Some(self.password.clone()).filter(|password| !password.is_empty()),
        }
    }
}

/// How long an API key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLife {
    /// For so many days.
    Days(i64),
    /// Until somebody revokes it.
    Unlimited,
}

impl KeyLife {
    /// The choices.
    pub const ALL: [Self; 4] = [Self::Days(30), Self::Days(90), Self::Days(365), Self::Unlimited];

    /// Its name for people.
    pub fn name(self) -> String {
        match self {
            Self::Days(365) => "1 year".into(),
            Self::Days(days) => format!("{days} days"),
            Self::Unlimited => "Until revoked".into(),
        }
    }
}

/// An API key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyForm {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// How long it works.
    pub life: KeyLife,
}

impl Default for ApiKeyForm {
    fn default() -> Self {
        Self { name: String::new(), role: Role::Operator, life: KeyLife::Days(90) }
    }
}

impl ApiKeyForm {
    /// What is wrong with it.
    pub fn check(&self) -> Vec<FieldProblem> {
        name_problem("/name", &self.name).into_iter().collect()
    }

    /// The wish at a point in time.
    pub fn request(&self, now: Timestamp) -> NewApiKey {
        let expires_at = match self.life {
            KeyLife::Days(days) => Some(now.plus(days * DAY)),
            KeyLife::Unlimited => None,
        };
        NewApiKey { name: self.name.trim().to_owned(), role: self.role, expires_at }
    }
}

/// An organization to create.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrganizationForm {
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
}

impl OrganizationForm {
    /// What is wrong with it.
    pub fn check(&self) -> Vec<FieldProblem> {
        let slug = check_slug(&self.slug).map(|why| problem("/slug", why));
        name_problem("/name", &self.name).into_iter().chain(slug).collect()
    }

    /// The wish.
    pub fn request(&self) -> NewOrganization {
        NewOrganization { name: self.name.trim().to_owned(), slug: self.slug.clone() }
    }
}

/// What a role may do, in a few words.
pub const fn role_words(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Viewer => ("Viewer", "reads"),
        Role::Operator => ("Operator", "reads, retries, replays"),
        Role::Admin => ("Admin", "everything in the organization"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(problems: Vec<FieldProblem>) -> Vec<String> {
        problems.into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn the_set_up_says_what_is_missing() {
        assert_eq!(
            pointers(SetupForm::default().check()),
            ["/name", "/email", "/password", "/organization", "/slug"]
        );
        let form = SetupForm {
            name: "Ada".into(),
            email: "ada@example.com".into(),
            password: "correct horse rail".into(),
            organization: "Harbourline Freight".into(),
            slug: "harbourline-freight".into(),
        };
        assert!(form.check().is_empty());
        assert_eq!(form.request("t".into()).token, "t");
    }

    #[test]
    fn a_member_needs_a_password_only_when_one_is_typed() {
        let form = MemberForm { email: "ada@example.com".into(), name: "Ada".into(), ..Default::default() };
        assert!(form.check().is_empty());
        assert_eq!(form.request().password, None);
        let short = MemberForm { password: "short".into(), ..form };
        assert_eq!(pointers(short.check()), ["/password"]);
    }

    #[test]
    fn a_key_ends_after_its_days() {
        let now = Timestamp(0);
        let mut form = ApiKeyForm { name: "CI".into(), ..Default::default() };
        assert_eq!(form.request(now).expires_at, Some(Timestamp(90 * DAY)));
        form.life = KeyLife::Unlimited;
        assert_eq!(form.request(now).expires_at, None);
    }
}
