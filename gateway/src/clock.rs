//! Time and chance, as parameters.
//!
//! Everything that needs either takes a [`Clock`], so that tests decide what time it is and which way the dice fall.

use std::sync::Arc;

use domain::time::Timestamp;

/// Tells the time and draws numbers.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
    /// A number uniform in 0..1, for jitter. Never for secrets.
    fn random_unit(&self) -> f64;
}

/// A clock that many share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ambient time enters")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
    }

    fn random_unit(&self) -> f64 {
        // Without entropy the jitter is missing, which spreads load worse but is never wrong.
        getrandom::u32().map_or(0.5, |n| f64::from(n) / (f64::from(u32::MAX) + 1.0))
    }
}
