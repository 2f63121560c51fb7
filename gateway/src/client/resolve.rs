//! Resolves names, and hands out only addresses that the policy allows.
//!
//! The connection is made to exactly the addresses that were checked, so a name that resolves differently the
//! next time gains nothing.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Policy;
use super::address::{self, Blocked};

/// The resolver of the system, guarded.
#[derive(Debug)]
pub(super) struct Guarded {
    policy: Policy,
}

impl Guarded {
    pub(super) fn new(policy: Policy) -> Self {
        Self { policy }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        Box::pin(async move {
            // The port is set by the connector.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = allowed(found, policy).map_err(|mut blocked| {
                blocked.host = Some(name.as_str().to_owned());
                blocked
            })?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The allowed ones of the addresses; an error when there are some, but none is allowed.
fn allowed(found: impl Iterator<Item = SocketAddr>, policy: Policy) -> Result<Vec<SocketAddr>, Blocked> {
    let mut allowed = Vec::new();
    let mut first_blocked = None;
    for address in found {
        match address::check(address.ip(), policy) {
            Ok(()) => allowed.push(address),
            Err(blocked) => first_blocked = first_blocked.or(Some(blocked)),
        }
    }
    match first_blocked {
        Some(blocked) if allowed.is_empty() => Err(blocked),
        _ => Ok(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> std::vec::IntoIter<SocketAddr> {
        list.iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), 0))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn of_mixed_answers_only_the_allowed_are_connected_to() {
        let mixed = ["10.0.0.1", "93.184.216.34", "::1"];
        let public: Vec<_> = addresses(&["93.184.216.34"]).collect();
        assert_eq!(allowed(addresses(&mixed), Policy::PublicOnly), Ok(public));
        assert_eq!(allowed(addresses(&mixed), Policy::AllowPrivate).map(|all| all.len()), Ok(3));
        assert!(allowed(addresses(&["10.0.0.1", "::1"]), Policy::PublicOnly).is_err());
        assert!(allowed(addresses(&["169.254.169.254"]), Policy::AllowPrivate).is_err());
        assert_eq!(allowed(addresses(&[]), Policy::PublicOnly), Ok(Vec::new()));
    }
}
