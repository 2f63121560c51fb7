//! The console: files that are inside the binary, and the page for every address that is the console's own.
//!
//! Players: `build.rs` has put the files here, plain and compressed; [`policy`] says what a page may do.
//!
//! Invariants: a browser may keep a file forever only when its name changes with its content; the page itself is
//! asked for each time; nothing but the console's own scripts ever runs in it.

pub mod policy;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::problem::no_such_route;

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/console"]
struct Embedded;

/// The page.
const INDEX: &str = "index.html";
/// What is said in place of the page when there is none.
const NOT_BUILT: &str = "The console is not built: run cargo xtask build\n";
/// Addresses under which the console has no pages, so that a program that mistypes one hears so.
const NOT_PAGES: &[&str] = &["api", "rpc", "realtime", "app", "apps", "healthz", "readyz", "metrics"];

/// A file in all its forms.
struct Asset {
    plain: Cow<'static, [u8]>,
    brotli: Option<Cow<'static, [u8]>>,
    gzip: Option<Cow<'static, [u8]>>,
    content_type: HeaderValue,
    etag: HeaderValue,
    immutable: bool,
}

static ASSETS: LazyLock<HashMap<String, Asset>> =
    LazyLock::new(|| Embedded::iter().filter_map(|name| Some((name.to_string(), load(&name)?))).collect());

fn load(name: &str) -> Option<Asset> {
    let packed = |extension: &str| Embedded::get(&format!("{name}.{extension}")).map(|file| file.data);
    let file = Embedded::get(name)?;
    let hash: String =
        file.metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let kind = mime_guess::from_path(name).first_or_octet_stream().to_string();
    let kind = if kind.starts_with("text/") && !kind.contains("charset") {
        format!("{kind}; charset=utf-8")
    } else {
        kind
    };
    Some(Asset {
        plain: file.data,
        brotli: packed("br"),
        gzip: packed("gz"),
        content_type: HeaderValue::from_str(&kind).ok()?,
        etag: HeaderValue::from_str(&format!("\"{hash}\"")).ok()?,
        immutable: is_hashed(name),
    })
}

/// Whether a file is in the folder that is named after its content: `build-` and 16 hex digits.
fn is_hashed(name: &str) -> bool {
    let folder = name.split_once('/').and_then(|(folder, _)| folder.strip_prefix("build-"));
    folder
        .is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// Whether the console is inside this binary.
pub fn is_built() -> bool {
    ASSETS.contains_key(INDEX)
}

/// Answers what no other door has taken.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let first = path.split('/').next().unwrap_or_default();
    if !reads || NOT_PAGES.contains(&first) {
        return no_such_route(request.uri().clone()).await.into_response();
    }
    let headers = request.headers();
    // A compressed form is not a file of its own, whatever is asked for by name.
    let is_form = path.ends_with(".br") || path.ends_with(".gz");
    if let Some(asset) = ASSETS.get(path).filter(|_| path != INDEX && !is_form) {
        return answer(asset, headers, HeaderMap::new());
    }
    if !wants_page(headers) {
        return no_such_route(request.uri().clone()).await.into_response();
    }
    match ASSETS.get(INDEX) {
        Some(page) => answer(page, headers, page_headers(headers)),
        None => (StatusCode::SERVICE_UNAVAILABLE, page_headers(headers), NOT_BUILT).into_response(),
    }
}

/// A browser that navigates accepts HTML by name; `curl` and scripts accept anything, which is not that.
fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/html")
}

fn page_headers(request: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::CACHE_CONTROL, "no-cache");
    let host = request.get(header::HOST).and_then(|value| value.to_str().ok());
    let policy = policy::content_security_policy(host);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers
}

fn answer(asset: &'static Asset, request: &HeaderMap, extra: HeaderMap) -> Response {
    let mut headers = extra;
    headers.insert(header::ETAG, asset.etag.clone());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    let caching = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if known.split(',').any(|tag| tag.trim().trim_start_matches("W/").as_bytes() == asset.etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, asset.content_type.clone());
    let accepts = |name: &str| accepts_encoding(request, name);
    let (bytes, encoding) = match (&asset.brotli, &asset.gzip) {
        (Some(bytes), _) if accepts("br") => (bytes, Some("br")),
        (_, Some(bytes)) if accepts("gzip") => (bytes, Some("gzip")),
        _ => (&asset.plain, None),
    };
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let body = match bytes {
        Cow::Borrowed(bytes) => Body::from(*bytes),
        Cow::Owned(bytes) => Body::from(bytes.clone()),
    };
    (headers, body).into_response()
}

fn accepts_encoding(request: &HeaderMap, name: &str) -> bool {
    let accepted =
        request.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let refused =
            parts.any(|part| part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0));
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_kept_forever_and_no_others() {
        assert!(is_hashed("build-0123456789abcdef/frontend.js"));
        assert!(is_hashed("build-0123456789abcdef/snippets/app-1/load.js"));
        for name in [
            "index.html",
            "editor/editor.js",
            "build-0123456789abcde/a.js",
            "build-0123456789abcdeF/a.js",
            "build-0123456789abcdef",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn encodings_are_taken_by_name_unless_refused() {
        let request = |value: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
        };
        assert!(accepts_encoding(&request("gzip, deflate, br"), "br"));
        assert!(!accepts_encoding(&request("gzip, br;q=0"), "br"));
        assert!(!accepts_encoding(&request("brotli"), "br"));
    }
}
