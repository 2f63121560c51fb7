//! The store's functions on both databases, one file per aggregate, and the two schemas compared.

mod basics;
mod deliveries;
mod events;
mod fixture;
mod migrations;
mod queue;
mod records;
mod rejections;
mod rollups;
