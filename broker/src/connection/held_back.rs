//! Requests that wait until clients are no longer paused.

use std::io;
use std::pin::pin;
use std::sync::atomic::Ordering;

use clawlink_actors::command::Flags;
use clawlink_actors::{Args, Refusal};

use super::Connection;
use super::blocking::End;
use crate::commands::{self, EdgeRun};
use crate::scripts;
use crate::session::{Session, Target};

impl Connection {
    /// Waits while clients are paused, if that concerns this request: it has been found to be in order, and nothing of it
    /// has happened. Replies before it are sent, and who is held back can leave, or be told to.
    ///
    /// # Errors
    /// `Some` refusal when the broker stops meanwhile.
    pub(super) async fn hold_back(
        &mut self,
        target: &Target,
        args: &Args<'_>,
    ) -> io::Result<Option<Refusal>> {
        let shared = self.session.shared.clone();
        if !shared.pause.is_on() || commands::passes_pause(target.command()) {
            return Ok(None);
        }
        let writes = may_write(&self.session, target, args);
        if !shared.pause.holds(writes) {
            return Ok(None);
        }
        self.send()?;
        let client = self.session.client.clone();
        client.held_back.store(true, Ordering::Relaxed);
        shared.stats.blocked.fetch_add(1, Ordering::Relaxed);
        let ended = self.until_released(writes).await;
        shared.stats.blocked.fetch_sub(1, Ordering::Relaxed);
        client.held_back.store(false, Ordering::Relaxed);
        ended
    }

    async fn until_released(&mut self, writes: bool) -> io::Result<Option<Refusal>> {
        let shared = self.session.shared.clone();
        let mut released = pin!(shared.pause.pass(writes));
        loop {
            tokio::select! {
                biased;
                () = &mut released => return Ok(None),
                event = self.event() => {
                    if let Some(End::Refused(refusal)) = self.while_blocked(&event?)? {
                        return Ok(Some(refusal));
                    }
                }
            }
        }
    }
}

/// Whether a request may change something, or tell others: what a pause of writes asks.
pub(super) fn may_write(session: &Session, target: &Target, args: &Args<'_>) -> bool {
    if let Target::Edge(edge) = target
        && let EdgeRun::Script(form) = edge.run
    {
        return scripts::may_write(session, args, form);
    }
    let command = target.command();
    let flags = command.flags;
    flags.has(Flags::WRITE)
        || flags.has(Flags::MAY_REPLICATE)
        || command.name == "exec" && session.transaction.writes()
}
