//! Owners.

pub mod collections;
