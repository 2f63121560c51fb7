//! How we prove ourselves to a third party: checked when saved, sealed at rest, opened only to be sent.

use domain::connector::{Credentials, Header, check_fields};
use domain::error::Problem;
use domain::id::ConnectorId;
use zeroize::Zeroizing;

use super::unsealable;
use crate::Services;
use crate::input::Checks;
use crate::seal::Purpose;
use crate::store::connectors::StoredConnector;

/// Notes what no header could carry.
pub(super) fn check(checks: &mut Checks, credentials: Option<&Credentials>) {
    let visible =
        |text: &str| (1..=8_192).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    let no_control = |text: &str| text.len() <= 8_192 && !text.chars().any(char::is_control);
    match credentials {
        None => {}
        Some(Credentials::Bearer { token }) => checks.require(
            visible(token),
            "/credentials/token",
            "A token has visible ASCII characters only, without spaces or line breaks.",
        ),
        Some(Credentials::Basic { username, password }) => {
            // RFC 7617: the first colon ends the name.
            let fine = !username.is_empty() && no_control(username) && !username.contains(':');
            checks.require(fine, "/credentials/username", "A user name is not empty and has no colon.");
            checks.require(
                no_control(password),
                "/credentials/password",
                "A password has no control characters.",
            );
        }
        Some(Credentials::ApiKey { header, value }) => {
            let name = [Header::new(header.clone(), "x")];
            // The header that is reserved for credentials is fine here, where credentials belong.
            let fine = header.eq_ignore_ascii_case("authorization")
                || check_fields(None, None, Some(&name)).is_empty();
            checks.require(fine, "/credentials/header", "Use a header name such as x-api-key.");
            checks.require(
                !value.trim().is_empty()
                    && value.len() <= 8_192
                    && value.bytes().all(|b| matches!(b, b' '..=b'~')),
                "/credentials/value",
                "A key has visible ASCII characters only, without line breaks.",
            );
        }
    }
}

/// Seals credentials for their connector.
pub(super) fn seal(
    services: &Services,
    id: &ConnectorId,
    credentials: &Credentials,
) -> Result<Vec<u8>, Problem> {
    let text = Zeroizing::new(serde_json::to_vec(credentials).map_err(|error| {
        tracing::error!(%error, connector = %id, "credentials could not be written");
        Problem::internal()
    })?);
    services.sealer.seal(Purpose::ConnectorCredentials, id.as_str(), &text).map_err(unsealable)
}

/// A connector's credentials in the open, for a request that is about to go out.
pub(super) fn open(services: &Services, stored: &StoredConnector) -> Result<Option<Credentials>, Problem> {
    let Some(sealed) = &stored.sealed_credentials else { return Ok(None) };
    let id = stored.connector.id.as_str();
    let secret = services.sealer.open(Purpose::ConnectorCredentials, id, sealed).map_err(unsealable)?;
    // The error would quote what it could not read, so it is left out.
    serde_json::from_slice(secret.expose()).map(Some).map_err(|_| {
        tracing::error!(connector = id, "sealed credentials could not be read");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(credentials: Credentials) -> Vec<String> {
        let mut checks = Checks::default();
        check(&mut checks, Some(&credentials));
        let problem = checks.finish().err();
        problem.into_iter().flat_map(|problem| problem.fields).map(|field| field.pointer).collect()
    }

    #[test]
    fn credentials_that_no_header_can_carry_are_refused() {
        assert!(pointers(Credentials::Bearer { token: "abc.def".into() }).is_empty());
        for token in ["", "a b", "a\n", "ä"] {
            assert_eq!(pointers(Credentials::Bearer { token: token.into() }), ["/credentials/token"]);
        }
        let basic = |username: &str, password: &str| {
            pointers(Credentials::Basic { username: username.into(), password: password.into() })
        };
        assert!(basic("me", "pässword with spaces").is_empty());
        assert_eq!(basic("me:you", "a\n"), ["/credentials/username", "/credentials/password"]);
        let key = |header: &str, value: &str| {
            pointers(Credentials::ApiKey { header: header.into(), value: value.into() })
        };
        assert!(key("x-api-key", "k").is_empty() && key("Authorization", "Token k").is_empty());
        assert_eq!(key("Host", ""), ["/credentials/header", "/credentials/value"]);
        assert_eq!(key("a b", "k\r\nx: y"), ["/credentials/header", "/credentials/value"]);
    }
}
