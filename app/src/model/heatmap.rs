//! The heatmap: steps of volume and failure, the axis, and live changes in place.

use domain::dashboard::{Heatmap, HeatmapCell, HeatmapRow, HeatmapRows, Totals};
use domain::live::RollupDelta;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};

use super::brush::Columns;
use super::format;
use super::zone::Zone;

/// `data-volume`: 0 for nothing, then fifths of the screen's maximum on a 0.6-power scale, so that small rows show.
pub fn volume_step(events: i64, most: i64) -> u8 {
    if events <= 0 || most <= 0 {
        return 0;
    }
    let part = (events as f64 / most as f64).powf(0.6) * 5.0;
    // 1 to 5 by construction, also for a count that outgrew the maximum.
    part.ceil().clamp(1.0, 5.0) as u8
}

/// `data-fail`: 0 none, 1 under 5%, 2 under 20%, 3 under 50%, 4 from there.
pub fn fail_step(totals: &Totals) -> u8 {
    let events = totals.deliveries();
    if totals.failed <= 0 || events <= 0 {
        return 0;
    }
    match totals.failed as f64 / events as f64 {
        share if share < 0.05 => 1,
        share if share < 0.20 => 2,
        share if share < 0.50 => 3,
        _ => 4,
    }
}

/// The share of failed deliveries.
pub fn fail_share(totals: &Totals) -> f64 {
    match totals.deliveries() {
        0 => 0.0,
        events => totals.failed as f64 / events as f64,
    }
}

/// The most events of any cell in `rows`.
pub fn most<'a>(rows: impl IntoIterator<Item = &'a HeatmapRow>) -> i64 {
    rows.into_iter().flat_map(|row| &row.cells).map(|cell| cell.totals.deliveries()).max().unwrap_or(0)
}

/// A span in words: "14:00 – 14:30", with days where a day is not enough, and both where its days are not the zone's.
pub fn span_words(from: Timestamp, to: Timestamp, zone: Zone) -> String {
    if to.since(from) < 23 * HOUR {
        return format!("{} – {}", format::hour_minute(from, zone), format::hour_minute(to, zone));
    }
    if !zone.is_round(from, DAY) || !zone.is_round(to, DAY) {
        return format!("{} – {}", format::day_time(from, zone), format::day_time(to, zone));
    }
    let last = to.plus(-1);
    if zone.same_day(from, last) {
        format::day(from, zone)
    } else {
        format!("{} – {}", format::day(from, zone), format::day(last, zone))
    }
}

/// How a cell looks. Two that are equal need not be painted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// `data-volume`
    pub volume: u8,
    /// `data-fail`
    pub fail: u8,
    /// Whether the grid is narrowed to it.
    pub picked: bool,
    /// Whether Tab reaches it.
    pub tab: bool,
    /// What it says.
    pub totals: Totals,
}

/// The faces of a row's cells, empty ones included. `top` is what the volume steps are fifths of, `picked` the first and
/// the last column that the grid is narrowed to.
pub fn faces(
    row: &HeatmapRow,
    columns: u32,
    top: i64,
    picked: Option<(u32, u32)>,
    tab_column: Option<u32>,
) -> Vec<Face> {
    let mut filled = row.cells.iter().peekable();
    (0..columns)
        .map(|column| {
            let totals =
                filled.next_if(|cell| cell.column == column).map_or_else(Totals::default, |cell| cell.totals);
            Face {
                volume: volume_step(totals.deliveries(), top),
                fail: fail_step(&totals),
                picked: picked.is_some_and(|(first, last)| (first..=last).contains(&column)),
                tab: tab_column == Some(column),
                totals,
            }
        })
        .collect()
}

/// What a screen reader says of a cell.
pub fn cell_label(from: Timestamp, to: Timestamp, totals: &Totals, zone: Zone) -> String {
    let span = span_words(from, to, zone).replace('–', "to");
    let events = totals.deliveries();
    match (events, totals.failed) {
        (0, _) => format!("{span}: no events"),
        (_, 0) => format!("{span}: {}, none failed", format::counted(events, "event", "events")),
        (_, failed) => format!(
            "{span}: {}, {} failed, {}",
            format::counted(events, "event", "events"),
            format::count(failed),
            format::share(fail_share(totals)),
        ),
    }
}

/// One label of the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The column it begins at, from 0.
    pub column: u32,
    /// How many columns it spans.
    pub span: u32,
    /// What it says; empty for the filler before the first round time.
    pub text: String,
}

