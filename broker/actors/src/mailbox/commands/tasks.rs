//! `CLAW.TASKS`

use std::cmp::Reverse;

use clawlink_protocol::TaskStatus;

use super::{options, show};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::{Mailbox, Task};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static TASKS: Command = Command {
    name: "claw.tasks",
    arity: -1,
    // A transaction would have to borrow every mailbox there is.
    flags: Flags::READONLY.with(Flags::NO_MULTI),
    group: "agents",
    since: "0.2.0",
    complexity: "O(n log n) for the n tasks of the inboxes that are looked into",
    summary: "Lists tasks: all that are known, those to or from somebody, those that are so far.",
    syntax: "[TO name] [FROM id] [STATE state] [LIMIT n]",
    route: Route::Tasks,
    run: Runs { mailbox: Some(tasks), ..Runs::NONE },
    ..Command::BASE
};

struct Wanted<'a> {
    from: Option<&'a [u8]>,
    state: Option<TaskStatus>,
    limit: usize,
}

impl<'a> Wanted<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut wanted = Self { from: None, state: None, limit: options::LIMIT_DEFAULT };
        while !args.at_end() {
            if args.accept("TO") {
                // Whose tasks: that led here.
                args.next_word()?;
            } else if args.accept("FROM") {
                wanted.from = Some(args.next_word()?);
            } else if args.accept("STATE") {
                wanted.state = Some(TaskStatus::from_word(args.next_word()?).ok_or_else(states)?);
            } else if args.accept("LIMIT") {
                wanted.limit = options::limit(args)?;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(wanted)
    }

    fn matches(&self, task: &Task) -> bool {
        self.from.is_none_or(|from| from == task.from.as_bytes())
            && self.state.is_none_or(|state| state == task.status())
    }
}

/// Why a word is no state.
fn states() -> Refusal {
    let words = TaskStatus::ALL.map(TaskStatus::word).join(", ");
    Refusal::Custom("ERR", format!("the state is one of {words}").into())
}

/// The tasks of one mailbox, the newest first.
fn tasks(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let wanted = Wanted::parse(&mut call.args)?;
    let known = mailbox.ledger().into_iter().flat_map(|ledger| ledger.tasks());
    let mut found: Vec<&Task> = known.filter(|task| wanted.matches(task)).collect();
    found.sort_unstable_by_key(|task| Reverse(number(&task.id)));
    found.truncate(wanted.limit);
    let last_seen = |agent: &str| call.env.directory.last_seen(agent.as_bytes());
    let shown = found.into_iter().map(|task| show::summary(mailbox, task, &last_seen));
    Ok(Reply::Array(shown.collect()))
}

/// The number in a message id, which grows with time.
fn number(id: &str) -> u64 {
    id.rsplit('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
