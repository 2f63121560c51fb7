//! Which rows of a long list are near the window, so that only they are in the document.

use std::ops::Range;

/// Rows that are kept on either side of what is in sight: scrolling shows them at once.
const BEYOND: usize = 10;

/// Rows at least, wherever the list stands: it may be below the window now and come into sight without scrolling.
const AT_LEAST: usize = 20;

/// Where a list stands in the window, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The first row's upper edge, from the window's; negative once it has scrolled out.
    pub start: f64,
    /// A row.
    pub row: f64,
    /// Where rows come into sight, below what covers them.
    pub top: f64,
    /// Where they go out of sight.
    pub bottom: f64,
}

impl Place {
    /// The first row in sight, and how many there are room for.
    pub fn in_sight(&self) -> (usize, usize) {
        let rows = |pixels: f64| (pixels / self.row.max(1.0)).max(0.0);
        (rows(self.top - self.start).floor() as usize, rows(self.bottom - self.top).ceil() as usize)
    }

    /// How far to scroll, downwards positive, until a row is in sight; `None` when it is.
    pub fn way_to(&self, index: usize) -> Option<f64> {
        let upper = self.start + self.row * index as f64;
        let lower = upper + self.row;
        if upper < self.top {
            Some(upper - self.top)
        } else {
            (lower > self.bottom).then_some(lower - self.bottom)
        }
    }
}

/// The rows to be in the document, of `len`, when `count` from `first` on are in sight.
pub fn near((first, count): (usize, usize), len: usize) -> Range<usize> {
    let count = (count + 2 * BEYOND).max(AT_LEAST);
    let start = first.saturating_sub(BEYOND).min(len.saturating_sub(count));
    start..(start + count).min(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { start: -1_000.0, row: 33.0, top: 80.0, bottom: 740.0 };

    #[test]
    fn rows_in_sight_lie_between_the_heads_and_the_windows_edge() {
        assert_eq!(PLACE.in_sight(), (32, 20));
        assert_eq!(Place { start: 500.0, ..PLACE }.in_sight(), (0, 20));
        assert_eq!(Place { row: 0.0, ..PLACE }.in_sight().0, 1_080);
    }

    #[test]
    fn rows_out_of_sight_are_scrolled_to() {
        assert_eq!(PLACE.way_to(40), None);
        assert_eq!(PLACE.way_to(32), Some(-24.0));
        assert_eq!(PLACE.way_to(0), Some(-1_080.0));
        assert_eq!(PLACE.way_to(100), Some(3_333.0 - 1_740.0));
    }

    #[test]
    fn only_rows_near_the_window_are_in_the_document() {
        assert_eq!(near((0, 20), 5), 0..5);
        assert_eq!(near((0, 20), 100_000), 0..40);
        assert_eq!(near((500, 20), 100_000), 490..530);
        assert_eq!(near((99_990, 20), 100_000), 99_960..100_000);
        // The list became shorter than where it was scrolled to.
        assert_eq!(near((5_000, 20), 100), 60..100);
    }
}
