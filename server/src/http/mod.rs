//! The HTTP side: one file per door.

pub mod ingest;
pub mod pusher;
