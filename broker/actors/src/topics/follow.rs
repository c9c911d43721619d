//! Which topics an agent's polls give it.

use super::Topics;
use super::rules::Rules;
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::{Command, Outcome, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&FOLLOW, &UNFOLLOW, &FOLLOWING];

/// What all of them have in common.
const BASE: Command =
    Command { group: "agents", since: "0.1.0", route: Route::Topics, ..Command::BASE };

static FOLLOW: Command = Command {
    name: "claw.follow",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    complexity: "O(N) with N patterns, given and kept",
    summary: "Lets an agent's polls give it what is published on topics.",
    syntax: "agent topic [topic …]",
    acts_as: Some(1),
    run: Runs { topics: Some(|state, call| follow(state, call, true)), ..Runs::NONE },
    ..BASE
};

static UNFOLLOW: Command = Command {
    name: "claw.unfollow",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    complexity: "O(N) with N patterns, given and kept",
    summary: "Lets an agent's polls leave out what is published on topics.",
    syntax: "agent topic [topic …]",
    acts_as: Some(1),
    run: Runs { topics: Some(|state, call| follow(state, call, false)), ..Runs::NONE },
    ..BASE
};

fn follow(state: &mut Topics, call: &mut Call<'_>, follow: bool) -> Outcome {
    let agent = call.next_text()?;
    let patterns = call.args.words().skip(2);
    state.readers.follow(&agent, follow, patterns).map(shown)
}

static FOLLOWING: Command = Command {
    name: "claw.following",
    arity: 2,
    flags: Flags::READONLY,
    complexity: "O(N) with N kept patterns",
    summary: "Shows which topics an agent's polls give it.",
    syntax: "agent",
    run: Runs { topics: Some(following), ..Runs::NONE },
    ..BASE
};

fn following(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let agent = call.next_text()?;
    let rules = state.readers.rules(&agent);
    rules.map(shown).ok_or_else(|| Refusal::NoAgent(agent.into()))
}

fn shown(rules: &Rules) -> Reply {
    Reply::Array(rules.shown().into_iter().map(|rule| Reply::Bulk(rule.into())).collect())
}
