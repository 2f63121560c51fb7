//! What the console's page may do in a browser: run its own scripts and talk to its own server, nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The hashes of the scripts that stand in the page itself, as Content Security Policy 3 wants them.
pub fn inline_scripts(page: &str) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, after)) = after.split_once('>') else { break };
        let Some((content, after)) = after.split_once("</script>") else { break };
        if !attributes.split_whitespace().any(|attribute| attribute.starts_with("src="))
            && !content.is_empty()
        {
            hashes.push(format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content))));
        }
        rest = after;
    }
    hashes
}

/// The policy for a page that was asked for under `host`. WebSockets are named by host, because not every browser
/// takes `'self'` for them.
pub fn content_security_policy(inline_scripts: &[String], host: Option<&str>) -> String {
    let scripts: String = inline_scripts.iter().map(|hash| format!(" {hash}")).collect();
    let sockets = match host.filter(|host| is_host(host)) {
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'self'{scripts} 'wasm-unsafe-eval'; style-src 'self'; \
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
    fn only_scripts_in_the_page_itself_are_hashed() {
        let page = r#"<script src="/theme.js"></script><script type="module">let a = 1;</script><p></p>"#;
        let hash = format!("'sha256-{}'", STANDARD.encode(Sha256::digest("let a = 1;")));
        assert_eq!(inline_scripts(page), [hash]);
        assert!(inline_scripts("<p>none</p>").is_empty());
        assert!(inline_scripts("<script>never ends").is_empty());
    }

    #[test]
    fn a_host_header_cannot_widen_the_policy() {
        let policy = content_security_policy(&[], Some("127.0.0.1:7700"));
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:7700 wss://127.0.0.1:7700;"));
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*')
        );
        for bad in ["", "a b", "evil.example;script-src", "*"] {
            assert!(content_security_policy(&[], Some(bad)).contains("connect-src 'self';"), "{bad}");
        }
    }
}
