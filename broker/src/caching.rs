//! The copies that a client keeps of what it reads (`CLIENT TRACKING`), as its own connection sees them.

use std::sync::Arc;

use clawlink_actors::command::Command;
use clawlink_actors::tracking::{Mode, Tracker};

use crate::session::Session;

/// What a connection has said of the copies that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Caching {
    /// How it is told of changes, if it is.
    pub tracker: Option<Arc<Tracker>>,
    /// Whether `CLIENT CACHING` was said of the next command, or of the transaction.
    pub is_said: bool,
}

impl Caching {
    /// Whether the connection is told of keys that it has read: what its own requests change among them is shown behind the
    /// reply to each, so they are not run together.
    pub(crate) fn hears_itself(&self) -> bool {
        self.tracker.as_ref().is_some_and(|tracker| tracker.mode.remembers_reads())
    }

    /// Whether what the next command reads is remembered.
    fn remembers(&self) -> bool {
        match self.tracker.as_ref().map(|tracker| &tracker.mode) {
            Some(Mode::Reads) => true,
            Some(Mode::ChosenReads) => self.is_said,
            Some(Mode::OtherReads) => !self.is_said,
            Some(Mode::Prefixes(_)) | None => false,
        }
    }
}

impl Session {
    /// From now on the connection is told of changes as this says.
    pub(crate) fn start_tracking(&mut self, tracker: Tracker) {
        let tracker = Arc::new(tracker);
        self.shared.directory.tracking.start(tracker.clone());
        self.caching.tracker = Some(tracker);
        self.caller.tracks = self.caching.remembers();
    }

    /// From now on it is told of none.
    pub(crate) fn stop_tracking(&mut self) {
        if self.caching.tracker.take().is_some() {
            self.shared.directory.tracking.stop(self.client.id);
        }
        self.say_caching(false);
    }

    /// `CLIENT CACHING`, or that what it said is over.
    pub(crate) fn say_caching(&mut self, said: bool) {
        self.caching.is_said = said;
        self.caller.tracks = self.caching.remembers();
    }

    /// A command has been answered: what was said of it is over, unless it began a transaction. As in Redis, commands
    /// about connections do not count.
    pub(crate) fn end_caching(&mut self, command: Option<&Command>) {
        let counts = command.is_none_or(|command| !command.name.starts_with("client|"));
        if self.caching.is_said && counts && !self.transaction.is_open() {
            self.say_caching(false);
        }
    }
}
