//! A world to look at: two organizations, senders that sign like the real ones, and destinations that behave well,
//! badly and slowly. Everything goes over real HTTP through the same doors as in earnest.
//!
//! Players: [`world`] sets the organizations up, [`stories`] tells what happens in them, [`senders`] sends it,
//! [`destinations`] is where deliveries end up.

pub mod destinations;
pub mod senders;
pub mod stories;
pub mod world;

use gateway::clock::SharedClock;

/// Chance, by the clock that everything else goes by.
#[derive(Clone)]
pub struct Dice(pub SharedClock);

impl Dice {
    /// A whole number from 0 to `below - 1`.
    pub fn roll(&self, below: u32) -> u32 {
        // Below 2³² and not negative, so nothing is lost.
        (self.0.random_unit() * f64::from(below)) as u32
    }

    /// One of several.
    pub fn pick<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.roll(u32::try_from(choices.len()).unwrap_or(1)) as usize % choices.len()]
    }

    /// True once in `of` times.
    pub fn once_in(&self, of: u32) -> bool {
        self.roll(of) == 0
    }
}