/// At most 14 labels; they cover all columns. A label stands where a round time of the zone begins or, where columns
/// begin at other times, at the first column after it; days are then those that most of the column lies in.
pub fn ticks(map: &Heatmap, zone: Zone) -> Vec<Tick> {
    const STEPS: &[i64] = &[
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        5 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY,
    ];
    let span = map.bucket_us * i64::from(map.columns);
    let fits = |step: &&i64| **step >= map.bucket_us && **step % map.bucket_us == 0 && span < **step * 13;
    let step = STEPS.iter().find(fits).copied().unwrap_or(map.bucket_us.max(1) * 10);
    let mut ticks: Vec<Tick> = Vec::new();
    let columns = Columns::of(map);
    for column in 0..map.columns {
        let (from, _) = columns.span(column);
        let (here, before) = (zone.clock(from), zone.clock(from.plus(-map.bucket_us)));
        // A column that begins a moment off still stands for the round time: clocks that were put forward skip some.
        let begins = zone.is_round(from, step) || (column > 0 && here.bucket(step) > before.bucket(step));
        if begins {
            let text = if step >= DAY {
                format::day(from.plus(map.bucket_us.min(DAY) / 2), zone)
            } else if span > DAY && here.bucket(DAY) > before.bucket(DAY) {
                format::day(from, zone)
            } else {
                format::hour_minute(from, zone)
            };
            ticks.push(Tick { column, span: 1, text });
        } else if let Some(last) = ticks.last_mut() {
            last.span += 1;
        } else {
            ticks.push(Tick { column, span: 1, text: String::new() });
        }
    }
    // A label without room would run into its neighbour.
    let room = u32::try_from((step / map.bucket_us.max(1)).max(1)).unwrap_or(1);
    if let Some(last) = ticks.last_mut().filter(|last| last.span * 2 < room) {
        last.text.clear();
    }
    ticks
}

/// What became of a live change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// A cell changed.
    Changed,
    /// It is older than the map.
    Outside,
    /// It belongs to a column or a row that the map does not have: fetch it again.
    NeedsFetch,
}

/// The most rows a map has; more are not sent.
const MAX_ROWS: usize = 200;

/// Applies a live change to its cell.
pub fn apply(map: &mut Heatmap, delta: &RollupDelta) -> Applied {
    if delta.at < map.from {
        return Applied::Outside;
    }
    let column = u32::try_from(delta.at.since(map.from) / map.bucket_us.max(1)).unwrap_or(u32::MAX);
    if column >= map.columns {
        return Applied::NeedsFetch;
    }
    let (connector_id, event_type) = match map.rows_by {
        HeatmapRows::Endpoint => (Some(delta.connector_id.clone()), delta.event_type.clone()),
        HeatmapRows::Vendor => (Some(delta.connector_id.clone()), None),
        HeatmapRows::EventType => (None, delta.event_type.clone()),
    };
    let found =
        map.rows.iter().position(|row| row.connector_id == connector_id && row.event_type == event_type);
    let index = match found {
        Some(index) => index,
        None if map.rows.len() < MAX_ROWS && map.rows.len() as u32 == map.total_rows => {
            map.rows.push(HeatmapRow {
                connector_id,
                event_type,
                totals: Totals::default(),
                cells: Vec::new(),
            });
            map.total_rows += 1;
            map.rows.len() - 1
        }
        None => return Applied::NeedsFetch,
    };
    let row = &mut map.rows[index];
    row.totals.add(delta.status, delta.by);
    let cell = match row.cells.binary_search_by_key(&column, |cell| cell.column) {
        Ok(index) => &mut row.cells[index],
        Err(index) => {
            row.cells.insert(index, HeatmapCell { column, totals: Totals::default() });
            &mut row.cells[index]
        }
    };
    cell.totals.add(delta.status, delta.by);
    Applied::Changed
}

