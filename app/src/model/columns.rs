//! The columns of the grid: which are shown and how wide, by default and as a person chose.
//!
//! A choice that is the default is none, so that a grid which nobody arranged gets new columns by itself.

use domain::preferences::{GridColumn, GridColumns};

/// The grid's name among the preferences.
pub const GRID: &str = "deliveries";

/// A column that can be arranged.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in `data-col`.
    pub key: &'static str,
    /// What stands above it.
    pub title: &'static str,
    /// Whether it holds numbers.
    pub numbers: bool,
}

const fn column(key: &'static str, title: &'static str, numbers: bool) -> Column {
    Column { key, title, numbers }
}

/// All of them, in their order. The first one is always shown.
pub const COLUMNS: [Column; 10] = [
    column("time", "Time", false),
    column("dir", "Dir", false),
    column("integration", "Integration", false),
    column("event", "Event type", false),
    column("source", "Source record", false),
    column("status", "Status", false),
    column("code", "Code", false),
    column("duration", "Duration", true),
    column("attempts", "Attempts", true),
    column("destination", "Destination record", false),
];

/// How narrow and how wide a person can make a column, pixels.
pub const WIDTHS: std::ops::RangeInclusive<u16> = 40..=600;

/// Whether a column is shown.
pub fn is_shown(chosen: Option<&GridColumns>, key: &str) -> bool {
    key == COLUMNS[0].key || chosen.is_none_or(|chosen| chosen.columns.iter().any(|column| column.key == key))
}

/// How wide a person made a column, pixels.
pub fn width(chosen: Option<&GridColumns>, key: &str) -> Option<u16> {
    chosen?.columns.iter().find(|column| column.key == key)?.width
}

/// The columns that are not shown, as the table's `data-without`.
pub fn without(chosen: Option<&GridColumns>) -> String {
    let hidden = COLUMNS.iter().filter(|column| !is_shown(chosen, column.key)).map(|column| column.key);
    hidden.collect::<Vec<_>>().join(" ")
}

/// The choice after a column was shown or hidden.
pub fn show(chosen: Option<&GridColumns>, key: &str, shown: bool) -> Option<GridColumns> {
    arrange(chosen, |column, width| {
        let is_shown = if column == key { shown } else { is_shown(chosen, column) };
        is_shown.then_some(width)
    })
}

/// The choice after a column was made as wide as `wide`, or as wide as it is by itself.
pub fn resize(chosen: Option<&GridColumns>, key: &str, wide: Option<i32>) -> Option<GridColumns> {
    let wide = wide.map(|wide| {
        let (least, most) = (i32::from(*WIDTHS.start()), i32::from(*WIDTHS.end()));
        u16::try_from(wide.clamp(least, most)).unwrap_or(*WIDTHS.end())
    });
    arrange(chosen, |column, width| {
        is_shown(chosen, column).then_some(if column == key { wide } else { width })
    })
}

fn arrange(
    chosen: Option<&GridColumns>,
    mut place: impl FnMut(&str, Option<u16>) -> Option<Option<u16>>,
) -> Option<GridColumns> {
    let columns: Vec<GridColumn> = COLUMNS
        .iter()
        .filter_map(|column| {
            let width = place(column.key, width(chosen, column.key))?;
            Some(GridColumn { key: column.key.into(), width })
        })
        .collect();
    let default = columns.len() == COLUMNS.len() && columns.iter().all(|column| column.width.is_none());
    (!default).then_some(GridColumns { columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_hidden_and_shown_again() {
        assert!(is_shown(None, "code"));
        assert_eq!(without(None), "");
        let chosen = show(None, "code", false);
        let chosen = show(chosen.as_ref(), "attempts", false);
        assert_eq!(without(chosen.as_ref()), "code attempts");
        let chosen = show(chosen.as_ref(), "code", true);
        assert_eq!(without(chosen.as_ref()), "attempts");
        assert_eq!(show(chosen.as_ref(), "attempts", true), None, "the default is no choice");
        // What is always shown needs no place in the choice.
        let nothing = GridColumns { columns: Vec::new() };
        assert!(is_shown(Some(&nothing), "time"));
    }

    #[test]
    fn widths_stay_within_bounds_and_with_their_column() {
        let chosen = resize(None, "event", Some(1_000_000));
        assert_eq!(width(chosen.as_ref(), "event"), Some(600));
        let chosen = resize(chosen.as_ref(), "event", Some(-5));
        assert_eq!(width(chosen.as_ref(), "event"), Some(40));
        let chosen = show(chosen.as_ref(), "code", false);
        assert_eq!(width(chosen.as_ref(), "event"), Some(40));
        let chosen = resize(chosen.as_ref(), "event", None);
        assert_eq!((width(chosen.as_ref(), "event"), without(chosen.as_ref()).as_str()), (None, "code"));
        assert!(chosen.is_some());
    }

    #[test]
    fn a_choice_is_one_that_the_server_takes() {
        let chosen = resize(show(None, "code", false).as_ref(), "time", Some(90));
        let grids = [(GRID.to_owned(), chosen)].into();
        let patch = domain::preferences::PreferencesPatch { grids, ..Default::default() };
        assert_eq!(patch.check(), []);
    }
}
