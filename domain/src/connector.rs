//! Third-party systems: what an administrator says about them and what anybody may read back.

use serde::{Deserialize, Serialize};

use crate::error::FieldProblem;
use crate::id::{ConnectorId, OrganizationId};
use crate::text::{is_clean, is_name};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// Whether real business depends on the connector.
    Environment {
        /// Real data; verification is mandatory.
        Production = "production",
        /// For trying out; verification may be switched off.
        Sandbox = "sandbox",
    }
}

/// A connector's name in addresses: 2 to 64 characters of `a-z`, `0-9` and single `-` inside.
/// Unique in the installation, because receivers' addresses carry it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct ConnectorCode(String);

/// Why a text cannot be a connector code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use 2 to 64 characters: a-z, 0-9 and single hyphens inside, for example \"github-main\"")]
pub struct InvalidCode;

impl ConnectorCode {
    /// The code as it stands in addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ConnectorCode {
    type Err = InvalidCode;
    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let length = (2..=64).contains(&text.len());
        let characters = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let hyphens = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
        if length && characters && hyphens { Ok(Self(text.to_owned())) } else { Err(InvalidCode) }
    }
}

impl TryFrom<String> for ConnectorCode {
    type Error = InvalidCode;
    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl From<ConnectorCode> for String {
    fn from(code: ConnectorCode) -> String {
        code.0
    }
}

impl std::fmt::Display for ConnectorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One HTTP header, in the order it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Header {
    /// The name, any case.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Header {
    /// A header.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// How Signalbox proves itself to the third party. Sealed at rest; it never comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Credentials {
    /// `Authorization: Bearer …`
    Bearer {
        /// The token.
        token: String,
    },
    /// `Authorization: Basic …`
    Basic {
        /// The user name.
        username: String,
        /// The password.
        password: String,
    },
    /// A header of the third party's choice.
    ApiKey {
        /// The header's name.
        header: String,
        /// The key.
        value: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bearer { .. } => "Credentials::Bearer([sealed])",
            Self::Basic { .. } => "Credentials::Basic([sealed])",
            Self::ApiKey { .. } => "Credentials::ApiKey([sealed])",
        })
    }
}

text_enum! {
    /// Which kind of credentials a connector has; all that may be read back.
    CredentialsKind {
        /// None.
        None = "none",
        /// A bearer token.
        Bearer = "bearer",
        /// A user name and a password.
        Basic = "basic",
        /// A key in a header.
        ApiKey = "api_key",
    }
}

impl Credentials {
    /// What may be said about them.
    pub fn kind(&self) -> CredentialsKind {
        match self {
            Self::Bearer { .. } => CredentialsKind::Bearer,
            Self::Basic { .. } => CredentialsKind::Basic,
            Self::ApiKey { .. } => CredentialsKind::ApiKey,
        }
    }
}

/// A third-party system as anybody in the organization may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connector {
    /// Its id.
    pub id: ConnectorId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// Its name in addresses.
    pub code: ConnectorCode,
    /// Its name for people.
    pub name: String,
    /// The vendor, for example `github`; free text, used for grouping and the mark.
    pub kind: String,
    /// Where its HTTP interface begins, for example `https://api.github.com`; needed as a destination.
    pub base_url: Option<String>,
    /// Headers sent with every request to it. Not for secrets: those are credentials.
    pub headers: Vec<Header>,
    /// Which credentials are stored.
    pub credentials: CredentialsKind,
    /// Production or sandbox.
    pub environment: Environment,
    /// Whether it receives and delivers.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConnector {
    /// See [`Connector::code`].
    pub code: ConnectorCode,
    /// See [`Connector::name`].
    pub name: String,
    /// See [`Connector::kind`].
    #[serde(default)]
    pub kind: String,
    /// See [`Connector::base_url`].
    #[serde(default)]
    pub base_url: Option<String>,
    /// See [`Connector::headers`].
    #[serde(default)]
    pub headers: Vec<Header>,
    /// Write-only.
    #[serde(default)]
    pub credentials: Option<Credentials>,
    /// Production when absent.
    #[serde(default = "production")]
    pub environment: Environment,
}

