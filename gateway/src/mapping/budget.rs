//! What one application of a mapping may cost.
//!
//! Expressions are written by tenants and applied to what strangers send. JMESPath has no loops, but a short
//! expression like `[@,@][]|[@,@][]|…` doubles its result with every step; a count of steps ends that. The
//! count also bounds memory: every element that is produced costs at least one step.

/// Steps for all expressions of one mapping together; a typical rule takes fewer than twenty.
const STEPS: u64 = 1_000_000;

/// The steps that are left.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
}

/// The steps are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted;

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: STEPS }
    }

    /// Pays for something that takes time or room in proportion to `steps`.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        match self.left.checked_sub(steps as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted)
            }
        }
    }

    /// Pays for handling a text; sixteen bytes cost about what one step costs.
    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), Exhausted> {
        self.spend(1 + bytes / 16)
    }
}
