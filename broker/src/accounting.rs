//! What every request that was run leaves behind: counts, the slow log, and the name in `CLIENT LIST`.

use std::time::Duration;

use clawlink_actors::command::{Command, Flags, Follow, Patience};
use clawlink_actors::{Args, Pipeline, Reply};

use crate::session::Session;
use crate::shared::Stats;
use crate::statistics::Calls;
use crate::wire::code;

impl Session {
    /// Counts neighbours that travelled to their owner together: requests from `from` on, and their replies.
    pub(crate) fn account(
        &self,
        pipeline: &Pipeline,
        from: usize,
        replies: &[Reply],
        took: Duration,
    ) {
        let share = nanoseconds(took) / replies.len().max(1) as u64;
        let counted = replies.iter().zip(from..).filter_map(|(reply, index)| {
            let failed = self.account_error(reply);
            let calls = Calls { calls: 1, time_ns: share, rejected: 0, failed };
            pipeline.command(index).map(|command| (command, calls))
        });
        self.shared.commands.add(counted);
        let last = pipeline.command(from + replies.len() - usize::from(!replies.is_empty()));
        if let Some(last) = last {
            *self.client.last_command.lock() = last.name;
        }
        Stats::add(&self.shared.stats.commands, replies.len() as u64);
        // Which of several neighbours was slow nobody can tell.
        if replies.len() == 1 && self.shared.slowlog.wants(took) {
            self.shared.slowlog.note(&self.client, &pipeline.request(from), took);
        }
    }

    /// Counts one request. `ran`: whether it was run, or refused before.
    pub(crate) fn account_one(
        &self,
        command: Option<&'static Command>,
        args: &Args<'_>,
        ran: bool,
        reply: &Reply,
        took: Duration,
    ) {
        let failed = self.account_error(reply);
        Stats::add(&self.shared.stats.commands, u64::from(ran));
        let Some(command) = command else { return };
        let calls = if ran {
            Calls { calls: 1, time_ns: nanoseconds(took), rejected: 0, failed }
        } else {
            Calls { rejected: 1, ..Calls::default() }
        };
        self.shared.commands.add(std::iter::once((command, calls)));
        // A request that waited for others, or whose answer was delayed on purpose, was not slow itself.
        let follows = |follow: &Follow| (follow.patience)(args) != Ok(Patience::Never);
        let waited = command.patience.is_some()
            || command.flags.has(Flags::NO_AUTH)
            || command.follow.is_some_and(|follow| args.is_empty() || follows(follow));
        let logged = ran && !waited && !command.flags.has(Flags::SKIP_SLOWLOG);
        if logged && self.shared.slowlog.wants(took) {
            self.shared.slowlog.note(&self.client, args, took);
        }
    }

    fn account_error(&self, reply: &Reply) -> u64 {
        let Reply::Error(refusal) = reply else { return 0 };
        Stats::add(&self.shared.stats.refusals, 1);
        self.shared.commands.add_error(code(refusal));
        1
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
