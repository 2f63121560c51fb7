//! Whether a push follows the one before it, so that nothing is missed in silence.

use domain::live::LiveBatch;

/// What to do with a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It follows: apply it.
    Apply,
    /// Something was missed, or the server says so: apply what it carries, fetch what is shown, go on from here.
    Refetch,
    /// It was seen already.
    Ignore,
}

/// The place in a feed.
#[derive(Debug, Clone, Default)]
pub struct FeedCursor {
    last: Option<(String, u64)>,
}

impl FeedCursor {
    /// Forgets the place: after a reconnect everything is fetched anyway.
    pub fn reset(&mut self) {
        self.last = None;
    }

    /// Judges a push and moves on to it.
    pub fn accept(&mut self, batch: &LiveBatch) -> Verdict {
        let verdict = match &self.last {
            None => Verdict::Apply,
            Some((feed, seq)) if *feed == batch.feed && batch.seq <= *seq => return Verdict::Ignore,
            Some((feed, seq)) if *feed == batch.feed && batch.seq == seq + 1 => Verdict::Apply,
            Some(_) => Verdict::Refetch,
        };
        self.last = Some((batch.feed.clone(), batch.seq));
        if batch.refetch { Verdict::Refetch } else { verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(feed: &str, seq: u64) -> LiveBatch {
        LiveBatch {
            feed: feed.into(),
            seq,
            rows: Vec::new(),
            deltas: Vec::new(),
            refetch: false,
            jobs: Vec::new(),
        }
    }

    #[test]
    fn gaps_and_other_feeds_mean_fetching() {
        let mut cursor = FeedCursor::default();
        assert_eq!(cursor.accept(&batch("a", 7)), Verdict::Apply);
        assert_eq!(cursor.accept(&batch("a", 8)), Verdict::Apply);
        assert_eq!(cursor.accept(&batch("a", 8)), Verdict::Ignore);
        assert_eq!(cursor.accept(&batch("a", 10)), Verdict::Refetch);
        assert_eq!(cursor.accept(&batch("a", 11)), Verdict::Apply);
        assert_eq!(cursor.accept(&batch("b", 1)), Verdict::Refetch);
        let wide = LiveBatch { refetch: true, ..batch("b", 2) };
        assert_eq!(cursor.accept(&wide), Verdict::Refetch);
        cursor.reset();
        assert_eq!(cursor.accept(&batch("b", 9)), Verdict::Apply);
    }
}
