//! What runs beside the requests: delivering, batches of retries, and cleaning up.
//!
//! Each worker has a `tick` that does what is due now, which tests call, and a `run` that loops over it until the
//! server stops.

pub mod attempt;
pub mod deliver;
mod finish;
pub mod outcome;
mod places;
pub mod retain;
pub mod retry_jobs;