fn production() -> Environment {
    Environment::Production
}

/// What may change about a connector; absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectorPatch {
    /// See [`Connector::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See [`Connector::kind`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// See [`Connector::base_url`]; an empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// See [`Connector::headers`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<Header>>,
    /// New credentials in place of the old ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// Removes the credentials.
    #[serde(default)]
    pub remove_credentials: bool,
    /// See [`Connector::environment`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// See [`Connector::active`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// What a connection test saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionReport {
    /// Whether the third party answered with a status below 400.
    pub ok: bool,
    /// The address that was asked.
    pub url: String,
    /// The HTTP status, when there was an answer.
    pub http_code: Option<u16>,
    /// From sending to the end of the answer, milliseconds.
    pub latency_ms: i64,
    /// The value of the first API version header that the answer had, with its name.
    pub api_version: Option<Header>,
    /// What went wrong, when it did.
    pub error: Option<String>,
}

/// Checks the free-text fields that creation and change share; empty means fine.
pub fn check_fields(
    name: Option<&str>,
    base_url: Option<&str>,
    headers: Option<&[Header]>,
) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut problem = |pointer: String, detail: &str| {
        problems.push(FieldProblem { pointer, detail: detail.to_owned() });
    };
    if name.is_some_and(|name| !is_name(name)) {
        problem("/name".into(), "Give it a name of 1 to 100 characters, without control characters.");
    }
    if let Some(text) = base_url.filter(|text| !text.is_empty()) {
        match url::Url::parse(text) {
            // The parser takes them out or escapes them, but it is the text that is kept.
            _ if !is_clean(text) => {
                problem("/base_url".into(), "Leave out control characters, such as line breaks.");
            }
            Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => {
                problem(
                    "/base_url".into(),
                    "Use an http or https address, for example https://api.example.com.",
                );
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                problem(
                    "/base_url".into(),
                    "Keep user name and password out of the address: use credentials.",
                );
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                problem("/base_url".into(), "Leave out everything from ? or # on.");
            }
            Ok(_) => {}
            Err(_) => {
                problem("/base_url".into(), "Use a whole address, for example https://api.example.com.")
            }
        }
    }
    for (index, header) in headers.unwrap_or_default().iter().enumerate() {
        let pointer = format!("/headers/{index}");
        if !is_header_name(&header.name) {
            problem(pointer, "A header name has letters, digits and hyphens only.");
        } else if is_reserved_header(&header.name) {
            problem(pointer, "This header is set by the connection itself, or belongs into credentials.");
        } else if header.value.len() > 4096 || header.value.bytes().any(|b| b < 0x20 || b == 0x7f) {
            problem(pointer, "A header value has up to 4,096 visible characters, no line breaks.");
        }
    }
    problems
}

fn is_header_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_reserved_header(name: &str) -> bool {
    const RESERVED: &[&str] = &[
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "authorization",
        "proxy-authorization",
        "cookie",
    ];
    RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_parsed_not_guessed() {
        assert!("github-main".parse::<ConnectorCode>().is_ok());
        for bad in ["g", "GitHub", "a--b", "-a", "a-", "a b", "ä1", &"x".repeat(65)] {
            assert!(bad.parse::<ConnectorCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn credentials_never_print() {
        let secret = Credentials::Bearer { token: "t0p".into() };
        assert!(!format!("{secret:?}").contains("t0p"));
    }

    #[test]
    fn addresses_with_passwords_and_reserved_headers_are_refused() {
        let problems = check_fields(
            Some(" "),
            Some("https://user:pw@example.com"),
            Some(&[Header::new("Host", "x"), Header::new("X-Ok", "a\nb"), Header::new("X-Fine", "1")]),
        );
        let pointers: Vec<_> = problems.iter().map(|p| p.pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/base_url", "/headers/0", "/headers/1"]);
        assert!(check_fields(Some("ok"), Some("http://127.0.0.1:9/x"), None).is_empty());
    }
}
