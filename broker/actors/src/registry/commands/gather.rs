//! `CLAW.GATHER`

use bytes::Bytes;
use clawlink_protocol::name;

use crate::call::Call;
use crate::command::{Flags, Nothing, Patience, Route, Runs};
use crate::registry::groups::Group;
use crate::registry::{Registry, check_group_name, group_key};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(crate) static GATHER: Command = Command {
    name: "claw.gather",
    arity: -2,
    flags: Flags::READONLY.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    group: "agents",
    since: "0.1.0",
    complexity: "O(n) for n tasks of the group",
    summary: "Waits until the tasks of a group have ended, and answers their responses.",
    syntax: "group [TIMEOUT seconds] [MIN n] [FROM id]",
    route: Route::Registry,
    patience: Some(patience),
    nothing: Nothing::AskAgain,
    run: Runs { registry: Some(gather), ..Runs::NONE },
    ..Command::BASE
};

struct Options {
    timeout: Patience,
    min: usize,
    from: Option<Bytes>,
}

fn options(args: &mut Args<'_>) -> Result<Options, Refusal> {
    let mut options = Options { timeout: Patience::Forever, min: usize::MAX, from: None };
    args.seek(2);
    while !args.at_end() {
        if args.accept("TIMEOUT") {
            options.timeout = Patience::seconds(args.next_word()?)?;
        } else if args.accept("MIN") {
            options.min = usize::try_from(args.next_int()?).map_err(|_| Refusal::NotInteger)?;
        } else if args.accept("FROM") {
            options.from = Some(args.next_value()?);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok(options)
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(options(&mut args.clone())?.timeout)
}

fn gather(registry: &mut Registry, call: &mut Call<'_>) -> Outcome {
    let Options { min, from, .. } = options(&mut call.args)?;
    let from = call.speaker(from)?;
    if !from.is_empty() && !name::is_valid(from.as_bytes()) {
        return Err(Refusal::InvalidName("agent id", (*from).into()));
    }
    call.env.directory.seen(from.as_bytes(), call.now);
    let id = check_group_name(call.word(1))?;
    let group = registry.groups().get(&from, id);
    let group = group.ok_or_else(|| Refusal::NoGroup(id.into()))?;
    let done = group.pending() == 0 || group.results().len() >= min;
    // A client that does not wait, or no longer, gets what there is.
    let waits = call.can_block || call.ready.is_some();
    if done || !waits {
        return Ok(show(id, group));
    }
    call.wait_on(&group_key(&from, id));
    Ok(Reply::Nil)
}

fn show(id: &str, group: &Group) -> Reply {
    let results = group.results().map(|response| Reply::Bulk(response.clone())).collect();
    Reply::Map(vec![
        (Reply::text("group"), Reply::copy(id.as_bytes())),
        (Reply::text("total"), Reply::len(group.total())),
        (Reply::text("pending"), Reply::len(group.pending())),
        (Reply::text("results"), Reply::Array(results)),
    ])
}
