//! Which of several questions was asked last: an answer that comes late must not replace a newer one.

use leptos::prelude::*;

/// Counts questions of one kind.
#[derive(Clone, Copy)]
pub struct Latest(StoredValue<u64>);

impl Latest {
    /// No question yet.
    pub fn new() -> Self {
        Self(StoredValue::new(0))
    }
    /// A new question; older ones no longer count.
    pub fn begin(self) -> u64 {
        let turn = self.0.get_value() + 1;
        self.0.set_value(turn);
        turn
    }
    /// The question that was asked last.
    pub fn current(self) -> u64 {
        self.0.get_value()
    }
    /// Whether the answer of `turn` is still wanted. False when the page is gone.
    pub fn is(self, turn: u64) -> bool {
        self.0.try_get_value() == Some(turn)
    }
}
