//! Requests that run one by one: they are refused, queued, blocked, span owners, or are about the connection itself.

use std::io;
use std::sync::Arc;

use clawlink_actors::command::{Command, Flags};
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Pipeline, Refusal, Reply};

use super::held_back::may_write;
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
        let target = self.session.target(pipeline, index);
        let named = match &target {
            Ok(target) => Some(target.command()),
            Err(Refusal::WrongArity(_)) => self.session.container(&args),
            Err(_) => None,
        };
        self.show_request(named, pipeline, index);
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
                self.hold_back(target, &args).await?;
                if self.session.transaction.is_open() && !commands::during_transaction(command) {
                    self.queue(target, pipeline, index)
                } else {
                    self.run_now(target, pipeline, index).await?
                }
            }
        };
        self.session.hear_of_keys().await;
        self.answer([reply], named.is_some_and(is_whole));
        self.session.end_caching(named);
        Ok(())
    }

    /// Shows in `CLIENT LIST` what the connection has sent last, how large that is, and what its buffers hold. What is not
    /// known is shown as what nobody has sent.
    fn show_request(
        &mut self,
        command: Option<&'static Command>,
        pipeline: &Pipeline,
        index: usize,
    ) {
        self.session.show_command(command);
        let sizes = &self.session.client.sizes;
        self.buffers.show(pipeline.bytes(), sizes);
        sizes.words.set(pipeline.request(index).words().map(<[u8]>::len).sum());
    }

    /// Runs a request that waits for nobody: it is queued, or about the connection itself. False, and nothing has happened,
    /// if it may have to wait, or is refused.
    pub(super) fn run_at_once(&mut self, pipeline: &Pipeline, index: usize) -> bool {
        // Who listens is told of keys together with the reply.
        if self.session.hears_of_keys() || self.session.shared.pause.is_on() {
            return false;
        }
        let Ok(target) = self.session.target(pipeline, index) else { return false };
        let command = target.command();
        let queued = self.session.transaction.is_open() && !commands::during_transaction(command);
        let run = match target {
            Target::Edge(edge) if self.session.is_plain() => edge.at_once(),
            _ => None,
        };
        let args = pipeline.request(index);
        if !queued && run.is_none() || self.session.refuse(command, &args).is_err() {
            return false;
        }
        let reply = match run {
            Some(run) if !queued => {
                self.show_request(Some(command), pipeline, index);
                self.session.now = now_ms();
                self.session.run_at_once(command, run, args)
            }
            _ => {
                // An owner's command is shown with the last of the pipeline.
                if pipeline.command(index).is_none() {
                    self.session.show_command(Some(command));
                }
                self.queue(target, pipeline, index)
            }
        };
        self.answer([reply], is_whole(command));
        self.session.end_caching(Some(command));
        true
    }

    /// Queues a request of a transaction. It counts when it runs.
    fn queue(&mut self, target: Target, pipeline: &Pipeline, index: usize) -> Reply {
        let command = target.command();
        let outcome = if command.flags.has(Flags::NO_MULTI) {
            self.session.transaction.refuse();
            Err(Refusal::Fixed("ERR", "Command not allowed inside a transaction"))
        } else {
            let args = pipeline.request(index);
            let writes = may_write(&self.session, target, &args);
            self.session.transaction.queue(command, pipeline.command(index), &args, writes)
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
                    // Boxed, as below: most requests that run alone do not block, and would carry room for it.
                    return Box::pin(self.run_blocking(command, request, patience)).await;
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
        Ok(Box::pin(self.run_following(request)).await?.unwrap_or(reply))
    }
}

/// Whether the reply is that of a transaction or a script, which Redis would interrupt.
fn is_whole(command: &Command) -> bool {
    matches!(command.group, "transactions" | "scripting")
}
