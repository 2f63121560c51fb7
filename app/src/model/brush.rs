//! Drawing a span of time on the heatmap: columns by time, so that what is being drawn stays where it is while the
//! map moves on.

use domain::dashboard::{Heatmap, HeatmapRow, Totals};
use domain::time::Timestamp;

/// Where the columns of a map lie: what all rows share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// Start of the first.
    pub from: Timestamp,
    /// Width of each, microseconds.
    pub bucket_us: i64,
    /// How many.
    pub count: u32,
}

impl Columns {
    /// Those of a map.
    pub fn of(map: &Heatmap) -> Self {
        Self { from: map.from, bucket_us: map.bucket_us.max(1), count: map.columns }
    }

    /// What a column covers.
    pub fn span(&self, column: u32) -> (Timestamp, Timestamp) {
        let from = self.from.plus(self.bucket_us * i64::from(column));
        (from, from.plus(self.bucket_us))
    }

    /// The column of a point in time, or the nearest one.
    pub fn nearest(&self, at: Timestamp) -> u32 {
        let column = at.since(self.from).div_euclid(self.bucket_us);
        u32::try_from(column.max(0)).unwrap_or(u32::MAX).min(self.count.saturating_sub(1))
    }

    /// The column at a place, as a share of the width of all; or the nearest one.
    pub fn at_share(&self, share: f64) -> u32 {
        let column = (share * f64::from(self.count)).floor();
        // Saturates: what is left of the first column, or no number, is 0.
        (column as u32).min(self.count.saturating_sub(1))
    }

    /// The first and the last column that lie in a span as a whole.
    pub fn inside(&self, (since, until): (Timestamp, Timestamp)) -> Option<(u32, u32)> {
        let first = since.since(self.from).max(0) + self.bucket_us - 1;
        let (first, end) = (first / self.bucket_us, until.since(self.from).div_euclid(self.bucket_us));
        let last = end.min(i64::from(self.count)) - 1;
        Some((u32::try_from(first).ok()?, u32::try_from(last).ok().filter(|last| i64::from(*last) >= first)?))
    }

    /// Where a span begins and ends, as shares of the width of all; `None` when it lies outside.
    pub fn shares(&self, (since, until): (Timestamp, Timestamp)) -> Option<(f64, f64)> {
        let width = (self.bucket_us * i64::from(self.count)).max(1) as f64;
        let share = |at: Timestamp| (at.since(self.from) as f64 / width).clamp(0.0, 1.0);
        Some((share(since), share(until))).filter(|(from, to)| from < to)
    }
}

/// A span that is being drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brush {
    /// The row it is drawn on; all rows without.
    pub row: Option<usize>,
    /// Start of the column it began at.
    anchor: Timestamp,
    /// Start of the column it has come to.
    head: Timestamp,
    width: i64,
}

impl Brush {
    /// Begins at a column.
    pub fn new(row: Option<usize>, columns: &Columns, column: u32) -> Self {
        let (anchor, _) = columns.span(column);
        Self { row, anchor, head: anchor, width: columns.bucket_us }
    }

    /// The same, drawn to another column.
    pub fn to(self, columns: &Columns, column: u32) -> Self {
        Self { head: columns.span(column).0, ..self }
    }

    /// What it covers.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.anchor.min(self.head), self.anchor.max(self.head).plus(self.width))
    }

    /// Whether it fits columns of this width: another range has others.
    pub fn fits(&self, columns: &Columns) -> bool {
        self.width == columns.bucket_us
    }
}

/// What happened in some columns of a row, both ends included.
pub fn sum(row: &HeatmapRow, (first, last): (u32, u32)) -> Totals {
    let mut sum = Totals::default();
    for cell in row.cells.iter().filter(|cell| (first..=last).contains(&cell.column)) {
        sum.delivered += cell.totals.delivered;
        sum.failed += cell.totals.failed;
        sum.pending += cell.totals.pending;
        sum.canceled += cell.totals.canceled;
        sum.rejected += cell.totals.rejected;
    }
    sum
}

