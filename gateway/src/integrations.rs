//! What an administrator sets up: connectors, their receivers, and the routes from there.
//!
//! Every function takes the caller's [`Access`](crate::access::Access), checks the whole input, changes the store and
//! the audit log in one transaction, and after the commit lets the [directory](crate::directory) forget what it knew.
//!
//! Invariants: nothing that cannot work is saved (a schema or mapping that does not compile, a secret that does not
//! fit its scheme, a destination without an address); requests are accepted unverified on sandbox connectors only;
//! no route leads to a deleted connector. Whoever changes a receiver or a route locks the connectors that it stands
//! between, so that two changes at once cannot break together what each alone would keep.

pub mod connectors;
mod credentials;
pub mod receivers;
pub mod routes;
pub mod samples;
mod secrets;
pub mod usage;

use domain::error::Problem;

use crate::seal::SealError;

/// A secret that cannot be sealed or opened: the administrator of the machine has to look, the log says at what.
fn unsealable(error: SealError) -> Problem {
    tracing::error!(%error, "a secret could not be sealed or opened");
    Problem::internal()
}

/// Up to five names for a sentence.
fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    let shown: Vec<_> = names.iter().take(5).map(|name| format!("\u{201c}{name}\u{201d}")).collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(some_of(["a", "b"].into_iter()), "\u{201c}a\u{201d}, \u{201c}b\u{201d}");
        let seven = ["a"; 7];
        assert!(some_of(seven.into_iter()).ends_with("and 2 more"));
    }
}
