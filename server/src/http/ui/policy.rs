//! What the console's page may do in a browser: run its own scripts and talk to its own server, nothing else.

/// The policy for a page, in which no script may stand, that was asked for under `host`. WebSockets are named by host, because not every browser
/// takes `'self'` for them.
pub fn content_security_policy(host: Option<&str>) -> String {
    let sockets = match host.filter(|host| is_host(host)) {
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'{sockets}; img-src 'self'; font-src 'self'; manifest-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
}

/// A host and perhaps a port, and nothing that could say more in a policy.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_header_cannot_widen_the_policy() {
        let policy = content_security_policy(Some("127.0.0.1:7700"));
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:7700 wss://127.0.0.1:7700;"));
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*')
        );
        for bad in ["", "a b", "evil.example;script-src", "*"] {
            assert!(content_security_policy(Some(bad)).contains("connect-src 'self';"), "{bad}");
        }
    }
}
