//! What a server function answers when it cannot do what was asked: the same problem document as the REST API.

use domain::error::Problem;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A problem on its way to the console. Travels as JSON, so that nothing is flattened to text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error(transparent)]
pub struct RpcError(#[from] pub Problem);

impl FromServerFnError for RpcError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        RpcError(match error {
            ServerFnErrorErr::Request(_) => Problem::new(
                0,
                "unreachable",
                "No answer",
                "The server did not answer. Check the connection; what is shown may be out of date.",
            ),
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => {
                Problem::new(400, "malformed_request", "Malformed request", detail)
            }
            // On the server's side it is the question that could not be read, on the console's the answer.
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(detail) => {
                Problem::new(400, "malformed_request", "Malformed request", detail)
            }
            other => Problem::new(500, "internal", "Internal error", other.to_string()),
        })
    }
}
