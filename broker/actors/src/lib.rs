//! Owners.
