//! The session's cookie on the way out of a server function.
