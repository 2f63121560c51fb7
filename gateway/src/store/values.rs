//! Inserting many rows with few statements, and ranges of time as ranges of ids.
//!
//! A statement with one group of placeholders per row is a new text for every number of rows, and a new text is
//! parsed and planned anew. So rows are sent in runs of fixed lengths: at most a handful of texts per table exist,
//! and the connection's statement cache knows them all.

use domain::time::Timestamp;

/// The lengths of runs, longest first.
const RUNS: [usize; 4] = [64, 16, 4, 1];

/// Splits `rows` into runs of the fixed lengths.
pub(super) fn runs<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = RUNS.into_iter().find(|length| *length <= rest.len())?;
        let (run, after) = rest.split_at(length);
        rest = after;
        Some(run)
    })
}

/// The first id that a thing made at `at` can have: ids begin with their time, so a range of time is a range of ids,
/// and indexes that end in the id serve it.
pub(super) fn first_id_at(prefix: &str, at: Timestamp) -> String {
    format!("{prefix}{:012x}", at.as_millis().max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_keep_every_row_in_order() {
        for length in [0, 1, 3, 4, 15, 64, 65, 149] {
            let rows: Vec<usize> = (0..length).collect();
            let parts: Vec<&[usize]> = runs(&rows).collect();
            assert_eq!(parts.concat(), rows);
            assert!(parts.iter().all(|run| RUNS.contains(&run.len())));
        }
    }
}
