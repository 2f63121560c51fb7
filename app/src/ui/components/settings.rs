//! Parts of the page "Settings". One component per file.

pub mod api_keys_panel;
pub mod members_panel;
pub mod organizations_panel;
pub mod panel;
pub mod panel_form;
