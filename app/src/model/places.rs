//! The pages that the navigation leads to.

/// A page of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub href: &'static str,
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The key that goes there after `G`.
    pub key: &'static str,
}

/// What is worked with.
pub const WORK: &[Place] = &[
    Place { href: "/", icon: "dashboard", name: "Dashboard", key: "D" },
    Place { href: "/integrations", icon: "plug", name: "Integrations", key: "I" },
];

/// What is administrated.
pub const ADMINISTRATION: &[Place] =
    &[Place { href: "/settings", icon: "settings", name: "Settings", key: "S" }];

/// All of them, in the order of the navigation.
pub fn all() -> impl Iterator<Item = &'static Place> {
    WORK.iter().chain(ADMINISTRATION)
}

/// Where `key` goes after `G`, whether Shift was held or not.
pub fn by_key(key: &str) -> Option<&'static Place> {
    all().find(|place| place.key.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_page_has_a_letter_of_its_own() {
        let letters: BTreeSet<_> = all().map(|place| place.key).collect();
        assert_eq!(letters.len(), all().count());
        assert_eq!(by_key("i").map(|place| place.href), Some("/integrations"));
        assert_eq!(by_key("D"), all().next());
        assert_eq!(by_key("?"), None);
    }
}
