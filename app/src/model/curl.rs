//! A request as a line for a shell.

use domain::connector::Header;

/// Quotes a text so that a POSIX shell takes it literally.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b':' | b'='));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The curl command that makes the same request. Masked header values stay masked: fill them in.
pub fn command(method: &str, url: &str, headers: &[Header], body: Option<&str>) -> String {
    let mut line = format!("curl --request {} {}", quoted(method), quoted(url));
    for header in headers {
        // curl counts the body itself.
        if header.name.eq_ignore_ascii_case("content-length") || header.name.eq_ignore_ascii_case("host") {
            continue;
        }
        line.push_str(&format!(" \\\n  --header {}", quoted(&format!("{}: {}", header.name, header.value))));
    }
    if let Some(body) = body {
        line.push_str(&format!(" \\\n  --data-raw {}", quoted(body)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_everything_literally() {
        let headers = [Header::new("content-type", "application/json"), Header::new("Content-Length", "3")];
        let line = command("POST", "https://example.com/a?b=$(c)", &headers, Some("it's"));
        assert_eq!(
            line,
            "curl --request POST 'https://example.com/a?b=$(c)' \\\n  --header 'content-type: application/json' \\\n  --data-raw 'it'\\''s'"
        );
    }
}
