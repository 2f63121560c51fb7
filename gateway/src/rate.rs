//! How many requests a minute: the generic cell rate algorithm, on our own clock.

use std::num::NonZeroU32;

use governor::clock::Reference;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::SharedClock;

/// Lets through a number of requests per minute, all of them at once if need be, and then evenly.
pub struct Limiter {
    limiter: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>,
    ticks: Ticks,
}

impl std::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Ticks(SharedClock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        let micros = self.0.now().as_micros().max(0).unsigned_abs();
        Nanos::from(std::time::Duration::from_micros(micros))
    }
}

impl Limiter {
    /// `rate` requests per minute, at least one.
    pub fn per_minute(rate: i64, clock: SharedClock) -> Self {
        let rate = u32::try_from(rate.max(1)).unwrap_or(u32::MAX);
        let quota = Quota::per_minute(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN));
        let ticks = Ticks(clock);
        Self { limiter: RateLimiter::direct_with_clock(quota, ticks.clone()), ticks }
    }

    /// Fine, or how many seconds to wait (at least one).
    pub fn check(&self) -> Result<(), u64> {
        use governor::clock::Clock;
        self.limiter.check().map_err(|until| {
            let wait = until.earliest_possible().duration_since(self.ticks.now());
            let wait: std::time::Duration = wait.into();
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.as_secs() == 0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MockClock;
    use domain::time::SECOND;

    #[test]
    fn a_burst_then_evenly() {
        let clock = MockClock::shared();
        let limiter = Limiter::per_minute(60, clock.clone());
        for _ in 0..60 {
            assert_eq!(limiter.check(), Ok(()));
        }
        assert_eq!(limiter.check(), Err(1));
        clock.advance(SECOND);
        assert_eq!(limiter.check(), Ok(()));
        assert_eq!(limiter.check(), Err(1));
    }

    #[test]
    fn the_wait_is_whole_seconds_rounded_up() {
        let clock = MockClock::shared();
        let limiter = Limiter::per_minute(1, clock.clone());
        assert_eq!(limiter.check(), Ok(()));
        clock.advance(500_000);
        assert_eq!(limiter.check(), Err(60));
    }
}
