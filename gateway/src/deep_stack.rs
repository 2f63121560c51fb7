//! Runs code whose recursion follows foreign input on a stack that is deep enough for it.
//!
//! Some libraries recurse without a limit of their own. Their input is bounded elsewhere; here is the room that
//! the bound needs. Running out of stack would end the whole process, not just one request.

/// Room for tens of thousands of frames. Only what is used is ever backed by memory.
const BYTES: usize = 64 * 1024 * 1024;

/// The thread could not be started, or what ran in it panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it could not be run to its end: try again")]
pub(crate) struct NotRun;

/// Runs something on a stack of its own, and waits for it. Costs some 50 microseconds.
pub(crate) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, NotRun> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("deep-stack".to_owned()).stack_size(BYTES);
        let running = thread.spawn_scoped(scope, work).map_err(|_| NotRun)?;
        running.join().map_err(|_| NotRun)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_deep_recursion() {
        fn sum(n: u64) -> u64 {
            if std::hint::black_box(n) == 0 { 0 } else { n + sum(n - 1) }
        }
        assert_eq!(run(|| sum(100_000)), Ok(5_000_050_000));
    }
}
