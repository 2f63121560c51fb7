//! The header's numbers: kept up by what arrives live, drawn as bars.

use domain::dashboard::{SeriesPoint, Summary, Totals, columns_for};
use domain::live::RollupDelta;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};

use super::format;

/// Applies a live change. False when it lies outside the range.
pub fn apply(summary: &mut Summary, delta: &RollupDelta) -> bool {
    if delta.at < summary.from.bucket(MINUTE) {
        return false;
    }
    summary.totals.add(delta.status, delta.by);
    let at = delta.at.bucket(summary.bucket_us.max(MINUTE));
    let point = match summary.series.binary_search_by_key(&at, |point| point.at) {
        Ok(index) => &mut summary.series[index],
        Err(index) => {
            summary.series.insert(index, SeriesPoint { at, totals: Totals::default() });
            &mut summary.series[index]
        }
    };
    point.totals.add(delta.status, delta.by);
    true
}

/// How a number compares with the range before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing to compare with.
    Unknown,
    /// The same.
    Same,
    /// More, by so much in words.
    Up(String),
    /// Less, by so much in words.
    Down(String),
}

/// Compares counts in percent.
pub fn change_of_count(now: i64, before: i64) -> Change {
    if before <= 0 {
        return Change::Unknown;
    }
    let share = (now - before) as f64 / before as f64;
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => Change::Same,
        std::cmp::Ordering::Greater if share >= 10.0 => {
            Change::Up(format!("{} ×", format::decimal(share + 1.0, 0)))
        }
        std::cmp::Ordering::Greater => Change::Up(format::share(share)),
        std::cmp::Ordering::Less => Change::Down(format::share(-share)),
    }
}

/// Compares rates in percentage points.
pub fn change_of_rate(now: Option<f64>, before: Option<f64>) -> Change {
    let (Some(now), Some(before)) = (now, before) else { return Change::Unknown };
    let points = (now - before) * 100.0;
    let words = format!("{} pts", format::decimal(points.abs(), 2));
    match points {
        p if p.abs() < 0.005 => Change::Same,
        p if p > 0.0 => Change::Up(words),
        _ => Change::Down(words),
    }
}

/// A latency in microseconds with its unit, in the two digits that its bins can tell: 410 ms, 1.2 s, <1 ms.
pub fn latency_figure(us: i64) -> (String, &'static str) {
    let millis = us as f64 / 1e3;
    match millis {
        ms if ms < 1.0 => ("<1".into(), "ms"),
        ms if ms < 9.95 => (format::decimal(ms, 1), "ms"),
        ms if ms < 99.5 => (format::decimal(ms, 0), "ms"),
        ms if ms < 995.0 => (format::decimal((ms / 10.0).round() * 10.0, 0), "ms"),
        ms if ms < 9_950.0 => (format::decimal(ms / 1e3, 1), "s"),
        // Where the bins end.
        ms if ms >= 65_536.0 => (">65".into(), "s"),
        ms => (format::decimal(ms / 1e3, 0), "s"),
    }
}

/// The same in one piece.
pub fn latency_words(us: i64) -> String {
    let (figure, unit) = latency_figure(us);
    format!("{figure} {unit}")
}

/// Compares latencies, as far as they can be told apart.
pub fn change_of_latency(now: Option<i64>, before: Option<i64>) -> Change {
    let (Some(now), Some(before)) = (now, before) else { return Change::Unknown };
    let by = latency_words((now - before).abs());
    match now.cmp(&before) {
        _ if latency_figure(now) == latency_figure(before) => Change::Same,
        std::cmp::Ordering::Less => Change::Down(by),
        _ => Change::Up(by),
    }
}

/// One bar of the series, in a drawing 600 wide and 40 high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Left edge.
    pub x: f64,
    /// Width.
    pub width: f64,
    /// Height of all deliveries.
    pub height: f64,
    /// Height of the failed ones, standing on the floor.
    pub failed: f64,
}

