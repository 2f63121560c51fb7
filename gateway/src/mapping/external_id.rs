//! Reads a destination's own id of a record from its answer.

use domain::text::is_clean;

use crate::json_body::pointer_get;

/// The id at a JSON pointer (RFC 6901) in a response: a string, or a number as it is written.
///
/// `None` when there is none, when it is empty or holds control characters, or when the response is not JSON up to there; a response that
/// was cut after the id still yields it.
pub fn pointer_string(response: &[u8], pointer: &str) -> Option<String> {
    pointer_get(response, pointer).filter(|id| !id.is_empty() && is_clean(id))
}
