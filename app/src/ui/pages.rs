//! One file per page. Pages fetch and hand down; components below them only show.

pub mod dashboard;
pub mod integrations;
pub mod login;
pub mod not_found;
pub mod settings;
pub mod setup;
