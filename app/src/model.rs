//! What the console knows without a browser: how things are written, counted and merged. Pure, tested by value.

pub mod account_forms;
pub mod connector_form;
pub mod connector_health;
pub mod format;
pub mod mapping_form;
pub mod receiver_form;
pub mod route_form;
pub mod sample;
pub mod schedule;
pub mod scheme_form;
