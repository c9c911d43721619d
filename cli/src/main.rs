//! `clawlink`: the command line of the ClawLink agent mesh.
//!
//! Reading order: [`args`] says what can be typed, [`verbs`] has a file for each family of verbs,
//! [`session`] gives a verb what it needs (a [`link`] to the broker, the agent it acts as, a place
//! for its output). A verb asks the broker, turns the reply into a report and shows it; [`output`]
//! alone knows whether that becomes text or JSON.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod exit;
mod failure;
mod identity;
mod input;
mod link;
mod output;
mod relay;
mod reply;
mod session;
mod verbs;

fn main() -> ExitCode {
    let args::Cli { globals, verb } = args::Cli::parse();
    let json = globals.json;
    match verbs::run(verb, globals) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell(json).into(),
    }
}
