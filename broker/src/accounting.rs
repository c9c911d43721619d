//! What every request leaves behind: counts, its time, and a place in the slow log if that was long.
//!
//! The figures are Redis's: a request counts when it runs, also inside a transaction or a script, and its time is the
//! work done for it, by owners and here. What it waited for, its turn included, is no work.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::{Duration, Instant};

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::owner::{Answer, now_ms};
use clawlink_actors::{Args, Outcome, Pipeline, Refusal, Reply};

use crate::clients::Client;
use crate::commands::Now;
use crate::session::{Session, Target};
use crate::shared::{Shared, Stats};
use crate::statistics::Calls;
use crate::wire::code;

/// A request that has run.
#[derive(Debug)]
pub(crate) struct Ran<'a> {
    /// What it named.
    pub command: &'static Command,
    /// Its words.
    pub args: Args<'a>,
    /// What it was answered.
    pub reply: &'a Reply,
    /// How long the work on it took, in nanoseconds.
    pub time_ns: u64,
}

impl Session {
    /// Runs a request that is neither queued nor blocking, and measures in nanoseconds how long the work took.
    pub(crate) async fn run_timed(&mut self, target: Target, args: Args<'_>) -> (Outcome, u64) {
        let before = self.owners_ns;
        let (outcome, here_ns) = match target {
            Target::Edge(edge) => timed(edge.run(self, args)).await,
            Target::Owner(command) => (self.ask_owners(command, args).await, 0),
        };
        (outcome, self.owners_ns - before + here_ns)
    }

    /// Runs a request about the connection itself that waits for nobody, and counts it.
    pub(crate) fn run_at_once(
        &mut self,
        command: &'static Command,
        run: Now,
        mut args: Args<'_>,
    ) -> Reply {
        let since = Instant::now();
        let reply = Reply::from(run(self, &mut args));
        let time_ns = nanoseconds(since.elapsed());
        self.account_one(&Ran { command, args, reply: &reply, time_ns });
        if !reply.is_error() {
            self.adopt(command, &reply);
        }
        reply
    }

    /// Counts requests that travelled to their owner together: those from `from` on, and its answer.
    pub(crate) fn account(&self, pipeline: &Pipeline, from: usize, answer: &Answer) {
        let mut at = from;
        self.shared.commands.add_each(answer.laps.iter().filter_map(|lap| {
            let requests = at..at + lap.requests as usize;
            at = requests.end;
            let command = pipeline.command(requests.start)?;
            let replies = &answer.replies[requests.start - from..requests.end - from];
            let failed = replies.iter().map(|reply| self.shared.count_error(command, reply)).sum();
            let (calls, time_ns) = (u64::from(lap.requests), lap.time_ns);
            let each = Duration::from_nanos(time_ns / calls);
            if self.shared.is_remarkable(each) {
                requests.for_each(|index| {
                    let client = Some(&*self.client);
                    self.shared.remark(client, command, &pipeline.request(index), each);
                });
            }
            Some((command, Calls { calls, time_ns, rejected: 0, failed }))
        }));
        Stats::add(&self.shared.stats.commands, (at - from) as u64);
    }

    /// Counts a request of this connection that has run.
    pub(crate) fn account_one(&self, ran: &Ran<'_>) {
        self.shared.account(Some(&self.client), ran);
    }
}

impl Shared {
    /// Counts a request that has run. `client`: who made it; `None`: a script.
    pub(crate) fn account(&self, client: Option<&Client>, ran: &Ran<'_>) {
        Stats::add(&self.stats.commands, 1);
        let failed = self.count_error(ran.command, ran.reply);
        let calls = Calls { calls: 1, time_ns: ran.time_ns, rejected: 0, failed };
        self.commands.add(ran.command, calls);
        let took = Duration::from_nanos(ran.time_ns);
        if self.is_remarkable(took) {
            self.remark(client, ran.command, &ran.args, took);
        }
    }

    /// Counts a request that begins to wait: it has been called, and its time is not known yet.
    pub(crate) fn account_waiting(&self, command: &'static Command) {
        Stats::add(&self.stats.commands, 1);
        self.commands.add(command, Calls { calls: 1, ..Calls::default() });
    }

    /// Adds what is known when the waiting is over. `client`: who made the request. Where it waited in vain, nothing was
    /// slow.
    pub(crate) fn account_waited(&self, client: &Client, ran: &Ran<'_>, in_vain: bool) {
        let failed = self.count_error(ran.command, ran.reply);
        let Ran { command, time_ns, .. } = *ran;
        self.commands.add(command, Calls { time_ns, failed, ..Calls::default() });
        if !in_vain {
            self.commands.note_time(command, time_ns);
            let took = Duration::from_nanos(time_ns);
            if self.is_remarkable(took) {
                self.remark(Some(client), command, &ran.args, took);
            }
        }
    }

    /// Counts a request that was refused before it ran. `command`: what it named, if that is known.
    pub(crate) fn account_rejected(&self, command: Option<&'static Command>, refusal: &Refusal) {
        self.count_refusal(refusal);
        if let Some(command) = command {
            self.commands.add(command, Calls { rejected: 1, ..Calls::default() });
        }
    }

    /// Counts the errors of a reply, and answers whether there is one as a number.
    fn count_error(&self, command: &Command, reply: &Reply) -> u64 {
        match reply {
            Reply::Error(refusal) => {
                self.count_refusal(refusal);
                1
            }
            // The errors in a transaction's reply are those of its requests; a script's are its own.
            Reply::Array(items) if command.group == "scripting" => {
                let nested = items.iter().map(|item| self.count_error(command, item));
                nested.sum::<u64>().min(1)
            }
            _ => 0,
        }
    }

    fn count_refusal(&self, refusal: &Refusal) {
        // What a script passes on was counted when the script got it.
        if !matches!(refusal, Refusal::Repeated(_)) {
            Stats::add(&self.stats.refusals, 1);
            self.commands.add_error(code(refusal));
        }
    }

    /// Whether somebody wants to know of a request that took so long.
    fn is_remarkable(&self, took: Duration) -> bool {
        self.slowlog.wants(took) || self.directory.delays.wants(took)
    }

    #[cold]
    fn remark(
        &self,
        client: Option<&Client>,
        command: &'static Command,
        args: &Args<'_>,
        took: Duration,
    ) {
        if self.slowlog.wants(took) && !command.flags.has(Flags::SKIP_SLOWLOG) {
            self.slowlog.note(client, args, took);
        }
        let event = if command.flags.has(Flags::FAST) { "fast-command" } else { "command" };
        self.directory.delays.note(event, now_ms(), took);
    }
}

/// The result of a future, and how long it worked in nanoseconds: the time in which it did not wait.
async fn timed<F: Future>(future: F) -> (F::Output, u64) {
    let mut future = pin!(future);
    let mut worked = Duration::ZERO;
    let output = poll_fn(|context| {
        let since = Instant::now();
        let poll = future.as_mut().poll(context);
        worked += since.elapsed();
        poll
    });
    let output = output.await;
    (output, nanoseconds(worked))
}

/// A duration in nanoseconds.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::timed;

    #[test]
    fn waiting_is_no_work() {
        actix_rt::System::new().block_on(async {
            let wait = Duration::from_millis(50);
            let ((), worked_ns) = timed(tokio::time::sleep(wait)).await;
            assert!(u128::from(worked_ns) < wait.as_nanos(), "{worked_ns}");
        });
    }
}
