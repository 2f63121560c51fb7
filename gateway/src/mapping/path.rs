//! Destination paths with placeholders, for example `/contacts/{{ payload.id }}`.
//!
//! A value fills exactly one piece of the path that its author wrote: it is percent-encoded, it may not be
//! empty, and it may not make a segment `.` or `..`, which URL parsers resolve even when they are encoded. So a
//! payload can not choose another path, add a query or reach another host.

use domain::mapping::{MappingIssue, MappingIssueCode};
use percent_encoding::percent_decode_str;
use url::Url;

use super::json::Json;
use super::template::{Engine, Handle, Rendering, Variables};
use super::{MappingContext, payload_invalid, too_costly};

/// The longest path that a template may yield, in bytes.
const MAX_PATH: usize = 4 * 1024;

/// A compiled path.
#[derive(Debug)]
pub struct PathTemplate {
    source: String,
    /// `None` when the path has no placeholders.
    filled: Option<(Engine, Handle)>,
}

/// Compiles a path; it begins with `/`, or is empty for the destination's base URL itself.
///
/// # Errors
/// What to change, as a mapping issue whose target is the path.
pub fn compile_path(source: &str) -> Result<PathTemplate, MappingIssue> {
    let refuse = |message: String| issue(source, MappingIssueCode::TemplateInvalid, message);
    if !source.is_empty() && !source.starts_with('/') {
        return Err(refuse("the path has to begin with /".to_owned()));
    }
    if !source.contains("{{") && !source.contains("{%") && !source.contains("{#") {
        let template = PathTemplate { source: source.to_owned(), filled: None };
        check(source).map_err(|why| refuse(why.to_owned()))?;
        return Ok(template);
    }
    let mut engine = Engine::path(MAX_PATH);
    let handle = engine.add(source).map_err(refuse)?;
    Ok(PathTemplate { source: source.to_owned(), filled: Some((engine, handle)) })
}

impl PathTemplate {
    /// The path for one payload.
    ///
    /// # Errors
    /// A value is missing, empty or not usable in a path, or the payload is not JSON.
    pub fn render(&self, payload: &[u8], context: &MappingContext<'_>) -> Result<String, MappingIssue> {
        let Some((engine, handle)) = &self.filled else {
            return Ok(self.source.clone());
        };
        let payload = Json::parse(payload).map_err(|error| payload_invalid(&error))?;
        let refuse = |code, message: String| issue(&self.source, code, message);
        let path = match engine.render(*handle, &Variables::new(&payload, context)) {
            Rendering::Text(path) => path,
            Rendering::Missing(why) => return Err(refuse(MappingIssueCode::ValueMissing, why)),
            Rendering::Failed(why) => return Err(refuse(MappingIssueCode::PathValueUnsafe, why)),
            Rendering::TooLarge => {
                let why = format!("the path is longer than {MAX_PATH} bytes");
                return Err(refuse(MappingIssueCode::OutputTooLarge, why));
            }
            Rendering::TooCostly => {
                let (code, why) = too_costly();
                return Err(refuse(code, why));
            }
        };
        check(&path).map_err(|why| refuse(MappingIssueCode::PathValueUnsafe, why.to_owned()))?;
        Ok(path)
    }

    /// The URL for one payload: the path appended to a base URL, whose own path and query are kept.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn url(&self, base: &Url, payload: &[u8], context: &MappingContext<'_>) -> Result<Url, MappingIssue> {
        let path = self.render(payload, context)?;
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path.as_str(), None),
        };
        let mut url = base.clone();
        if !path.is_empty() {
            url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
        }
        match (base.query(), query) {
            (Some(first), Some(second)) => url.set_query(Some(&format!("{first}&{second}"))),
            (None, Some(query)) => url.set_query(Some(query)),
            (_, None) => {}
        }
        url.set_fragment(None);
        Ok(url)
    }
}

fn issue(source: &str, code: MappingIssueCode, message: String) -> MappingIssue {
    MappingIssue { rule: None, target: source.to_owned(), code, message }
}

/// What no path may hold, whoever wrote it.
fn check(path: &str) -> Result<(), &'static str> {
    if !path.is_empty() && !path.starts_with('/') {
        return Err("the path has to begin with /");
    }
    if path.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '#' | '\\')) {
        return Err("the path holds white space, a control character, # or \\: write it percent-encoded");
    }
    let segments = path.split_once('?').map_or(path, |(path, _)| path).split('/');
    for segment in segments {
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        if matches!(decoded.as_slice(), b"." | b"..") {
            return Err("a segment of the path is . or .., which means another path");
        }
    }
    Ok(())
}
