//! What a person chose about the console: how it looks, where its clocks stand, which columns its grids have.
//!
//! Kept on the server as one small JSON object for each person. A console sends changes only ([`PreferencesPatch`]),
//! and what it does not know stays: an older console, or one in another tab, undoes nothing of a newer one's.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::FieldProblem;
use crate::text_enum;

text_enum! {
    /// Light or dark.
    Theme {
        /// As the person's system says, now and later.
        System = "system",
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
}

text_enum! {
    /// Whose clock times are written by.
    Times {
        /// The clock of the person's browser.
        Local = "local",
        /// UTC.
        Utc = "utc",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro that declares the words takes no attribute on one of them"
)]
impl Default for Theme {
    fn default() -> Self {
        Self::System
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro that declares the words takes no attribute on one of them"
)]
impl Default for Times {
    fn default() -> Self {
        Self::Local
    }
}

/// The most columns of a grid.
pub const MAX_COLUMNS: usize = 64;
/// The longest name of a grid or a column, bytes.
pub const MAX_KEY: usize = 64;
/// How narrow and how wide a column may be, pixels.
pub const WIDTHS: std::ops::RangeInclusive<u16> = 24..=2_000;
/// The most that is kept for a person, bytes of JSON, whatever consoles of other versions add.
pub const MAX_BYTES: usize = 32 * 1024;

/// What a person chose. Whatever is missing or not understood is as if never chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// Light or dark.
    #[serde(default, deserialize_with = "known")]
    pub theme: Theme,
    /// Whose clock times are written by.
    #[serde(default, deserialize_with = "known")]
    pub times: Times,
    /// The columns of grids, by the grid's name; a grid that is not here has its own.
    #[serde(default)]
    pub grids: BTreeMap<String, GridColumns>,
}

/// The columns of one grid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GridColumns {
    /// Those that are shown, in their order.
    pub columns: Vec<GridColumn>,
}

/// One column that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GridColumn {
    /// The column's name, as in `data-col`.
    pub key: String,
    /// How wide it was made, pixels; as wide as it is by itself when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
}

/// A word of a version that is not ours is no reason to forget everything else.
fn known<'de, D: Deserializer<'de>, T: std::str::FromStr + Default>(deserializer: D) -> Result<T, D::Error> {
    let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    Ok(word.parse().unwrap_or_default())
}

/// A change of preferences: what is not named stays. In JSON it is a merge patch (RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreferencesPatch {
    /// See [`Preferences::theme`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// See [`Preferences::times`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// The columns of grids; `null` gives a grid its own again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grids: BTreeMap<String, Option<GridColumns>>,
}

impl Preferences {
    /// Makes a change.
    pub fn apply(&mut self, patch: &PreferencesPatch) {
        self.theme = patch.theme.unwrap_or(self.theme);
        self.times = patch.times.unwrap_or(self.times);
        for (grid, columns) in &patch.grids {
            match columns {
                Some(columns) => self.grids.insert(grid.clone(), columns.clone()),
                None => self.grids.remove(grid),
            };
        }
    }
}

