//! Signatures of the HTTP API.
//!
//! The string to sign is `METHOD\nPATH\nQUERY`, where QUERY is every parameter except `auth_signature`,
//! sorted by lower-cased key, as `key=value` joined with `&`, the values *not* URL-escaped. A body is covered
//! by its MD5 in `body_md5` (the protocol demands MD5; what protects the body is the HMAC around it). A
//! request is good for 600 seconds around its timestamp.

use domain::time::Timestamp;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use crate::realtime::app::RealtimeApp;

/// How far a request's timestamp may be from our clock, in seconds, either way.
pub const TIMESTAMP_WINDOW_SECS: u64 = 600;

/// The parts of a request that a signature covers.
#[derive(Debug, Clone, Copy)]
pub struct RequestToSign<'a> {
    /// In capitals.
    pub method: &'a str,
    /// As it stands in the request line, without the query.
    pub path: &'a str,
    /// The query, decoded; a signed request has its `auth_…` parameters in here.
    pub query: &'a [(String, String)],
    /// Exactly as received.
    pub body: &'a [u8],
}

/// Why a request is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestAuthError {
    /// A parameter that every signed request has.
    #[error("the query parameter {0} is missing")]
    Missing(&'static str),
    /// Another app's key.
    #[error("auth_key is not the key of this app")]
    Key,
    /// Only 1.0 was ever defined.
    #[error("auth_version must be 1.0")]
    Version,
    /// Not a number of seconds.
    #[error("auth_timestamp is not a Unix time in seconds")]
    Timestamp,
    /// Too far from our clock.
    #[error(
        "auth_timestamp {timestamp} is not within {TIMESTAMP_WINDOW_SECS} s of the server's {now}: check the clocks"
    )]
    Expired {
        /// What the request says, Unix time in seconds.
        timestamp: i64,
        /// What our clock says, Unix time in seconds.
        now: i64,
    },
    /// The body is not the one that was signed.
    #[error("body_md5 is not the MD5 of the body")]
    Body,
    /// Signed with another secret, or something changed on the way.
    #[error(
        "auth_signature is wrong: check the secret, and that method, path, query and body are signed as sent"
    )]
    Signature,
}

/// Checks a request against the app and our clock.
///
/// # Errors
/// The first thing that is missing or wrong.
pub fn verify_request(
    app: &RealtimeApp,
    request: &RequestToSign<'_>,
    now: Timestamp,
) -> Result<(), RequestAuthError> {
    if request.required("auth_key")? != app.key() {
        return Err(RequestAuthError::Key);
    }
    if request.required("auth_version")? != "1.0" {
        return Err(RequestAuthError::Version);
    }
    let timestamp: i64 =
        request.required("auth_timestamp")?.parse().map_err(|_| RequestAuthError::Timestamp)?;
    let now = now.as_seconds();
    if timestamp.abs_diff(now) > TIMESTAMP_WINDOW_SECS {
        return Err(RequestAuthError::Expired { timestamp, now });
    }
    match request.parameter("body_md5") {
        Some(digest) if !bool::from(digest.as_bytes().ct_eq(body_md5(request.body).as_bytes())) => {
            return Err(RequestAuthError::Body);
        }
        None if !request.body.is_empty() => return Err(RequestAuthError::Missing("body_md5")),
        _ => {}
    }
    if app.verify(&request.string_to_sign(), request.required("auth_signature")?) {
        Ok(())
    } else {
        Err(RequestAuthError::Signature)
    }
}

/// The whole query of a signed request: its own parameters and the `auth_…` ones.
pub fn sign_request(app: &RealtimeApp, request: &RequestToSign<'_>, now: Timestamp) -> Vec<(String, String)> {
    let mut query = request.query.to_vec();
    let mut add = |key: &str, value: String| query.push((key.to_owned(), value));
    add("auth_key", app.key().to_owned());
    add("auth_timestamp", now.as_seconds().to_string());
    add("auth_version", "1.0".to_owned());
    if !request.body.is_empty() {
        add("body_md5", body_md5(request.body));
    }
    let signature = app.sign(&RequestToSign { query: &query, ..*request }.string_to_sign());
    query.push(("auth_signature".to_owned(), signature));
    query
}

impl RequestToSign<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &'static str) -> Result<&str, RequestAuthError> {
        self.parameter(name).ok_or(RequestAuthError::Missing(name))
    }

    fn string_to_sign(&self) -> String {
        let mut parameters: Vec<(String, &str)> = self
            .query
            .iter()
            .map(|(key, value)| (key.to_lowercase(), value.as_str()))
            .filter(|(key, _)| key != "auth_signature")
            .collect();
        // Stable: a key that is given twice keeps its order.
        parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
        let query: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}\n{}\n{}", self.method, self.path, query.join("&"))
    }
}

fn body_md5(body: &[u8]) -> String {
    hex::encode(Md5::digest(body))
}

#[cfg(test)]
mod tests {
    use domain::time::SECOND;

    use super::*;

    const BODY: &[u8] = br#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;
    const SIGNED_AT: Timestamp = Timestamp::from_seconds(1_353_088_179);

    fn app() -> RealtimeApp {
        RealtimeApp::new("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").unwrap()
    }

