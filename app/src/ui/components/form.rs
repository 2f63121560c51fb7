//! Parts of forms; one component per file.

pub mod affix_field;
pub mod copy_field;
pub mod field_note;
pub mod header_table;
pub mod new_secret;
pub mod segmented;
pub mod select_field;
pub mod switch_field;
pub mod text_area;
pub mod text_field;
