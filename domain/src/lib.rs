//! Placeholder.

pub mod mapping;
