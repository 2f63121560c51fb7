//! Delivering, to real sockets: retries by the policy, dead letters, misbehaving destinations, fairness, replays.

mod destination;
mod misbehaviour;
mod replays;
mod retries;
mod running;
mod world;
