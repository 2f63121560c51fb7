//! People and programs: how they prove who they are, and who belongs where.
//!
//! A browser signs in with a password ([`login`]) and gets a session ([`sessions`]); a program has an API key
//! ([`api_keys`]). Either becomes a [`Principal`](crate::access::Principal), and only that decides what is allowed.
//! The first administrator comes in by a one-time link ([`setup`]).
//!
//! Invariants: passwords are kept as argon2id hashes, tokens and keys as SHA-256 hashes, and neither prints; an
//! address without an account and a wrong password look and last the same; whoever is switched off, revoked or
//! expired is refused from the next request on, because every request asks the store; no organization and no
//! installation loses its last administrator.

pub mod api_keys;
mod login;
pub mod members;
pub mod organizations;
mod passwords;
pub mod preferences;
pub mod sessions;
pub mod setup;
mod throttle;
mod tokens;
pub mod users;

use std::net::IpAddr;

pub use api_keys::resolve as resolve_api_key;
pub use login::login;
pub use sessions::{SessionToken, logout, resolve_session, session_info};
pub use setup::{SetupLink, check_setup, create_setup_link, setup};
pub(crate) use tokens::random_bytes;

/// Who is at the other end of a connection, as far as it tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// The address; none when it is not known.
    pub address: Option<IpAddr>,
    /// What the browser says about itself.
    pub user_agent: Option<String>,
}

/// What signing in needs to remember between requests. One per process.
#[derive(Debug, Default)]
pub struct SignIn {
    passwords: passwords::Passwords,
    throttle: throttle::Throttle,
}
