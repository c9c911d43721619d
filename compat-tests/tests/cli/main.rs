//! The command line `clawlink` as people drive it, against a real broker.

mod crossing;
mod identities;
mod person;
mod reaching;
mod sharing;
mod task_life;
mod tasks;
