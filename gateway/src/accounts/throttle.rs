//! Guessing passwords is slow: failed attempts are counted, and too many of them bring a pause.
//!
//! Three things are counted: an account from one address (few tries, then a pause), an account from everywhere
//! (guessing from many machines), and an address over all accounts (one machine trying many). An attempt counts from
//! its beginning, so that a hundred at once are not a hundred tries for the price of one; success takes it back.
//!
//! Invariants: memory is bounded, whatever strangers send; accounts that exist and accounts that do not are counted
//! alike. The counts live in this process only: with several, each allows the full number.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::{MINUTE, SECOND, Timestamp};

/// Tries for one account from one address before a pause.
pub(super) const TRIES: u32 = 5;
/// Tries for one account from all addresses together. Larger, because it lets strangers lock somebody out.
pub(super) const TRIES_OF_ACCOUNT: u32 = 50;
/// Tries from one address for all accounts together: an office may sit behind one.
pub(super) const TRIES_OF_ADDRESS: u32 = 50;
/// How long a pause is, and how long a failure is remembered, microseconds.
pub(super) const PAUSE: i64 = 15 * MINUTE;
/// How many accounts and addresses are remembered, each.
const REMEMBERED: usize = 4_096;

/// Where somebody comes from, coarse enough to count: an IPv6 customer has a whole /64 to choose from.
type Origin = Option<IpAddr>;

fn origin(address: Option<IpAddr>) -> Origin {
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    })
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    until: Timestamp,
}

#[derive(Debug)]
struct Counter<K> {
    limit: u32,
    failures: HashMap<K, Failures>,
}

impl<K: Eq + Hash + Clone> Counter<K> {
    fn new(limit: u32) -> Self {
        Self { limit, failures: HashMap::new() }
    }

    /// Until when there is a pause, if there is one.
    fn pause(&self, key: &K, now: Timestamp) -> Option<Timestamp> {
        let failures = self.failures.get(key)?;
        (failures.count >= self.limit && failures.until > now).then_some(failures.until)
    }

    /// Counts a try; how many are left.
    fn count(&mut self, key: &K, now: Timestamp) -> u32 {
        if !self.failures.contains_key(key) && self.failures.len() >= REMEMBERED {
            self.make_room(now);
        }
        let failures = self.failures.entry(key.clone()).or_insert(Failures { count: 0, until: now });
        if failures.until <= now {
            failures.count = 0;
        }
        failures.count += 1;
        failures.until = now.plus(PAUSE);
        self.limit.saturating_sub(failures.count)
    }

    fn take_back(&mut self, key: &K) {
        if let Some(failures) = self.failures.get_mut(key) {
            failures.count = failures.count.saturating_sub(1);
            if failures.count == 0 {
                self.failures.remove(key);
            }
        }
    }

    /// Forgets what is over, or else whoever failed least: a flood of made-up names must not make room for itself at
    /// the cost of the one account it is after.
    fn make_room(&mut self, now: Timestamp) {
        self.failures.retain(|_, failures| failures.until > now);
        if self.failures.len() >= REMEMBERED {
            let least = self.failures.iter().min_by_key(|(_, failures)| (failures.count, failures.until));
            if let Some(key) = least.map(|(key, _)| key.clone()) {
                self.failures.remove(&key);
            }
        }
    }
}

#[derive(Debug)]
struct Counters {
    pairs: Counter<(String, Origin)>,
    accounts: Counter<String>,
    origins: Counter<Origin>,
}

/// Counts failed attempts.
#[derive(Debug)]
pub(super) struct Throttle {
    counters: Mutex<Counters>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            counters: Mutex::new(Counters {
                pairs: Counter::new(TRIES),
                accounts: Counter::new(TRIES_OF_ACCOUNT),
                origins: Counter::new(TRIES_OF_ADDRESS),
            }),
        }
    }
}

/// A try that is under way. Dropped without a verdict, for example because the store did not answer, it does not
/// count.
#[derive(Debug)]
pub(super) struct Try<'a> {
    throttle: &'a Throttle,
    account: String,
    origin: Origin,
    left: u32,
    decided: bool,
}

