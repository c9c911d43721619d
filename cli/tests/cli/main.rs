//! The command line against a scripted broker: what it sends, prints, stores and exits with.
//!
//! No broker runs here. The scripted one knows nothing but its lines, so a test pins both sides:
//! the exact words of each command, and what is made of each reply.

mod agents;
mod demo;
mod failures;
mod files;
mod knowledge;
mod output;
mod support;
mod task_life;
mod tasks;
