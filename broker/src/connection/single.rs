//! Requests that run one by one: they are refused, queued, blocked, span owners, or are about the connection itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_actors::command::Flags;
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Pipeline, Refusal, Reply};

use super::{Connection, Turn};
use crate::accounting::Ran;
use crate::commands;
use crate::monitor;
use crate::session::Target;

impl Connection {
    /// Runs a request that needs more than its owner: it is refused, queued, blocked, spans owners, or is about the
    /// connection itself.
    pub(super) async fn run_one(&mut self, pipeline: &mut Arc<Pipeline>, index: usize) -> Turn {
        self.session.now = now_ms();
        let args = pipeline.request(index);
        let words = args.words().map(<[u8]>::len).sum();
        self.session.client.sizes.words.store(words, Ordering::Relaxed);
        let target = self.session.resolve(&args);
        let named = match &target {
            Ok(target) => Some(target.command()),
            Err(Refusal::WrongArity(_)) => self.session.container(&args),
            Err(_) => None,
        };
        // What is not known is shown as what nobody has sent.
        *self.session.client.last_command.lock() = named.map_or("NULL", |command| command.name);
        let checked = target.and_then(|target| {
            self.session.refuse(target.command(), &args)?;
            Ok(target)
        });
        let reply = match checked {
            Err(refusal) => {
                let refusal = self.session.refuse_queued(named, refusal);
                self.session.shared.account_rejected(named, &refusal);
                refusal.into()
            }
            Ok(target) => {
                let command = target.command();
                if self.session.transaction.is_open() && !commands::during_transaction(command) {
                    self.queue(target, pipeline, index)
                } else {
                    self.run_now(target, pipeline, index).await?
                }
            }
        };
        self.session.hear_of_keys().await;
        let whole =
            named.is_some_and(|command| matches!(command.group, "transactions" | "scripting"));
        self.answer([reply], whole);
        self.session.end_caching(named);
        Ok(())
    }

    /// Queues a request of a transaction. It counts when it runs.
    fn queue(&mut self, target: Target, pipeline: &Pipeline, index: usize) -> Reply {
        let command = target.command();
        let outcome = if command.flags.has(Flags::NO_MULTI) {
            self.session.transaction.refuse();
            Err(Refusal::Fixed("ERR", "Command not allowed inside a transaction"))
        } else {
            let args = pipeline.request(index);
            self.session.transaction.queue(pipeline.command(index), &args)
        };
        self.session.show_queue();
        if let Err(refusal) = &outcome {
            self.session.shared.account_rejected(Some(command), refusal);
        }
        outcome.into()
    }

    async fn run_now(
        &mut self,
        target: Target,
        pipeline: &mut Arc<Pipeline>,
        index: usize,
    ) -> io::Result<Reply> {
        let (command, args) = (target.command(), pipeline.request(index));
        let shared = self.session.shared.clone();
        if shared.pause.is_on() && !commands::passes_pause(command) {
            self.send()?;
            let flags = command.flags;
            shared.pause.pass(flags.has(Flags::WRITE) || flags.has(Flags::MAY_REPLICATE)).await;
        }
        let shown = !command.flags.has(Flags::SKIP_MONITOR) && !command.flags.has(Flags::ADMIN);
        let shown = shown && shared.monitors.any();
        // As in Redis a request is shown when it has run, and one that may block when it begins.
        if shown && command.patience.is_some() {
            monitor::show(&self.session, &args);
        }
        if let Some(patience) = command.patience {
            match patience(&args) {
                Ok(patience) => {
                    let request = args.detach(Some(command));
                    if index + 1 == pipeline.len() {
                        // A blocked client holds no read buffer.
                        *pipeline = Arc::default();
                    }
                    return self.run_blocking(command, request, patience).await;
                }
                Err(refusal) => {
                    let reply = refusal.into();
                    let time_ns = 0;
                    self.session.account_one(&Ran { command, args, reply: &reply, time_ns });
                    return Ok(reply);
                }
            }
        }
        let (outcome, time_ns) = self.session.run_timed(target, args).await;
        let reply = Reply::from(outcome);
        self.session.account_one(&Ran { command, args, reply: &reply, time_ns });
        if shown {
            monitor::show(&self.session, &args);
        }
        if reply.is_error() {
            return Ok(reply);
        }
        self.session.adopt(command, &reply);
        let follow = command.follow.and_then(|follow| (follow.request)(&args, &reply));
        let Some(request) = follow else { return Ok(reply) };
        if index + 1 == pipeline.len() {
            *pipeline = Arc::default();
        }
        Ok(self.run_following(request).await?.unwrap_or(reply))
    }
}
