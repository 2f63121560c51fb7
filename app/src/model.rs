//! What the console knows without a browser: how things are written, counted and merged. Pure, tested by value.

pub mod diff;
pub mod failed_batch;
pub mod format;
pub mod json;
pub mod line_ends;
pub mod payload_draft;
