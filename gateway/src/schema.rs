//! JSON Schema (provisional, replaced by the merge).
/// A violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaViolation {
    /// p
    pub pointer: String,
    /// s
    pub schema_pointer: String,
    /// m
    pub message: String,
}
/// compiled
#[derive(Debug)]
pub struct CompiledSchema(jsonschema::Validator);
/// problem
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SchemaProblem(String);
/// compile
pub fn compile(s: &serde_json::Value) -> Result<CompiledSchema, SchemaProblem> {
    jsonschema::draft202012::new(s).map(CompiledSchema).map_err(|e| SchemaProblem(e.to_string()))
}
impl CompiledSchema {
    /// v
    pub fn validate_bytes(&self, b: &[u8]) -> Vec<SchemaViolation> {
        let v: serde_json::Value = serde_json::from_slice(b).unwrap_or_default();
        self.0
            .iter_errors(&v)
            .take(50)
            .map(|e| SchemaViolation {
                pointer: e.instance_path().to_string(),
                schema_pointer: e.schema_path().to_string(),
                message: e.to_string(),
            })
            .collect()
    }
}
