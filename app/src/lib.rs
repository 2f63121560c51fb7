//! The console, seen from both sides: server functions (`ssr`) and the user interface (`csr`).
//!
//! [`rpc`] is compiled for both, [`model`] holds the console's pure logic and is tested on any machine, and `ui`
//! exists in the browser only.

pub mod model;
#[allow(
    missing_docs,
    reason = "`#[server]` makes a struct of each function's arguments; the function has the words"
)]
pub mod rpc;
#[cfg(feature = "csr")]
pub mod ui;