/// What the volume steps are fifths of: `most`, rounded up to a number that people think in. So the steps of other
/// cells stay as they are while the busiest one grows, and the busiest has the highest step all the same.
pub fn scale_top(most: i64) -> i64 {
    /// Neighbours differ by a third at most; the highest step is wider than that.
    const TENTHS: [i64; 10] = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80];
    if most <= 10 {
        return most.max(0);
    }
    let mut unit = 1;
    while most > 100 * unit {
        unit *= 10;
    }
    let rounded = TENTHS.iter().map(|tenth| tenth * unit).find(|top| *top >= most);
    rounded.unwrap_or(100 * unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::heatmap::volume_step;
    use domain::dashboard::HeatmapCell;
    use domain::time::{DAY, HOUR};
    use proptest::prelude::*;

    const COLUMNS: Columns = Columns { from: Timestamp(100 * DAY), bucket_us: HOUR, count: 24 };

    #[test]
    fn a_brush_goes_both_ways_and_stays_where_it_is() {
        let brush = Brush::new(Some(2), &COLUMNS, 5);
        assert_eq!(brush.span(), COLUMNS.span(5));
        let right = brush.to(&COLUMNS, 8);
        assert_eq!(COLUMNS.inside(right.span()), Some((5, 8)));
        let left = right.to(&COLUMNS, 3);
        assert_eq!(COLUMNS.inside(left.span()), Some((3, 5)));
        // The map moved on by an hour: the same times are one column to the left.
        let later = Columns { from: COLUMNS.from.plus(HOUR), ..COLUMNS };
        assert_eq!(later.inside(left.span()), Some((2, 4)));
        assert!(left.fits(&later) && !left.fits(&Columns { bucket_us: 2 * HOUR, ..COLUMNS }));
    }

    #[test]
    fn columns_know_places_and_spans() {
        assert_eq!([-0.3, 0.0, 0.99, 1.0, f64::NAN].map(|share| COLUMNS.at_share(share)), [0, 0, 23, 23, 0]);
        assert_eq!(COLUMNS.at_share(5.5 / 24.0), 5);
        let at = |hours: i64| COLUMNS.from.plus(hours * HOUR);
        assert_eq!([at(-3), at(0), at(7), at(99)].map(|at| COLUMNS.nearest(at)), [0, 0, 7, 23]);
        assert_eq!(COLUMNS.inside((at(-5), at(2))), Some((0, 1)));
        assert_eq!(COLUMNS.inside((at(22), at(40))), Some((22, 23)));
        assert_eq!(COLUMNS.inside((at(2).plus(1), at(3))), None, "not as a whole");
        assert_eq!(COLUMNS.inside((at(30), at(31))), None);
        assert_eq!(COLUMNS.inside((at(-3), at(-1))), None);
        assert_eq!(COLUMNS.shares((at(6), at(12))), Some((0.25, 0.5)));
        assert_eq!(COLUMNS.shares((at(-6), at(12))), Some((0.0, 0.5)));
        assert_eq!(COLUMNS.shares((at(24), at(30))), None);
    }

    #[test]
    fn a_span_of_a_row_is_summed_up() {
        let cell = |column, delivered, failed| HeatmapCell {
            column,
            totals: Totals { delivered, failed, ..Totals::default() },
        };
        let row = HeatmapRow {
            connector_id: None,
            event_type: None,
            totals: Totals::default(),
            cells: vec![cell(1, 10, 0), cell(2, 5, 5), cell(4, 1, 1)],
        };
        assert_eq!(sum(&row, (2, 4)), Totals { delivered: 6, failed: 6, ..Totals::default() });
        assert_eq!(sum(&row, (5, 9)), Totals::default());
    }

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!(
            [0, 1, 7, 10, 11, 83, 101, 1_316, 61_408].map(scale_top),
            [0, 1, 7, 10, 12, 100, 120, 1_500, 80_000]
        );
    }

    proptest! {
        #[test]
        fn the_busiest_cell_has_the_highest_step(most in 1i64..10_000_000_000) {
            prop_assert!(scale_top(most) >= most);
            prop_assert_eq!(volume_step(most, scale_top(most)), 5);
        }
    }
}
