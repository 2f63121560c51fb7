//! Provisional: the schemes' types.
use serde::{Deserialize, Serialize};

/// How a receiver proves who sent a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VerificationScheme {
    /// Nothing is checked; sandbox only.
    None,
    /// GitHub.
    Github,
}

/// Where in a request a fact stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Source {
    /// A header.
    Header {
        /// Its name.
        name: String,
    },
    /// A JSON pointer into the body.
    Pointer {
        /// The pointer.
        pointer: String,
    },
}
