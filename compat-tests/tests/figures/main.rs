//! What the servers count: the same commands to both, and the counters must have moved alike.

mod counts;
mod slow;
