//! Keyset pagination: a page and the cursor to the next one.

use serde::{Deserialize, Serialize};

use crate::error::Problem;

/// How many rows a page has at most, and by default.
pub const MAX_LIMIT: u32 = 500;
/// How many rows a page has when nothing is said.
pub const DEFAULT_LIMIT: u32 = 50;

/// One page of a list, newest first unless the list says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page from `limit + 1` fetched rows: the extra row only says that there is more.
    pub fn from_overfetch(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next_cursor }
    }

    /// The same page with every row changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

/// Where a page starts and how long it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct PageQuery {
    /// At most this many rows (1 to 500, 50 when absent).
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

fn default_limit() -> u32 {
    DEFAULT_LIMIT
}

impl Default for PageQuery {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT, cursor: None }
    }
}

impl PageQuery {
    /// The limit, brought into its bounds.
    pub fn limit(&self) -> u32 {
        self.limit.clamp(1, MAX_LIMIT)
    }

    /// The cursor of a list that is sorted by id; none on the first page.
    ///
    /// # Errors
    /// 400 `invalid_cursor` when it is not an id of that kind.
    pub fn id_cursor<T: std::str::FromStr>(&self) -> Result<Option<T>, Problem> {
        self.cursor.as_deref().map(str::parse).transpose().map_err(|_| {
            let detail = "Use the next_cursor of the page before, or none for the first page.";
            Problem::new(400, "invalid_cursor", "Invalid cursor", detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_row_becomes_the_cursor_of_the_last_kept_one() {
        let page = Page::from_overfetch(vec![5, 4, 3], 2, |n| n.to_string());
        assert_eq!(page, Page { items: vec![5, 4], next_cursor: Some("4".into()) });
        let last = Page::from_overfetch(vec![5, 4], 2, |n| n.to_string());
        assert_eq!(last.next_cursor, None);
    }
}