    fn documented_query() -> Vec<(String, String)> {
        [
            ("body_md5", "ec365a775a4cd0599faeb73354201b6f"),
            ("auth_version", "1.0"),
            ("auth_key", "278d425bdf160c739803"),
            ("auth_timestamp", "1353088179"),
            ("auth_signature", "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
    }

    fn request<'a>(query: &'a [(String, String)], body: &'a [u8]) -> RequestToSign<'a> {
        RequestToSign { method: "POST", path: "/apps/3/events", query, body }
    }

    fn set(query: &mut [(String, String)], name: &str, value: &str) {
        query.iter_mut().find(|(key, _)| key == name).unwrap().1 = value.to_owned();
    }

    #[test]
    fn the_documented_vector_is_accepted_and_made() {
        assert_eq!(verify_request(&app(), &request(&documented_query(), BODY), SIGNED_AT), Ok(()));
        let mut signed = sign_request(&app(), &request(&[], BODY), SIGNED_AT);
        let mut documented = documented_query();
        signed.sort();
        documented.sort();
        assert_eq!(signed, documented);
    }

    #[test]
    fn the_window_is_600_seconds_either_way() {
        let query = documented_query();
        let at = |now| verify_request(&app(), &request(&query, BODY), now);
        assert_eq!(at(SIGNED_AT.plus(600 * SECOND)), Ok(()));
        assert_eq!(at(SIGNED_AT.plus(-600 * SECOND)), Ok(()));
        for now in [
            SIGNED_AT.plus(601 * SECOND),
            SIGNED_AT.plus(-601 * SECOND),
            Timestamp::from_micros(i64::MAX),
            Timestamp::from_micros(i64::MIN),
        ] {
            let (timestamp, now_seconds) = (SIGNED_AT.as_seconds(), now.as_seconds());
            assert_eq!(at(now), Err(RequestAuthError::Expired { timestamp, now: now_seconds }));
        }
    }

    #[test]
    fn every_missing_parameter_is_named() {
        for name in ["auth_key", "auth_version", "auth_timestamp", "auth_signature", "body_md5"] {
            let mut query = documented_query();
            query.retain(|(key, _)| key != name);
            let outcome = verify_request(&app(), &request(&query, BODY), SIGNED_AT);
            assert_eq!(outcome, Err(RequestAuthError::Missing(name)));
        }
    }

    #[test]
    fn every_changed_part_is_noticed() {
        let changed = |name: &str, value: &str| {
            let mut query = documented_query();
            set(&mut query, name, value);
            verify_request(&app(), &request(&query, BODY), SIGNED_AT).unwrap_err()
        };
        assert_eq!(changed("auth_key", "other"), RequestAuthError::Key);
        assert_eq!(changed("auth_version", "2.0"), RequestAuthError::Version);
        assert_eq!(changed("auth_timestamp", "soon"), RequestAuthError::Timestamp);
        assert_eq!(changed("auth_timestamp", "1353088180"), RequestAuthError::Signature);
        assert_eq!(changed("body_md5", "ec365a775a4cd0599faeb73354201b6e"), RequestAuthError::Body);
        for signature in ["", "da", &"0".repeat(64), &"0".repeat(65)] {
            assert_eq!(changed("auth_signature", signature), RequestAuthError::Signature);
        }

        let query = documented_query();
        let verify = |request: RequestToSign<'_>| verify_request(&app(), &request, SIGNED_AT).unwrap_err();
        assert_eq!(verify(request(&query, b"{}")), RequestAuthError::Body);
        assert_eq!(
            verify(RequestToSign { method: "PUT", ..request(&query, BODY) }),
            RequestAuthError::Signature
        );
        assert_eq!(
            verify(RequestToSign { path: "/apps/4/events", ..request(&query, BODY) }),
            RequestAuthError::Signature
        );
        let mut longer = documented_query();
        longer.push(("info".into(), "user_count".into()));
        assert_eq!(verify(request(&longer, BODY)), RequestAuthError::Signature);
    }

    #[test]
    fn keys_are_lower_cased_and_sorted_and_values_left_alone() {
        let query = [("Info", "a b,c/ä"), ("auth_key", "k"), ("filter_by_prefix", "presence-&")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let request = RequestToSign { method: "GET", path: "/apps/3/channels", query: &query, body: b"" };
        assert_eq!(
            request.string_to_sign(),
            "GET\n/apps/3/channels\nauth_key=k&filter_by_prefix=presence-&&info=a b,c/ä"
        );
        let signed = sign_request(&app(), &request, SIGNED_AT);
        assert!(signed.iter().all(|(key, _)| key != "body_md5"));
    }

    #[test]
    fn a_request_without_a_body_may_still_name_its_digest() {
        let app = app();
        let of_nothing = ("body_md5".to_owned(), "d41d8cd98f00b204e9800998ecf8427e".to_owned());
        let plain =
            RequestToSign { method: "GET", path: "/apps/3/channels", query: &[of_nothing], body: b"" };
        let signed = sign_request(&app, &plain, SIGNED_AT);
        assert_eq!(verify_request(&app, &RequestToSign { query: &signed, ..plain }, SIGNED_AT), Ok(()));
    }
}
