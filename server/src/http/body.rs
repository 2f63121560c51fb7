//! Reading a request's body, up to a limit.
//!
//! A body that is too large is read on for a while and thrown away: closing the connection in the middle of it would
//! keep the sender from ever seeing the answer that says why.

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use domain::error::Problem;
use http_body_util::BodyExt;

/// The limit of a request that says nothing else, bytes.
pub const DEFAULT_LIMIT: usize = 1024 * 1024;
/// The limit of a request with an edited payload, bytes: 10 MiB as a JSON text, where a quote takes two bytes.
pub const PAYLOAD_LIMIT: usize = 24 * 1024 * 1024;
/// How much of a body that is too large is read and thrown away, bytes.
const DRAIN: usize = 32 * 1024 * 1024;

/// The limit of a route, as an extension of its requests.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// The whole body.
///
/// # Errors
/// 413 `too_large`; 400 `incomplete_body` when the connection ended before the body did.
pub async fn read(mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Problem::new(
                400,
                "incomplete_body",
                "Body incomplete",
                "The connection ended before the body did.",
            )
        })?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen <= limit {
            bytes.extend_from_slice(&data);
        } else if seen > DRAIN {
            break;
        }
    }
    if seen > limit {
        let detail = format!("The body is larger than {limit} bytes, which is what this address takes.");
        return Err(Problem::new(413, "too_large", "Body too large", detail));
    }
    Ok(bytes.freeze())
}
