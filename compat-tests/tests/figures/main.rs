//! What the servers say of themselves: the same commands to both, and their figures must have moved alike.

mod clients;
mod counts;
mod fields;
mod latency;
mod slow;