impl Throttle {
    fn lock(&self) -> MutexGuard<'_, Counters> {
        // Nothing in here can be left half-done by a panic elsewhere.
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a try, or says how many seconds to wait.
    pub(super) fn begin(
        &self,
        account: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Try<'_>, i64> {
        let origin = origin(address);
        let pair = (account.to_owned(), origin);
        let mut counters = self.lock();
        let pauses = [
            counters.pairs.pause(&pair, now),
            counters.accounts.pause(&pair.0, now),
            counters.origins.pause(&origin, now),
        ];
        if let Some(until) = pauses.into_iter().flatten().max() {
            return Err((until.since(now) + SECOND - 1) / SECOND);
        }
        let left = counters.pairs.count(&pair, now);
        let left = left.min(counters.accounts.count(&pair.0, now));
        let left = left.min(counters.origins.count(&origin, now));
        Ok(Try { throttle: self, account: pair.0, origin, left, decided: false })
    }
}

impl Try<'_> {
    /// It failed; how many tries are left before a pause.
    pub(super) fn failed(mut self) -> u32 {
        self.decided = true;
        self.left
    }

    /// It succeeded: the account's earlier failures from there are forgiven.
    pub(super) fn succeeded(self) {
        self.throttle.lock().pairs.failures.remove(&(self.account.clone(), self.origin));
        // Dropping it takes back the rest.
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        if !self.decided {
            let mut counters = self.throttle.lock();
            counters.pairs.take_back(&(self.account.clone(), self.origin));
            counters.accounts.take_back(&self.account);
            counters.origins.take_back(&self.origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn five_failures_bring_a_pause_of_fifteen_minutes() {
        let throttle = Throttle::default();
        let peer = address("192.0.2.1");
        for left in (0..TRIES).rev() {
            assert_eq!(throttle.begin("a@b", peer, NOW).unwrap().failed(), left);
        }
        assert_eq!(throttle.begin("a@b", peer, NOW).unwrap_err(), 900);
        assert_eq!(throttle.begin("a@b", peer, NOW.plus(PAUSE - 1)).unwrap_err(), 1);
        assert!(throttle.begin("a@b", address("192.0.2.2"), NOW).is_ok(), "from elsewhere it still goes");
        assert!(throttle.begin("c@d", peer, NOW).is_ok(), "and for others");
        let after = throttle.begin("a@b", peer, NOW.plus(PAUSE)).unwrap();
        assert_eq!(after.failed(), TRIES - 1, "after the pause it begins anew");
    }

    #[test]
    fn tries_under_way_count_and_give_back_what_they_did_not_use() {
        let throttle = Throttle::default();
        let under_way: Vec<_> = (0..TRIES).map(|_| throttle.begin("a@b", None, NOW).unwrap()).collect();
        assert!(throttle.begin("a@b", None, NOW).is_err(), "a flood at once is not free");
        drop(under_way);
        assert_eq!(throttle.begin("a@b", None, NOW).unwrap().failed(), TRIES - 1);
        throttle.begin("a@b", None, NOW).unwrap().succeeded();
        assert_eq!(throttle.begin("a@b", None, NOW).unwrap().failed(), TRIES - 1, "success forgives");
    }

    #[test]
    fn many_addresses_against_one_account_and_one_against_many_are_slowed() {
        let throttle = Throttle::default();
        for n in 0..TRIES_OF_ACCOUNT {
            throttle.begin("a@b", Some(IpAddr::from([10, 0, 0, n as u8])), NOW).unwrap().failed();
        }
        assert!(throttle.begin("a@b", address("192.0.2.9"), NOW).is_err());
        for n in 0..TRIES_OF_ADDRESS {
            throttle.begin(&format!("{n}@b"), address("2001:db8::1"), NOW).unwrap().failed();
        }
        assert!(throttle.begin("new@b", address("2001:db8::ffff"), NOW).is_err(), "the same /64");
        assert!(throttle.begin("new@b", address("2001:db8:0:1::1"), NOW).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_a_flood_does_not_wash_away_the_account_it_is_after() {
        let throttle = Throttle::default();
        for _ in 0..TRIES {
            throttle.begin("victim@b", None, NOW).unwrap().failed();
        }
        for n in 0..(REMEMBERED as u32 + 500) {
            let peer = Some(IpAddr::V4(n.into()));
            throttle.begin(&format!("{n}@b"), peer, NOW).unwrap().failed();
        }
        let counters = throttle.lock();
        assert!(counters.pairs.failures.len() <= REMEMBERED);
        assert!(counters.accounts.failures.len() <= REMEMBERED);
        assert!(counters.origins.failures.len() <= REMEMBERED);
        drop(counters);
        assert!(throttle.begin("victim@b", None, NOW).is_err());
    }
}
