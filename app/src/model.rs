//! What the console knows without a browser: how things are written, counted and merged. Pure, tested by value.

pub mod curl;
pub mod diff;
pub mod dry_run_result;
pub mod failed_batch;
pub mod feed;
pub mod format;
pub mod grid;
pub mod heatmap;
pub mod http_status;
pub mod json;
pub mod line_ends;
pub mod payload_draft;
pub mod pusher;
pub mod query;
pub mod range;
pub mod summary;
