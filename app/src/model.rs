//! What the console computes without a browser: plain types and functions with unit tests.

pub mod json;