/// The series as a drawing with its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Spark {
    /// One bar per bucket, empty ones included.
    pub bars: Vec<Bar>,
    /// Deliveries in the last bucket.
    pub last: i64,
    /// The highest bucket: when, and how many.
    pub peak: Option<(Timestamp, i64)>,
    /// Width of a bucket, microseconds.
    pub bucket_us: i64,
}

/// Drawing width of [`Bar`]s.
pub const SPARK_WIDTH: f64 = 600.0;
/// Drawing height of [`Bar`]s.
pub const SPARK_HEIGHT: f64 = 40.0;

/// Draws the series of a summary that ends at `to`.
pub fn spark(summary: &Summary, to: Timestamp) -> Spark {
    let bucket = summary.bucket_us.max(MINUTE);
    let (start, width, columns) = columns_for(summary.from, to.max(summary.from));
    // The server chose the width when it was asked; a range that grew since then keeps it.
    let (start, columns) = if width == bucket {
        (start, columns)
    } else {
        let start = summary.from.bucket(bucket);
        (start, u32::try_from((to.since(start).max(1) + bucket - 1) / bucket).unwrap_or(1))
    };
    let columns = columns.clamp(1, 120);
    let mut buckets = vec![Totals::default(); columns as usize];
    for point in &summary.series {
        let index = point.at.since(start).div_euclid(bucket);
        if let Some(totals) = usize::try_from(index).ok().and_then(|index| buckets.get_mut(index)) {
            *totals = point.totals;
        }
    }
    let most = buckets.iter().map(Totals::deliveries).max().unwrap_or(0);
    let peak = buckets.iter().position(|totals| most > 0 && totals.deliveries() == most);
    let step = SPARK_WIDTH / f64::from(columns);
    let scale = |count: i64| match most {
        0 => 0.0,
        most => count.max(0) as f64 / most as f64 * SPARK_HEIGHT,
    };
    let bars = buckets.iter().enumerate().map(|(index, totals)| Bar {
        x: index as f64 * step,
        width: step * 0.74,
        height: scale(totals.deliveries()),
        // One failure among thousands must still be seen.
        failed: if totals.failed > 0 { scale(totals.failed).max(1.5) } else { 0.0 },
    });
    Spark {
        bars: bars.collect(),
        last: buckets.last().map_or(0, Totals::deliveries),
        peak: peak.map(|index| (start.plus(index as i64 * bucket), most)),
        bucket_us: bucket,
    }
}

/// Bars as the path of a drawing: those that `which` chooses, by their index, each from `bottom` to `top` above the floor.
pub fn bars_path(
    bars: &[Bar],
    which: impl Fn(usize) -> bool,
    bottom: impl Fn(&Bar) -> f64,
    top: impl Fn(&Bar) -> f64,
) -> String {
    let mut path = String::new();
    for (_, bar) in bars.iter().enumerate().filter(|(index, _)| which(*index)) {
        let height = top(bar) - bottom(bar);
        if height > 0.0 {
            let [x, y, width, height] =
                [bar.x, SPARK_HEIGHT - top(bar), bar.width, height].map(|number| format::decimal(number, 1));
            path += &format!("M{x} {y}h{width}v{height}h-{width}z");
        }
    }
    path
}