/// Puts the rows of `map` into the order that `shown` had; rows that are new come last. For a map that is fetched
/// while the pointer is over it: nothing moves under the pointer.
pub fn keep_order(map: &mut Heatmap, shown: &Heatmap) {
    let place = |row: &HeatmapRow| {
        shown
            .rows
            .iter()
            .position(|old| old.connector_id == row.connector_id && old.event_type == row.event_type)
            .unwrap_or(usize::MAX)
    };
    map.rows.sort_by_cached_key(place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dashboard::columns_for;
    use domain::id::ConnectorId;
    use domain::status::CountedStatus;

    use crate::model::zone::tests::{BERLIN, ST_JOHNS};

    fn map(span: i64) -> Heatmap {
        let to = Timestamp(20_000 * DAY + 14 * HOUR + 32 * MINUTE);
        let (from, bucket_us, columns) = columns_for(to.plus(-span), to);
        Heatmap { from, bucket_us, columns, rows_by: HeatmapRows::Endpoint, rows: Vec::new(), total_rows: 0 }
    }

    fn delta(from: &RollupDelta, status: CountedStatus, by: i64) -> RollupDelta {
        RollupDelta { status, by, ..from.clone() }
    }

    #[test]
    fn steps_follow_the_legend() {
        assert_eq!([0, 1, 70, 320, 600, 1_000].map(|n| volume_step(n, 1_000)), [0, 1, 2, 3, 4, 5]);
        assert_eq!(volume_step(5, 0), 0);
        let totals = |delivered, failed| Totals { delivered, failed, ..Totals::default() };
        assert_eq!(fail_step(&totals(10, 0)), 0);
        assert_eq!(fail_step(&totals(99, 1)), 1);
        assert_eq!(fail_step(&totals(90, 10)), 2);
        assert_eq!(fail_step(&totals(70, 30)), 3);
        assert_eq!(fail_step(&totals(50, 50)), 4);
    }

    #[test]
    fn live_changes_find_or_make_their_cell() {
        let mut map = map(DAY);
        let at = map.from.plus(3 * map.bucket_us + MINUTE);
        let connector_id = ConnectorId::new(at);
        let event_type = "push".parse().ok();
        let first = RollupDelta { at, connector_id, event_type, status: CountedStatus::Received, by: 2 };
        assert_eq!(apply(&mut map, &first), Applied::Changed);
        assert_eq!(apply(&mut map, &delta(&first, CountedStatus::Received, -1)), Applied::Changed);
        assert_eq!(apply(&mut map, &delta(&first, CountedStatus::DeadLetter, 1)), Applied::Changed);
        assert_eq!((map.rows.len(), map.total_rows), (1, 1));
        let totals = Totals { pending: 1, failed: 1, ..Totals::default() };
        assert_eq!(map.rows[0].cells, [HeatmapCell { column: 3, totals }]);
        let before = RollupDelta { at: map.from.plus(-1), ..first.clone() };
        assert_eq!(apply(&mut map, &before), Applied::Outside);
        let after = RollupDelta { at: map.from.plus(map.bucket_us * i64::from(map.columns)), ..first };
        assert_eq!(apply(&mut map, &after), Applied::NeedsFetch);
    }

    #[test]
    fn a_change_of_one_cell_changes_one_face() {
        let cell =
            |column, delivered| HeatmapCell { column, totals: Totals { delivered, ..Totals::default() } };
        let row =
            |cells| HeatmapRow { connector_id: None, event_type: None, totals: Totals::default(), cells };
        let before = faces(&row(vec![cell(1, 10), cell(4, 100)]), 6, 100, Some((3, 4)), Some(5));
        assert_eq!(before.iter().map(|face| face.volume).collect::<Vec<_>>(), [0, 2, 0, 0, 5, 0]);
        assert_eq!(
            before.iter().map(|face| face.picked).collect::<Vec<_>>(),
            [false, false, false, true, true, false]
        );
        assert_eq!(before.iter().position(|face| face.tab), Some(5));
        let after = faces(&row(vec![cell(1, 11), cell(4, 100)]), 6, 100, Some((3, 4)), Some(5));
        let changed: Vec<usize> = (0..6).filter(|column| before[*column] != after[*column]).collect();
        assert_eq!(changed, [1]);
    }

    #[test]
    fn a_silent_fetch_keeps_the_order_of_rows() {
        let mut shown = map(DAY);
        for second in 0..3 {
            let at = shown.from.plus(second);
            let delta = RollupDelta {
                at,
                connector_id: ConnectorId::new(at),
                event_type: None,
                status: CountedStatus::Delivered,
                by: 1,
            };
            apply(&mut shown, &delta);
        }
        let mut fetched = shown.clone();
        fetched.rows.reverse();
        keep_order(&mut fetched, &shown);
        assert_eq!(fetched, shown);
    }

    #[test]
    fn ticks_cover_all_columns_at_round_times() {
        for span in [HOUR, 3 * HOUR, DAY, 7 * DAY, 30 * DAY, 400 * DAY] {
            for zone in [Zone::UTC, BERLIN, ST_JOHNS] {
                let map = map(span);
                let ticks = ticks(&map, zone);
                assert!(ticks.len() <= 14, "{span}: {}", ticks.len());
                assert_eq!(ticks.iter().map(|tick| tick.span).sum::<u32>(), map.columns);
                assert!(ticks.iter().filter(|tick| !tick.text.is_empty()).count() >= 4, "{span}: {ticks:?}");
            }
        }
        for zone in [Zone::UTC, BERLIN, ST_JOHNS] {
            let day = ticks(&map(DAY), zone);
            assert!(day.iter().any(|tick| tick.text == "22:00"), "{day:?}");
        }
    }

    #[test]
    fn cells_are_said_in_words() {
        let from = Timestamp(20_000 * DAY + 15 * HOUR);
        let totals = Totals { delivered: 599, failed: 4, ..Totals::default() };
        assert_eq!(
            cell_label(from, from.plus(30 * MINUTE), &totals, Zone::UTC),
            "15:00 to 15:30: 603 events, 4 failed, 0.7%"
        );
        assert_eq!(span_words(from, from.plus(30 * MINUTE), ST_JOHNS), "11:30 – 12:00");
    }

    #[test]
    fn days_are_named_where_they_are_the_zones() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let (from, to) = (at("2026-10-24T00:00:00Z"), at("2026-10-26T00:00:00Z"));
        assert_eq!(span_words(from, from.plus(DAY), Zone::UTC), "24 Oct");
        assert_eq!(span_words(from, to, Zone::UTC), "24 Oct – 25 Oct");
        // The clocks go back in between.
        assert_eq!(span_words(from, to, BERLIN), "24 Oct 02:00 – 26 Oct 01:00");
        let (from, to) = (at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z"));
        assert_eq!(span_words(from, to, BERLIN), "25 Oct", "a day of 25 hours");
        let (from, to) = (at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z"));
        assert_eq!(span_words(from, to, BERLIN), "29 Mar", "a day of 23 hours");
    }
}
