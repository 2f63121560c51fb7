//! Places for attempts: how many run at the same time, in all and of each lane.
//!
//! Records have places of their own, because they wait for nobody. Of the others a lane holds at most half as many as
//! are free, but always one while there is any: however many destinations hang, the next one finds a place, and
//! nobody has to know which ones hang. A place is free again when its guard is dropped, however the attempt ended.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::directory::RECORD_LANE;

/// Attempts of one lane at the same time.
pub const LANE_LIMIT: usize = 32;
/// Records are written without network, so their lane may be wider: it is what one transaction takes.
pub const RECORD_LIMIT: usize = 256;

/// The places of one process.
#[derive(Debug, Clone)]
pub(super) struct Places {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Of all lanes but that of records.
    total: usize,
    taken: Mutex<HashMap<String, usize>>,
    freed: Notify,
    turn: AtomicUsize,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    shared: Arc<Shared>,
    lane: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.lane) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.lane);
            }
        }
        drop(taken);
        self.shared.freed.notify_one();
    }
}

impl Places {
    /// `total` places, and those of records.
    pub(super) fn new(total: usize) -> Self {
        let (taken, freed, turn) = (Mutex::default(), Notify::new(), AtomicUsize::new(0));
        Self { shared: Arc::new(Shared { total, taken, freed, turn }) }
    }

    /// How many attempts of each lane with work may begin now; lanes without a place are left out.
    pub(super) fn shares(&self, mut lanes: Vec<String>) -> Vec<(String, usize)> {
        if lanes.is_empty() {
            return Vec::new();
        }
        // When there are more lanes than places, it is not always the same ones that get none.
        let turn = self.shared.turn.fetch_add(1, Ordering::Relaxed) % lanes.len();
        lanes.rotate_left(turn);
        let taken = self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let held = |lane: &str| taken.get(lane).copied().unwrap_or(0);
        let others = taken.iter().filter(|(lane, _)| *lane != RECORD_LANE).map(|(_, count)| count);
        let mut free = self.shared.total.saturating_sub(others.sum());
        let mut more = vec![0; lanes.len()];
        let mut poorest = BinaryHeap::with_capacity(lanes.len());
        for (index, lane) in lanes.iter().enumerate() {
            if lane == RECORD_LANE {
                more[index] = RECORD_LIMIT.saturating_sub(held(lane));
            } else {
                poorest.push(Reverse((held(lane), index)));
            }
        }
        // One place at a time to the lane that has the fewest.
        while let Some(Reverse((has, index))) = poorest.pop() {
            // What is too much for this one is too much for all others.
            if free == 0 || has >= LANE_LIMIT.min((free / 2).max(1)) {
                break;
            }
            more[index] += 1;
            free -= 1;
            poorest.push(Reverse((has + 1, index)));
        }
        lanes.into_iter().zip(more).filter(|(_, more)| *more > 0).collect()
    }

    /// Takes a place of a lane.
    pub(super) fn take(&self, lane: &str) -> Place {
        let mut taken = self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken.entry(lane.to_owned()).or_default() += 1;
        Place { shared: self.shared.clone(), lane: lane.to_owned() }
    }

    /// Returns when a place was freed since this was last awaited.
    pub(super) async fn freed(&self) {
        self.shared.freed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn share(shares: &[(String, usize)], lane: &str) -> usize {
        shares.iter().find(|(name, _)| name == lane).map_or(0, |(_, share)| *share)
    }

    #[test]
    fn a_lane_alone_is_as_wide_as_a_lane_may_be() {
        let shares = Places::new(2_048).shares(lanes(&["a", RECORD_LANE]));
        assert_eq!((share(&shares, "a"), share(&shares, RECORD_LANE)), (LANE_LIMIT, RECORD_LIMIT));
    }

    #[test]
    fn lanes_that_want_everything_leave_room_for_the_next() {
        let places = Places::new(16);
        let greedy: Vec<String> = (0..6).map(|n| format!("greedy-{n}")).collect();
        let mut taken = Vec::new();
        loop {
            let shares = places.shares(greedy.clone());
            if shares.is_empty() {
                break;
            }
            for (lane, share) in shares {
                taken.extend((0..share).map(|_| places.take(&lane)));
            }
        }
        assert!((6..=14).contains(&taken.len()), "{}", taken.len());
        assert!(greedy.iter().all(|lane| taken.iter().any(|place| place.lane == *lane)), "each has one");
        let shares = places.shares(lanes(&["next", RECORD_LANE]));
        assert!(share(&shares, "next") >= 1);
        assert_eq!(share(&shares, RECORD_LANE), RECORD_LIMIT, "records have places of their own");
    }

    #[test]
    fn each_lane_has_one_place_before_any_has_two_and_the_rest_take_turns() {
        let places = Places::new(2);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let shares = places.shares(lanes(&["a", "b", "c"]));
            assert_eq!(shares.iter().map(|(_, share)| *share).collect::<Vec<_>>(), [1, 1]);
            seen.extend(shares.into_iter().map(|(lane, _)| lane));
        }
        assert_eq!(seen.len(), 3);
    }

    #[tokio::test]
    async fn a_place_is_free_again_also_after_a_panic() {
        let places = Places::new(1);
        let place = places.take("a");
        assert!(places.shares(lanes(&["b"])).is_empty());
        let panicked = tokio::spawn(async move {
            let _place = place;
            panic!("an attempt that panics");
        });
        assert!(panicked.await.is_err());
        places.freed().await;
        assert_eq!(places.shares(lanes(&["b"])), [("b".to_owned(), 1)]);
    }
}