/// The width of a bucket in words: "minute", "30 min", "6 h", "day".
pub fn bucket_words(bucket_us: i64) -> String {
    match bucket_us {
        MINUTE => "minute".into(),
        HOUR => "hour".into(),
        DAY => "day".into(),
        us if us < HOUR => format!("{} min", us / MINUTE),
        us if us < DAY => format!("{} h", us / HOUR),
        us => format!("{} days", us / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ConnectorId;
    use domain::latency::Latency;
    use domain::status::CountedStatus;

    fn hour() -> Summary {
        let to = Timestamp(1_000 * DAY);
        Summary {
            from: to.plus(-HOUR),
            to,
            totals: Totals::default(),
            previous: Totals::default(),
            latency: Latency::default(),
            previous_latency: Latency::default(),
            series: Vec::new(),
            bucket_us: MINUTE,
            active_connectors: 1,
            connectors: 2,
        }
    }

    fn delta(at: Timestamp, status: CountedStatus, by: i64) -> RollupDelta {
        RollupDelta { at, connector_id: ConnectorId::new(at), event_type: None, status, by }
    }

    #[test]
    fn deltas_move_totals_and_their_bucket() {
        let mut summary = hour();
        let at = summary.to.plus(-5 * MINUTE);
        assert!(apply(&mut summary, &delta(at, CountedStatus::Received, 3)));
        assert!(apply(&mut summary, &delta(at, CountedStatus::Received, -2)));
        assert!(apply(&mut summary, &delta(at, CountedStatus::Failed, 2)));
        assert!(!apply(&mut summary, &delta(at.plus(-DAY), CountedStatus::Failed, 2)));
        assert_eq!((summary.totals.pending, summary.totals.failed), (1, 2));
        assert_eq!(summary.series.len(), 1);
        assert_eq!(summary.series[0].totals, summary.totals);
    }

    #[test]
    fn the_spark_covers_the_range_and_knows_its_peak() {
        let mut summary = hour();
        let at = summary.to.plus(-10 * MINUTE);
        apply(&mut summary, &delta(at, CountedStatus::Delivered, 30));
        apply(&mut summary, &delta(at, CountedStatus::Failed, 10));
        let last = summary.to.plus(-MINUTE);
        apply(&mut summary, &delta(last, CountedStatus::Delivered, 20));
        let spark = spark(&summary, summary.to);
        assert_eq!(spark.bars.len(), 60);
        assert_eq!(spark.last, 20);
        assert_eq!(spark.peak, Some((at, 40)));
        assert_eq!((spark.bars[50].height, spark.bars[50].failed), (40.0, 10.0));
        assert_eq!(spark.bars[0].height, 0.0);
        let path = bars_path(&spark.bars, |_| true, |bar| bar.failed, |bar| bar.height);
        assert_eq!(path, "M500.0 0.0h7.4v30.0h-7.4zM590.0 20.0h7.4v20.0h-7.4z", "empty bars draw nothing");
        assert_eq!(
            bars_path(&spark.bars, |index| index == 50, |_| 0.0, |bar| bar.failed),
            "M500.0 30.0h7.4v10.0h-7.4z"
        );
    }

    #[test]
    fn latencies_have_two_digits() {
        let words = [400, 1_000, 9_960, 41_400, 412_000, 994_000, 995_500, 1_240_000, 30_100_000, 70_000_000];
        assert_eq!(
            words.map(latency_words),
            ["<1 ms", "1.0 ms", "10 ms", "41 ms", "410 ms", "990 ms", "1.0 s", "1.2 s", "30 s", ">65 s"]
        );
        assert_eq!(change_of_latency(Some(412_000), Some(351_000)), Change::Up("61 ms".into()));
        assert_eq!(change_of_latency(Some(351_000), Some(412_000)), Change::Down("61 ms".into()));
        assert_eq!(change_of_latency(Some(412_000), Some(409_000)), Change::Same);
        assert_eq!(change_of_latency(Some(412_000), None), Change::Unknown);
        assert_eq!(change_of_latency(None, Some(1)), Change::Unknown);
    }

    #[test]
    fn changes_are_unknown_without_a_before() {
        assert_eq!(change_of_count(5, 0), Change::Unknown);
        assert_eq!(change_of_count(102, 100), Change::Up("2.0%".into()));
        assert_eq!(change_of_count(50, 100), Change::Down("50%".into()));
        assert_eq!(change_of_count(1_200, 100), Change::Up("12 ×".into()));
        assert_eq!(change_of_rate(Some(0.99), Some(0.995)), Change::Down("0.50 pts".into()));
        assert_eq!(change_of_rate(None, Some(0.9)), Change::Unknown);
    }
}
