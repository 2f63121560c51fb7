//! What the console knows without a browser: how things are written, counted and merged. Pure, tested by value.

pub mod format;
pub mod json;
