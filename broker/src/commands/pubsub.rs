//! Subscribing: what a connection listens to. Publishing is the topics' own.

use clawlink_actors::{Args, Outcome};

use super::EdgeCommand;
use crate::session::Session;

/// The family.
pub(super) static COMMANDS: &[&EdgeCommand] = &[];

impl Session {
    /// Ends everything that others hold for this connection: subscriptions, watches, the monitor.
    pub(crate) fn leave_everything(&mut self) {
        self.transaction = Default::default();
        self.shared.monitors.remove(self.client.id);
    }
}

#[expect(dead_code)]
fn subscribe(_session: &mut Session, _args: &mut Args<'_>) -> Outcome {
    Ok(clawlink_actors::Reply::Silence)
}
