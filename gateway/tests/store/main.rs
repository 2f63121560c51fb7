//! The store's functions on both databases, one file per aggregate, the two schemas compared, and what consoles are
//! told of changes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod alerts;
mod basics;
mod deliveries;
mod events;
mod feed;
mod fixture;
mod intake;
mod latencies;
mod migrations;
mod queue;
mod records;
mod rejections;
mod retry_jobs;
mod rollups;
mod search;
