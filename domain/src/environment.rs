//! What an installation is for, as a badge in the console says it: so that nobody takes a rehearsal for the real thing.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::connector::Environment;
use crate::text::is_name;

/// The longest label, characters: it stands in a bar.
pub const MAX_LABEL: usize = 24;

/// What an installation is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InstallationEnvironment {
    /// Whether real business depends on it.
    pub kind: Environment,
    /// What it is called.
    pub label: String,
}

/// The text names no environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "use production or sandbox, perhaps with a name of at most {MAX_LABEL} characters, like sandbox: Staging EU"
)]
pub struct InvalidEnvironment;

impl InstallationEnvironment {
    /// "Production" or "Sandbox".
    pub fn plain(kind: Environment) -> Self {
        let label = match kind {
            Environment::Production => "Production",
            Environment::Sandbox => "Sandbox",
        };
        Self { kind, label: label.to_owned() }
    }
}

impl FromStr for InstallationEnvironment {
    type Err = InvalidEnvironment;

    fn from_str(text: &str) -> Result<Self, InvalidEnvironment> {
        let (kind, label) = match text.split_once(':') {
            Some((kind, label)) => (kind, Some(label.trim())),
            None => (text, None),
        };
        let kind = kind.trim().parse().map_err(|_| InvalidEnvironment)?;
        match label {
            None => Ok(Self::plain(kind)),
            Some(label) if is_name(label) && label.chars().count() <= MAX_LABEL => {
                Ok(Self { kind, label: label.to_owned() })
            }
            Some(_) => Err(InvalidEnvironment),
        }
    }
}

impl std::fmt::Display for InstallationEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<InstallationEnvironment, InvalidEnvironment> {
        text.parse()
    }

    #[test]
    fn a_kind_may_have_a_name() {
        assert_eq!(read("production"), Ok(InstallationEnvironment::plain(Environment::Production)));
        let staging = read("sandbox: Staging EU").unwrap();
        assert_eq!((staging.kind, staging.label.as_str()), (Environment::Sandbox, "Staging EU"));
        assert_eq!(read(&staging.to_string()), Ok(staging), "as doctor prints it");
        for wrong in ["", "staging", "Production", "sandbox:", "sandbox: ", "sandbox: a\nb"] {
            assert_eq!(read(wrong), Err(InvalidEnvironment), "{wrong:?}");
        }
        assert!(read(&format!("sandbox: {}", "x".repeat(24))).is_ok());
        assert!(read(&format!("sandbox: {}", "x".repeat(25))).is_err());
    }
}
