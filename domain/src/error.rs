//! The one error vocabulary at the border: problem details (RFC 9457) with a stable code.

use serde::{Deserialize, Serialize};

use crate::text::sentence;

/// What went wrong, as every HTTP answer and every server function says it.
///
/// `code` is stable and meant for programs; `title` and `detail` are for people, `detail` is a sentence that says what
/// to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{title}: {detail}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Stable machine-readable code in snake_case, for example `not_found`.
    pub code: String,
    /// The HTTP status the problem travels with.
    pub status: u16,
    /// What kind of problem it is, the same for every occurrence.
    pub title: String,
    /// What happened this time and what to do about it.
    pub detail: String,
    /// The fields at fault, when the problem is about input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    /// The id of the request that was answered with it, which the server's log has as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub request_id: Option<Box<str>>,
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// JSON pointer to the field in the request's body, for example `/code`.
    pub pointer: String,
    /// What is wrong with it and what would be right.
    pub detail: String,
}

impl Problem {
    /// A problem of any kind.
    pub fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        let detail = sentence(&detail.into());
        Self { code: code.into(), status, title: title.into(), detail, fields: Vec::new(), request_id: None }
    }
    /// 401: nobody is signed in, or the key is not valid.
    pub fn unauthenticated() -> Self {
        Self::new(
            401,
            "unauthenticated",
            "Not signed in",
            "Sign in, or send a valid API key as a bearer token.",
        )
    }
    /// 403: the role does not allow it.
    pub fn forbidden(needed: &str) -> Self {
        Self::new(
            403,
            "forbidden",
            "Not allowed",
            format!("This needs the role {needed} in the organization."),
        )
    }
    /// 404: there is no such thing, or it belongs to somebody else; the two look the same on purpose.
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", "Not found", format!("There is no such {what} in this organization."))
    }
    /// 409: the state of things does not allow it.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(409, code, "Conflict", detail)
    }
    /// 422: the input is well-formed but not right.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(422, "invalid_input", "Invalid input", detail)
    }
    /// 422 about one field.
    pub fn invalid_field(pointer: &str, detail: impl Into<String>) -> Self {
        let detail = sentence(&detail.into());
        let mut problem = Self::invalid(detail.clone());
        problem.fields.push(FieldProblem { pointer: pointer.into(), detail });
        problem
    }
    /// 422 about several fields; `None` when there are none.
    pub fn from_fields(mut fields: Vec<FieldProblem>) -> Option<Self> {
        for field in &mut fields {
            field.detail = sentence(&field.detail);
        }
        let first = fields.first()?;
        let detail = match fields.len() {
            1 => first.detail.clone(),
            n => format!("{n} fields need attention. {}", first.detail),
        };
        Some(Self { fields, ..Self::invalid(detail) })
    }
    /// 500: our fault; the details are in the log under the request id, never in the answer.
    pub fn internal() -> Self {
        Self::new(
            500,
            "internal",
            "Internal error",
            "Something failed on our side. The log has the details under this request's id; trying again is safe.",
        )
    }
    /// 503: not now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(503, "unavailable", "Temporarily unavailable", detail)
    }
}