impl PreferencesPatch {
    /// This change and then `later`, as one.
    pub fn followed_by(mut self, later: Self) -> Self {
        self.theme = later.theme.or(self.theme);
        self.times = later.times.or(self.times);
        self.grids.extend(later.grids);
        self
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it; nothing when it is fine.
    pub fn check(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut wrong = |pointer: String, detail: String| problems.push(FieldProblem { pointer, detail });
        for (grid, columns) in &self.grids {
            let at = format!("/grids/{grid}");
            if !is_key(grid) {
                wrong("/grids".into(), format!("A grid's name has 1 to {MAX_KEY} of a-z, 0-9 and _."));
                continue;
            }
            let Some(GridColumns { columns }) = columns else { continue };
            if columns.is_empty() || columns.len() > MAX_COLUMNS {
                wrong(format!("{at}/columns"), format!("Show 1 to {MAX_COLUMNS} columns."));
                continue;
            }
            for (index, column) in columns.iter().enumerate() {
                if !is_key(&column.key) {
                    let detail = format!("A column's name has 1 to {MAX_KEY} of a-z, 0-9 and _.");
                    wrong(format!("{at}/columns/{index}/key"), detail);
                } else if columns[..index].iter().any(|other| other.key == column.key) {
                    wrong(format!("{at}/columns/{index}/key"), "This column is there already.".into());
                }
                if column.width.is_some_and(|width| !WIDTHS.contains(&width)) {
                    let detail = format!("Use {} to {} pixels.", WIDTHS.start(), WIDTHS.end());
                    wrong(format!("{at}/columns/{index}/width"), detail);
                }
            }
        }
        problems
    }
}

fn is_key(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn column(key: &str, width: Option<u16>) -> GridColumn {
        GridColumn { key: key.into(), width }
    }

    fn grid(name: &str, columns: Vec<GridColumn>) -> PreferencesPatch {
        let grids = BTreeMap::from([(name.to_owned(), Some(GridColumns { columns }))]);
        PreferencesPatch { grids, ..PreferencesPatch::default() }
    }

    #[test]
    fn what_another_version_wrote_does_not_hinder() {
        let read = |value| serde_json::from_value::<Preferences>(value).unwrap();
        assert_eq!(read(json!({})), Preferences::default());
        let newer = read(json!({ "theme": "sepia", "times": "utc", "density": "touch" }));
        assert_eq!(newer, Preferences { times: Times::Utc, ..Preferences::default() });
    }

    #[test]
    fn a_change_changes_what_it_names() {
        let mut chosen = Preferences::default();
        chosen.apply(&grid("deliveries", vec![column("time", Some(90)), column("status", None)]));
        chosen.apply(&PreferencesPatch { theme: Some(Theme::Dark), ..PreferencesPatch::default() });
        assert_eq!((chosen.theme, chosen.times, chosen.grids.len()), (Theme::Dark, Times::Local, 1));
        let reset = BTreeMap::from([("deliveries".to_owned(), None)]);
        chosen.apply(&PreferencesPatch { grids: reset, ..PreferencesPatch::default() });
        assert_eq!(chosen, Preferences { theme: Theme::Dark, ..Preferences::default() });
    }

    #[test]
    fn two_changes_in_one_are_the_same_as_one_after_the_other() {
        let first = grid("deliveries", vec![column("time", None)])
            .followed_by(PreferencesPatch { theme: Some(Theme::Light), ..PreferencesPatch::default() });
        let second = grid("deliveries", vec![column("status", Some(120))]);
        let mut one_by_one = Preferences::default();
        one_by_one.apply(&first);
        one_by_one.apply(&second);
        let mut at_once = Preferences::default();
        at_once.apply(&first.followed_by(second));
        assert_eq!(at_once, one_by_one);
        assert!(PreferencesPatch::default().is_empty() && !grid("a", Vec::new()).is_empty());
    }

    #[test]
    fn changes_are_bounded_and_named() {
        assert_eq!(grid("deliveries", vec![column("time", Some(24)), column("x", None)]).check(), []);
        let pointer = |patch: PreferencesPatch| {
            let problems = patch.check();
            assert_eq!(problems.len(), 1, "{problems:?}");
            problems[0].pointer.clone()
        };
        assert_eq!(pointer(grid("De liveries", Vec::new())), "/grids");
        assert_eq!(pointer(grid("d", Vec::new())), "/grids/d/columns");
        assert_eq!(pointer(grid("d", vec![column("t", Some(3))])), "/grids/d/columns/0/width");
        assert_eq!(pointer(grid("d", vec![column("", None)])), "/grids/d/columns/0/key");
        assert_eq!(pointer(grid("d", vec![column("t", None), column("t", None)])), "/grids/d/columns/1/key");
        let many = (0..=MAX_COLUMNS).map(|n| column(&format!("c{n}"), None)).collect();
        assert_eq!(pointer(grid("d", many)), "/grids/d/columns");
    }
}
