//! *Manage integrations*: the list of connectors and the sheet of one of them. One component per file.

pub mod connector_filters;
pub mod connector_sheet;
pub mod connector_table;
pub mod credentials_fields;
pub mod danger_section;
pub mod destination_section;
pub mod details_section;
pub mod list_sheet;
pub mod manage_integrations;
pub mod mapping_preview;
pub mod mapping_table;
pub mod receiver_fold;
pub mod receivers_section;
pub mod recent_payloads;
pub mod removal;
pub mod retry_fields;
pub mod retry_schedule;
pub mod routes_section;
pub mod sample_section;
pub mod sample_sender;
pub mod schema_fields;
pub mod scheme_fields;
pub mod secret_section;
pub mod source_fields;
pub mod test_section;
