//! What the console knows without a browser: how things are written, counted and merged. Pure, tested by value.

pub mod account_forms;
pub mod connector_form;
pub mod connector_health;
pub mod connector_list;
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
pub mod mapping_form;
pub mod payload_draft;
pub mod pusher;
pub mod query;
pub mod range;
pub mod receiver_form;
pub mod route_form;
pub mod sample;
pub mod schedule;
pub mod scheme_form;
pub mod summary;
