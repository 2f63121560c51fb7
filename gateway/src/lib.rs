//! What Signalbox does: store, intake, delivery, realtime; no HTTP router, no user interface.

pub mod realtime;
