//! Cursors of lists: the key of a page's last row, opaque to the caller.
//!
//! A cursor is base64url of the key's JSON. It holds nothing that the page itself did not show, so it needs no
//! signature: a made-up one can only ask for another place in the same list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::error::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::input::Checks;

/// The longest cursor that is looked at, bytes.
const MAX_LENGTH: usize = 2_048;

/// The cursor for a key.
pub(crate) fn encode(key: &impl Serialize) -> String {
    // Keys are tuples of texts and ids, whose JSON always exists; an empty cursor would be refused, not misread.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// The key in a cursor; none for the first page.
///
/// # Errors
/// 400 `invalid_cursor` when it is not one that [`encode`] made for such a list.
pub(crate) fn decode<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let key = (cursor.len() <= MAX_LENGTH)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .filter(|key: &serde_json::Value| {
            let mut checks = Checks::default();
            checks.no_nul(key);
            checks.finish().is_ok()
        })
        .and_then(|key| serde_json::from_value(key).ok());
    key.map(Some).ok_or_else(|| {
        Problem::new(
            400,
            "invalid_cursor",
            "Invalid cursor",
            "Use the next_cursor of the page before, or none for the first page.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ConnectorId, ReceiverId};
    use domain::time::Timestamp;

    #[test]
    fn keys_come_back_and_everything_else_is_refused() {
        let key = ("Ärger".to_owned(), ConnectorId::new(Timestamp(1)));
        let cursor = encode(&key);
        assert_eq!(decode(Some(&cursor)).unwrap(), Some(key));
        assert_eq!(decode::<ReceiverId>(None).unwrap(), None);
        let foreign = encode(&ReceiverId::new(Timestamp(1)));
        for bad in ["", "%%%", "bm90IGpzb24", &foreign, &"A".repeat(5_000)] {
            let problem = decode::<(String, ConnectorId)>(Some(bad)).unwrap_err();
            assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_cursor"), "{bad}");
        }
    }
}
