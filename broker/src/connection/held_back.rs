//! Requests that wait until clients are no longer paused.

use std::io;
use std::pin::pin;
use std::sync::atomic::Ordering;

use clawlink_actors::Args;
use clawlink_actors::owner::now_ms;

use super::{Connection, Turn};
use crate::commands::{EdgeCommand, EdgeRun};
use crate::scripts;
use crate::session::{Session, Target};

impl Connection {
    /// Waits while clients are paused, if the pause is about this request: it is in order, and nothing of it has happened.
    /// What was answered before it is sent.
    ///
    /// # Errors
    /// The client has left meanwhile, or is to leave.
    pub(super) async fn hold_back(&mut self, target: Target, args: &Args<'_>) -> Turn {
        let shared = self.session.shared.clone();
        if !shared.pause.is_on() {
            return Ok(());
        }
        let writes = may_write(&self.session, target, args);
        if !shared.pause.holds(writes) {
            return Ok(());
        }
        self.send()?;
        let client = self.session.client.clone();
        client.held_back.store(true, Ordering::Relaxed);
        shared.stats.blocked.fetch_add(1, Ordering::Relaxed);
        let ended = self.until_released(writes).await;
        shared.stats.blocked.fetch_sub(1, Ordering::Relaxed);
        client.held_back.store(false, Ordering::Relaxed);
        self.session.now = now_ms();
        ended
    }

    async fn until_released(&mut self, writes: bool) -> Turn {
        let shared = self.session.shared.clone();
        let mut released = pin!(shared.pause.pass(writes));
        loop {
            tokio::select! {
                biased;
                () = &mut released => return Ok(()),
                event = self.event() => {
                    if self.while_blocked(&event?)?.is_some() {
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    }
                }
            }
        }
    }
}

/// Whether a request may write something, or send it to others: by itself, or as the end of a transaction.
pub(super) fn may_write(session: &Session, target: Target, args: &Args<'_>) -> bool {
    match target {
        Target::Edge(EdgeCommand { run: EdgeRun::Script(form), .. }) => {
            scripts::may_write(session, args, *form)
        }
        _ => session.transaction.may_write(target.command()),
    }
}
