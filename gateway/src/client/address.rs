//! Which addresses are reachable for whom.
//!
//! The ranges are those of the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates).
//! An IPv6 address that carries an IPv4 address is judged by both, so that no spelling of an inner address
//! slips through.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Policy;

/// An address that may not be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blocked {
    /// The name that led to it, when there was one.
    pub(super) host: Option<String>,
    address: IpAddr,
    why: &'static str,
    policy: Policy,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address, why, policy } = self;
        match host {
            Some(host) => write!(f, "{host} leads to {address}, ")?,
            None => write!(f, "The address {address} is ")?,
        }
        write!(f, "{why}. ")?;
        match policy {
            Policy::PublicOnly => f.write_str(
                "Only public addresses are allowed; for your own network start with --allow-private-destinations.",
            ),
            Policy::AllowPrivate => f.write_str("Nothing is ever delivered there."),
        }
    }
}

impl std::error::Error for Blocked {}

/// Who may reach an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    /// With [`Policy::AllowPrivate`].
    Private(&'static str),
    Never(&'static str),
}

/// Whether the policy allows an address.
pub(super) fn check(address: IpAddr, policy: Policy) -> Result<(), Blocked> {
    match (reach(address), policy) {
        (Reach::Public, _) | (Reach::Private(_), Policy::AllowPrivate) => Ok(()),
        (Reach::Private(why), Policy::PublicOnly) => Err(Blocked { host: None, address, why, policy }),
        // The remedy of the other policy would not help.
        (Reach::Never(why), _) => Err(Blocked { host: None, address, why, policy: Policy::AllowPrivate }),
    }
}

fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // AWS, Azure, Google Cloud and most others; Azure's host; Alibaba; Oracle.
        [169, 254, 169, 254] | [168, 63, 129, 16] | [100, 100, 100, 200] | [192, 0, 0, 192] => {
            Reach::Never("a cloud metadata service")
        }
        [224..=239, ..] => Reach::Never("a multicast address"),
        [255, 255, 255, 255] => Reach::Never("the broadcast address"),
        [0, ..] => Reach::Private("an address of this host"),
        [127, ..] => Reach::Private("a loopback address"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Reach::Private("a private address"),
        [169, 254, ..] => Reach::Private("a link-local address"),
        [100, 64..=127, ..] => Reach::Private("an address behind carrier-grade NAT"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Reach::Private("a documentation address"),
        [198, 18..=19, ..] => Reach::Private("a benchmarking address"),
        [192, 88, 99, _] => Reach::Private("a 6to4 relay address"),
        [192, 0, 0, _] => Reach::Private("a protocol assignment"),
        [240..=255, ..] => Reach::Private("a reserved address"),
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let segments = address.segments();
    let [a, b, c, d, _, _, g, h] = segments;
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    // Judged by what is inside when that is worse, and not public in any case: nobody needs such a spelling.
    let carrier = |inner: Reach| match inner {
        Reach::Never(why) => Reach::Never(why),
        _ => Reach::Private("an IPv4 address inside an IPv6 address"),
    };
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => Reach::Private("an address of this host"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private("a loopback address"),
        // AWS, over IPv6.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Reach::Never("a cloud metadata service"),
        // Mapped (RFC 4291), compatible (deprecated) and translated (RFC 2765).
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => {
            carrier(embedded(g, h))
        }
        // NAT64 (RFC 6052) is how an IPv6-only network reaches IPv4 destinations: public when these are.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => match embedded(g, h) {
            Reach::Public => Reach::Public,
            inner => carrier(inner),
        },
        [0x64, 0xff9b, 1, ..] => carrier(embedded(g, h)),
        // 6to4 (RFC 3056).
        [0x2002, ..] => carrier(embedded(b, c)),
        // Teredo (RFC 4380) carries its server and, inverted, its client.
        [0x2001, 0, ..] => match carrier(embedded(c, d)) {
            never @ Reach::Never(_) => never,
            _ => carrier(embedded(!g, !h)),
        },
        // ISATAP (RFC 5214), under any prefix.
        [_, _, _, _, 0 | 0x0200, 0x5efe, _, _] => carrier(embedded(g, h)),
        _ => match (a, b) {
            (0xff00..=0xffff, _) => Reach::Never("a multicast address"),
            (0xfe80..=0xfebf, _) => Reach::Private("a link-local address"),
            (0xfec0..=0xfeff, _) => Reach::Private("a site-local address"),
            (0xfc00..=0xfdff, _) => Reach::Private("a private address"),
            (0x2001, 0xdb8) | (0x3fff, 0..=0x0fff) => Reach::Private("a documentation address"),
            (0x2001, 2) if c == 0 => Reach::Private("a benchmarking address"),
            (0x2001, 0..=0x1ff) => Reach::Private("a protocol assignment"),
            (0x2000..=0x3fff, _) => Reach::Public,
            // Only 2000::/3 is assigned to the public Internet.
            _ => Reach::Private("a reserved address"),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge(address: &str) -> Reach {
        reach(address.parse().unwrap_or_else(|_| panic!("{address}")))
    }

    #[test]
    fn the_public_internet_is_public() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "93.184.216.34",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "169.253.255.255",
            "192.0.1.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "11.0.0.0",
            "126.0.0.1",
            "128.0.0.1",
            "2606:4700:4700::1111",
            "2a00:1450:4001:81b::200e",
            "2001:4860:4860::8888",
            "2001:200::1",
            "64:ff9b::808:808",
        ] {
            assert_eq!(judge(address), Reach::Public, "{address}");
        }
    }

    #[test]
    fn private_ranges_are_private() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "240.0.0.1",
            "255.255.255.254",
            "::",
            "::1",
            "::2",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "2001:db8::1",
            "3fff::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "100::1",
            "5f00::1",
            "4000::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2001:0:808:808::1",
            "2a00:1450::5efe:10.0.0.1",
            "fe80::200:5efe:10.0.0.1",
        ] {
            assert!(matches!(judge(address), Reach::Private(_)), "{address}: {:?}", judge(address));
        }
    }

    #[test]
    fn metadata_and_multicast_are_never_reachable() {
        for address in [
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "2001:0:a9fe:a9fe::1",
            "2001:0:808:808::5601:5601",
            "2a00::5efe:169.254.169.254",
        ] {
            assert!(matches!(judge(address), Reach::Never(_)), "{address}: {:?}", judge(address));
            assert!(check(address.parse().unwrap(), Policy::AllowPrivate).is_err());
        }
    }

    #[test]
    fn the_message_says_what_to_do() {
        let private = check("127.0.0.1".parse().unwrap(), Policy::PublicOnly).unwrap_err().to_string();
        assert!(
            private.contains("127.0.0.1 is a loopback address")
                && private.contains("--allow-private-destinations")
        );
        let never = check("169.254.169.254".parse().unwrap(), Policy::PublicOnly).unwrap_err().to_string();
        assert!(never.contains("metadata") && !never.contains("--allow"), "{never}");
        assert_eq!(check("127.0.0.1".parse().unwrap(), Policy::AllowPrivate), Ok(()));
    }

    proptest! {
        #[test]
        fn carrying_an_address_inside_another_never_opens_it(bits: u32) {
            let inner = Ipv4Addr::from(bits);
            let [a, b, c, d] = inner.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for carrier in [
                [0, 0, 0, 0, 0, 0xffff, high, low],
                [0, 0, 0, 0, 0, 0, high, low],
                [0x64, 0xff9b, 0, 0, 0, 0, high, low],
                [0x2002, high, low, 0, 0, 0, 0, 1],
                [0x2001, 0, 0x808, 0x808, 0, 0, !high, !low],
                [0x2a00, 1, 2, 3, 0, 0x5efe, high, low],
            ] {
                let outer = reach_v6(Ipv6Addr::from(carrier));
                match reach_v4(inner) {
                    Reach::Public => {}
                    Reach::Private(_) => prop_assert!(outer != Reach::Public, "{}", inner),
                    Reach::Never(_) => prop_assert!(matches!(outer, Reach::Never(_)), "{}", inner),
                }
            }
        }

        #[test]
        fn agrees_with_the_standard_library(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let known = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation()
                || address.is_unspecified();
            prop_assert!(!known || reach_v4(address) != Reach::Public);
        }
    }
}
