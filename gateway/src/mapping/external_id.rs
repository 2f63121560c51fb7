//! Reads a destination's own id of a record from its answer.

use crate::json_body::pointer_get;

/// The id at a JSON pointer (RFC 6901) in a response: a string, or a number as it is written.
///
/// `None` when there is none, when it is empty, or when the response is not JSON up to there; a response that was cut
/// after the id still yields it. It may hold any character: the workers decide what becomes of such an id.
pub fn pointer_string(response: &[u8], pointer: &str) -> Option<String> {
    pointer_get(response, pointer).filter(|id| !id.is_empty())
}
