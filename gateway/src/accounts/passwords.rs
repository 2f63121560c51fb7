//! Passwords: argon2id, off the async threads, and never so many at once that they eat the memory.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use domain::error::Problem;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::store::users::PasswordHash;

/// Memory for one hash, KiB (19 MiB), passes over it, and lanes: the recommendation of OWASP's Password Storage
/// Cheat Sheet for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many may wait for their turn; more hear "not now" at once.
const WAITING: usize = 64;

/// Hashes and verifies.
#[derive(Debug)]
pub(super) struct Passwords {
    /// One for each that runs or waits.
    seats: Semaphore,
    /// One for each that runs.
    running: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Each takes 19 MiB: a few at once use the cores, more would only use memory.
        let running = cores.clamp(1, 4);
        Self { seats: Semaphore::new(running + WAITING), running: Arc::new(Semaphore::new(running)) }
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None)?))
}

impl Passwords {
    /// The hash of a new password, with a salt of its own.
    ///
    /// # Errors
    /// 503 when too many wait already.
    pub(super) async fn hash(&self, password: Zeroizing<String>) -> Result<PasswordHash, Problem> {
        self.run(move || {
            let hash = argon2()?.hash_password(password.as_bytes())?;
            Ok(PasswordHash::new(hash.to_string()))
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, and takes just as long:
    /// time must not tell which addresses have an account.
    ///
    /// # Errors
    /// 503 when too many wait already.
    pub(super) async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<PasswordHash>,
    ) -> Result<bool, Problem> {
        self.run(move || match hash {
            Some(hash) => match argon2()?.verify_password(password.as_bytes(), hash.as_str()) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error.into()),
            },
            None => {
                argon2()?.hash_password(password.as_bytes())?;
                Ok(false)
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, Problem> {
        let _seat = self.seats.try_acquire().map_err(|_| busy())?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            // The turn ends with the work, not with the caller, who may have gone away.
            let _turn = turn;
            work()
        });
        match done.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "a password could not be hashed");
                Err(Problem::internal())
            }
            Err(error) => {
                tracing::error!(%error, "hashing a password ended early");
                Err(Problem::internal())
            }
        }
    }
}

fn busy() -> Problem {
    Problem::unavailable("Too many people are signing in at this moment. Try again in a few seconds.")
}

#[derive(Debug, thiserror::Error)]
enum HashError {
    #[error("parameters: {0}")]
    Parameters(#[from] argon2::Error),
    #[error("{0}")]
    Hash(#[from] argon2::password_hash::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let passwords = Passwords::default();
        let hash = passwords.hash(secret("correct horse rail")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!format!("{hash:?}").contains("argon2id"));
        assert!(passwords.verify(secret("correct horse rail"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(secret("correct horse rai"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(secret(""), Some(hash)).await.unwrap());
        assert!(!passwords.verify(secret("correct horse rail"), None).await.unwrap());
        let again = passwords.hash(secret("correct horse rail")).await.unwrap();
        let third = passwords.hash(secret("correct horse rail")).await.unwrap();
        assert_ne!(again, third, "every hash has a salt of its own");
    }

    #[tokio::test]
    async fn a_damaged_hash_is_never_a_yes() {
        let verify = async |damaged: &str| {
            let hash = Some(PasswordHash::new(damaged.into()));
            Passwords::default().verify(secret("x"), hash).await.map_err(|problem| problem.status)
        };
        assert_eq!(verify("no hash at all").await, Err(500));
        assert_eq!(verify("$argon2id$v=19$m=19456,t=2,p=1").await, Ok(false));
    }

    #[tokio::test]
    async fn a_flood_hears_not_now_instead_of_eating_memory() {
        let passwords = Passwords::default();
        let running = passwords.running.clone();
        let all = u32::try_from(running.available_permits()).unwrap();
        let _held = running.acquire_many(all).await.unwrap();
        let mut waiting: Vec<_> =
            (0..passwords.seats.available_permits()).map(|_| Box::pin(passwords.hash(secret("x")))).collect();
        for attempt in &mut waiting {
            assert!(futures_util::poll!(attempt).is_pending());
        }
        assert_eq!(passwords.hash(secret("x")).await.unwrap_err().status, 503);
    }
}
