//! Delivering, to real sockets: retries by the policy, dead letters, misbehaving destinations, fairness, replays.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod batches;
mod destination;
mod http2;
mod misbehaviour;
mod records;
mod replays;
mod retries;
mod running;
mod samples;
mod unstorable;
mod ways;
mod world;
