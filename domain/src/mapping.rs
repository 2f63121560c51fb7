//! Provisional: mapping types.
use serde::{Deserialize, Serialize};

/// A field mapping.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldMapping {
    /// Rules.
    #[serde(default)]
    pub fields: Vec<serde_json::Value>,
}
