//! The way in, through the real router on a real socket: what is taken, what is refused and how, and that every
//! request ends as an event or as a refusal that can be listed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod accepted;
mod bodies;
mod door;
mod duplicates;
mod harness;
mod keys;
mod signatures;
mod text;
