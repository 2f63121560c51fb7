//! Long work in pieces: between them the browser draws, and hears who clicks and types.

use domain::time::Timestamp;

use super::clock;

/// How long one piece may take, microseconds: half of what an eye takes for a frame.
const PIECE: i64 = 8_000;

/// A piece of work that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Piece(Timestamp);

impl Piece {
    /// Begins one.
    pub fn begin() -> Self {
        Self(clock::now())
    }

    /// Whether it is time for a [`pause`].
    pub fn is_over(self) -> bool {
        clock::now().since(self.0) >= PIECE
    }
}

/// Lets the browser do what waits.
pub async fn pause() {
    gloo_timers::future::TimeoutFuture::new(0).await;
}
