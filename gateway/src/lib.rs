//! Placeholder.

pub mod json_body;
