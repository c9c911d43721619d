//! Where scripts run: the keyspace, and on whose behalf.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use clawlink_actors::command::{Flags, Route};
use clawlink_actors::owner::Host;
use clawlink_actors::{Caller, Pipeline, Place, Reply};

use super::context::{Asked, Job};
use crate::accounting::{Ran, nanoseconds};
use crate::monitor;
use crate::router::direct_place;
use crate::session::Target;
use crate::shared::Shared;

/// The keyspace as scripts see it. Their requests run in it on the scripts' own stack: leaving that for each would cost
/// more than most requests do, for the processor foresees no return on a stack that it has not come by.
#[derive(Debug)]
pub(super) struct Site {
    /// What all connections share.
    pub shared: Arc<Shared>,
    host: Rc<dyn Host>,
    caller: Caller,
    /// The database in which each script begins.
    db: u8,
    now: u64,
    /// Whether the client keeps copies of what is read.
    tracks: bool,
    /// The keys of the script that runs, if it does.
    tracked: Option<Tracked>,
}

/// The keys of a script whose client keeps copies of what is read.
#[derive(Debug)]
struct Tracked {
    pipeline: Arc<Pipeline>,
    index: usize,
    keys: usize,
}

impl Tracked {
    fn remember(&self, host: &dyn Host, client: u64) {
        let args = self.pipeline.request(self.index);
        let keys = (3..3 + self.keys).map(|at| args.word(at));
        for key in keys.filter(|key| Place::of_key(key) == Place::Keyspace) {
            host.remember(key, client);
        }
    }
}

impl Site {
    pub(super) fn new(
        host: Rc<dyn Host>,
        shared: Arc<Shared>,
        mut caller: Caller,
        now: u64,
    ) -> Self {
        let (db, tracks) = (caller.db, std::mem::take(&mut caller.tracks));
        Self { shared, host, caller, db, now, tracks, tracked: None }
    }

    /// A script begins.
    pub(super) fn begin(&mut self, job: &Job) {
        self.caller.db = self.db;
        let keys = job.keys.filter(|_| self.tracks);
        self.tracked =
            keys.map(|keys| Tracked { pipeline: job.pipeline.clone(), index: job.index, keys });
        self.shared.scripts.begin();
    }

    /// It has ended.
    pub(super) fn end(&self) {
        self.shared.scripts.end();
    }

    /// Lets everybody know of what the last script has changed, before the next begins. After the last one the owner
    /// does it.
    pub(super) fn part(&self) {
        self.host.finish(self.now);
    }

    /// The database that the script has selected.
    pub(super) fn db(&self) -> u8 {
        self.caller.db
    }

    /// The script has selected a database.
    pub(super) fn select(&mut self, db: u8) {
        self.caller.db = db;
    }

    /// Runs a request at once if the keyspace can.
    pub(super) fn run(&self, asked: Asked) -> Result<Reply, Asked> {
        let Target::Owner(command) = asked.target else { return Err(asked) };
        let args = asked.request.request(0);
        // What is about all keys is about the plain ones here: other owners are not lent.
        if command.route != Route::Everywhere
            && direct_place(command, &args) != Some(Place::Keyspace)
        {
            return Err(asked);
        }
        let started = Instant::now();
        let reply = self.host.run(&asked.request, &self.caller, self.now);
        // As in Redis, a script that reads anything keeps copies of all its keys.
        if let Some(tracked) = &self.tracked
            && command.flags.has(Flags::READONLY)
        {
            tracked.remember(&*self.host, self.caller.client);
        }
        let time_ns = nanoseconds(started.elapsed());
        self.shared.account(None, &Ran { command, args, reply: &reply, time_ns });
        if self.shared.monitors.any() {
            monitor::show_script(&self.shared, self.caller.db, &args);
        }
        Ok(reply)
    }
}
