//! The console, seen from both sides: server functions (`ssr`) and the user interface (`csr`).

pub mod model;
pub mod rpc;
