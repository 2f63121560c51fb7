//! What handlers take from a request: parsed, or a problem document that says what would be right.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::error::Problem;
use domain::id::OrganizationId;
use domain::page::PageQuery;
use domain::user::Role;
use gateway::access::{Access, Principal};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::{self, BodyLimit};
use super::problem::ApiProblem;

/// The header in which a person with several organizations says which one is meant.
pub const ORGANIZATION: &str = "signalbox-organization";

/// A JSON body. Unreadable JSON is 400, JSON that is not what the route takes is 422 with a pointer to the field.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiProblem> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            let detail = "Send JSON with the header Content-Type: application/json.";
            return Err(
                Problem::new(415, "unsupported_media_type", "Content type not taken here", detail).into()
            );
        }
        Ok(Self(parse(&whole(request).await?)?))
    }
}

impl<T: Serialize> IntoResponse for ApiJson<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The same, where nothing at all stands for the default.
#[derive(Debug)]
pub struct OptionalJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        if request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(ApiJson::from_request(request, state).await?.0));
        }
        let body = whole(request).await?;
        if body.is_empty() { Ok(Self(T::default())) } else { Ok(Self(parse(&body)?)) }
    }
}

async fn whole(request: Request) -> Result<Bytes, Problem> {
    let limit = request.extensions().get::<BodyLimit>().map_or(body::DEFAULT_LIMIT, |limit| limit.0);
    body::read(request.into_body(), limit).await
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut reader);
    let value = parsed.map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => Problem::invalid_field(&pointer, inner.to_string()),
            _ => malformed(&inner),
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(400, "malformed_json", "Body is not JSON", error.to_string())
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// Parts of the path. An id that cannot be one is answered like one that is not there.
#[derive(Debug)]
pub struct ApiPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiPath<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found("thing").into()),
        }
    }
}

/// The query.
#[derive(Debug)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiProblem> {
        Ok(Self(query(parts.uri.query().unwrap_or_default())?))
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    // No name and no value has one, and PostgreSQL's texts cannot hold it.
    if text.contains("%00") {
        return Err(invalid_query("The query has a NUL character.".into()));
    }
    let unreadable = || invalid_query("The query cannot be read.".into());
    let uri = http::Uri::builder().path_and_query(format!("/?{text}")).build().map_err(|_| unreadable())?;
    match Query::try_from_uri(&uri) {
        Ok(Query(value)) => Ok(value),
        Err(error) => Err(invalid_query(error.body_text())),
    }
}

fn invalid_query(detail: String) -> Problem {
    Problem::new(400, "invalid_query", "Query not understood", detail)
}

/// The query of a list: what it is narrowed to, and which page.
#[derive(Debug)]
pub struct ListQuery<F> {
    /// What it is narrowed to.
    pub filter: F,
    /// Which page.
    pub page: PageQuery,
}

impl<S: Send + Sync, F: DeserializeOwned> FromRequestParts<S> for ListQuery<F> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiProblem> {
        // Taken apart, because the filter refuses names that it does not know.
        let text = parts.uri.query().unwrap_or_default();
        let is_page = |pair: &&str| matches!(pair.split('=').next(), Some("limit" | "cursor"));
        let (page, filter): (Vec<_>, Vec<_>) = text.split('&').partition(is_page);
        Ok(Self { filter: query(&filter.join("&"))?, page: query(&page.join("&"))? })
    }
}

/// Whoever asks, having proven who they are.
#[derive(Debug)]
pub struct Caller(pub Principal);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiProblem> {
        let principal = parts.extensions.get::<Principal>().cloned();
        Ok(Self(principal.ok_or_else(Problem::unauthenticated)?))
    }
}

macro_rules! access_for {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(pub Access);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiProblem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
                let Caller(principal) = Caller::from_request_parts(parts, state).await?;
                let organization = organization(parts, &principal)?;
                Ok(Self(principal.access(&organization, Role::$name)?))
            }
        }
    )*};
}

access_for! {
    /// Access to the organization for whoever may read there.
    Viewer;
    /// Access to the organization for whoever may retry and replay there.
    Operator;
    /// Access to the organization for whoever may change it.
    Admin;
}

/// Which organization is meant: the header's, else the only one there is. A key has exactly one.
fn organization(parts: &Parts, principal: &Principal) -> Result<OrganizationId, Problem> {
    let mut lines = parts.headers.get_all(ORGANIZATION).into_iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
            Problem::new(
                400,
                "invalid_organization",
                "Organization not understood",
                "The header Signalbox-Organization holds an id, like org_ and 32 hex digits.",
            )
        }),
        (None, _) => match principal.memberships.as_slice() {
            [(only, _)] => Ok(only.clone()),
            _ => Err(organization_required()),
        },
        (Some(_), Some(_)) => Err(organization_required()),
    }
}

fn organization_required() -> Problem {
    Problem::new(
        400,
        "organization_required",
        "Which organization?",
        "Name the organization you mean in the header Signalbox-Organization.",
    )
}
