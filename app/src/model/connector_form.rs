//! A connector as its form holds it: text in fields, and what of it would be created or changed.

use domain::connector::{
    Connector, ConnectorCode, ConnectorPatch, Credentials, CredentialsKind, Environment, Header,
    NewConnector, check_fields,
};
use domain::error::FieldProblem;

/// What the person wants to happen with the credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CredentialsWish {
    /// Leave what is stored.
    #[default]
    Keep,
    /// Take away what is stored.
    Remove,
    /// Store what is typed.
    Set(CredentialsFields),
}

/// Credentials while they are typed.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialsFields {
    /// Which kind; `None` is not a kind that can be typed.
    pub kind: CredentialsKind,
    /// The user name of basic credentials, or the header of an API key.
    pub name: String,
    /// The token, the password or the key.
    pub secret: String,
}

impl std::fmt::Debug for CredentialsFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CredentialsFields({}, [sealed])", self.kind)
    }
}

impl CredentialsFields {
    /// Nothing typed yet.
    pub fn blank(kind: CredentialsKind) -> Self {
        Self { kind, name: String::new(), secret: String::new() }
    }

    fn check(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut problem = |field: &str, detail: &str| {
            problems
                .push(FieldProblem { pointer: format!("/credentials/{field}"), detail: detail.to_owned() });
        };
        match self.kind {
            CredentialsKind::Basic if self.name.is_empty() => problem("username", "Type the user name."),
            CredentialsKind::ApiKey if self.name.trim().is_empty() => {
                problem("header", "Type the header's name, for example X-Api-Key.");
            }
            _ => {}
        }
        if self.secret.is_empty() {
            let (field, detail) = match self.kind {
                CredentialsKind::Basic => ("password", "Type the password."),
                CredentialsKind::ApiKey => ("value", "Type the key."),
                CredentialsKind::Bearer | CredentialsKind::None => ("token", "Type the token."),
            };
            problem(field, detail);
        }
        problems
    }

    fn credentials(&self) -> Option<Credentials> {
        let secret = self.secret.clone();
        match self.kind {
            CredentialsKind::None => None,
            CredentialsKind::Bearer => Some(Credentials::Bearer { token: secret }),
            CredentialsKind::Basic => {
                Some(Credentials::Basic { username: self.name.clone(), password: secret })
            }
            CredentialsKind::ApiKey => {
                Some(Credentials::ApiKey { header: self.name.trim().to_owned(), value: secret })
            }
        }
    }
}

/// The fields of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorForm {
    /// See [`Connector::name`].
    pub name: String,
    /// See [`Connector::code`]; fixed once it is created.
    pub code: String,
    /// See [`Connector::kind`].
    pub kind: String,
    /// See [`Connector::base_url`]; empty for none.
    pub base_url: String,
    /// See [`Connector::headers`].
    pub headers: Vec<Header>,
    /// What happens with the credentials.
    pub credentials: CredentialsWish,
    /// See [`Connector::environment`].
    pub environment: Environment,
    /// See [`Connector::active`].
    pub active: bool,
}

impl Default for ConnectorForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            code: String::new(),
            kind: String::new(),
            base_url: String::new(),
            headers: Vec::new(),
            credentials: CredentialsWish::Keep,
            environment: Environment::Production,
            active: true,
        }
    }
}

impl ConnectorForm {
    /// The form of a stored connector.
    pub fn of(connector: &Connector) -> Self {
        Self {
            name: connector.name.clone(),
            code: connector.code.to_string(),
            kind: connector.kind.clone(),
            base_url: connector.base_url.clone().unwrap_or_default(),
            headers: connector.headers.clone(),
            credentials: CredentialsWish::Keep,
            environment: connector.environment,
            active: connector.active,
        }
    }

    /// What is wrong with it, by the pointer of the request's field.
    pub fn check(&self) -> Vec<FieldProblem> {
        let mut problems = check_fields(Some(&self.name), Some(self.base_url.trim()), Some(&self.headers));
        if let Err(error) = self.code.trim().parse::<ConnectorCode>() {
            problems.push(FieldProblem { pointer: "/code".into(), detail: sentence(&error.to_string()) });
        }
        if let CredentialsWish::Set(fields) = &self.credentials {
            problems.extend(fields.check());
        }
        problems
    }

