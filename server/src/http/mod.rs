//! The HTTP side: one file per door.

pub mod pusher;