    /// What would be created.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn create(&self) -> Result<NewConnector, Vec<FieldProblem>> {
        let problems = self.check();
        let code = self.code.trim().parse::<ConnectorCode>();
        let (true, Ok(code)) = (problems.is_empty(), code) else { return Err(problems) };
        Ok(NewConnector {
            code,
            name: self.name.trim().to_owned(),
            kind: self.kind.trim().to_owned(),
            base_url: Some(self.base_url.trim().to_owned()).filter(|url| !url.is_empty()),
            headers: self.headers.clone(),
            credentials: self.typed_credentials(),
            environment: self.environment,
        })
    }

    /// What would change about `saved`; `None` when nothing would.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn patch(&self, saved: &Connector) -> Result<Option<ConnectorPatch>, Vec<FieldProblem>> {
        let before = Self::of(saved);
        if *self == before {
            return Ok(None);
        }
        let problems = self.check();
        if !problems.is_empty() {
            return Err(problems);
        }
        let changed = |now: &str, then: &str| Some(now.trim().to_owned()).filter(|now| now.as_str() != then);
        Ok(Some(ConnectorPatch {
            name: changed(&self.name, &before.name),
            kind: changed(&self.kind, &before.kind),
            base_url: changed(&self.base_url, &before.base_url),
            headers: (self.headers != before.headers).then(|| self.headers.clone()),
            credentials: self.typed_credentials(),
            remove_credentials: self.credentials == CredentialsWish::Remove,
            environment: (self.environment != before.environment).then_some(self.environment),
            active: (self.active != before.active).then_some(self.active),
        }))
    }

    /// The words for what differs from `saved` (from a blank form when there is none yet).
    pub fn changes(&self, saved: Option<&Connector>) -> Vec<&'static str> {
        let before = saved.map(Self::of).unwrap_or_default();
        [
            (self.name != before.name, "name"),
            (self.code != before.code, "code"),
            (self.kind != before.kind, "system"),
            (self.base_url != before.base_url, "base URL"),
            (self.headers != before.headers, "headers"),
            (self.credentials != before.credentials, "credentials"),
            (self.environment != before.environment, "environment"),
            (self.active != before.active, "active"),
        ]
        .into_iter()
        .filter_map(|(changed, word)| changed.then_some(word))
        .collect()
    }

    fn typed_credentials(&self) -> Option<Credentials> {
        match &self.credentials {
            CredentialsWish::Set(fields) => fields.credentials(),
            CredentialsWish::Keep | CredentialsWish::Remove => None,
        }
    }
}

/// A code made of a name: `GitHub (main)` becomes `github-main`. Empty when the name has nothing to make one of.
pub fn suggest_code(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let code: String = words.join("-").chars().take(64).collect();
    code.trim_end_matches('-').to_owned()
}

/// The text as a sentence: a capital first, a full stop last.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ConnectorId, OrganizationId};
    use domain::time::Timestamp;

    fn saved() -> Connector {
        let now = Timestamp::from_seconds(1_700_000_000);
        Connector {
            id: ConnectorId::new(now),
            organization_id: OrganizationId::new(now),
            code: "github".parse().unwrap(),
            name: "GitHub".into(),
            kind: "github".into(),
            base_url: Some("https://api.github.com".into()),
            headers: vec![Header::new("Accept", "application/json")],
            credentials: CredentialsKind::Bearer,
            environment: Environment::Production,
            active: true,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn an_untouched_form_changes_nothing() {
        let saved = saved();
        assert_eq!(ConnectorForm::of(&saved).patch(&saved), Ok(None));
        assert!(ConnectorForm::of(&saved).changes(Some(&saved)).is_empty());
    }

    #[test]
    fn a_patch_has_only_what_changed() {
        let saved = saved();
        let mut form = ConnectorForm::of(&saved);
        form.base_url = String::new();
        form.active = false;
        form.credentials = CredentialsWish::Remove;
        let patch = form.patch(&saved).unwrap().unwrap();
        assert_eq!(patch.base_url.as_deref(), Some(""));
        assert_eq!((patch.name, patch.headers, patch.active), (None, None, Some(false)));
        assert!(patch.remove_credentials && patch.credentials.is_none());
        assert_eq!(form.changes(Some(&saved)), ["base URL", "credentials", "active"]);
    }

    #[test]
    fn what_is_missing_is_said_by_pointer() {
        let mut form = ConnectorForm { name: " ".into(), code: "GitHub".into(), ..Default::default() };
        form.credentials = CredentialsWish::Set(CredentialsFields::blank(CredentialsKind::Basic));
        let pointers: Vec<_> = form.create().unwrap_err().into_iter().map(|p| p.pointer).collect();
        assert_eq!(pointers, ["/name", "/code", "/credentials/username", "/credentials/password"]);
    }

    #[test]
    fn codes_are_suggested_from_names() {
        for (name, code) in [
            ("GitHub (main)", "github-main"),
            ("  Dynamics 365 ", "dynamics-365"),
            ("Größe", "gr-e"),
            ("!!!", ""),
        ] {
            assert_eq!(suggest_code(name), code);
        }
        assert!(suggest_code(&"ab ".repeat(60)).parse::<ConnectorCode>().is_ok());
    }

    #[test]
    fn typed_credentials_never_print() {
        let mut fields = CredentialsFields::blank(CredentialsKind::Bearer);
        fields.secret = "t0p".into();
        assert!(!format!("{:?}", CredentialsWish::Set(fields)).contains("t0p"));
    }
}
