//! What the functions that a script calls know of it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clawlink_actors::{Command, Outcome, Pipeline, Refusal, Reply};

use super::LOOK_AFTER_CALLS;
use super::script::Script;
use super::site::Site;
use crate::accounting::nanoseconds;
use crate::session::Target;

/// A script to be run.
#[derive(Debug)]
pub(super) struct Job {
    /// The script.
    pub script: Arc<Script>,
    /// Where its request stands: its keys and arguments begin at word 3.
    pub pipeline: Arc<Pipeline>,
    /// Which request of the pipeline it is.
    pub index: usize,
    /// How many of its words are keys. `None`: the script is only compiled.
    pub keys: Option<usize>,
    /// Whether it may write nothing.
    pub read_only: bool,
    /// Whether it may use memory when there is none left.
    pub allow_oom: bool,
}

/// What became of a script.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its answer.
    pub outcome: Outcome,
    /// How long it worked in the keyspace, in nanoseconds.
    pub time_ns: u64,
}

/// A request that a script makes.
#[derive(Debug)]
pub(super) struct Asked {
    /// What it names.
    pub target: Target,
    /// The request.
    pub request: Pipeline,
    /// The database that the script has selected.
    pub db: u8,
}

/// The script that runs, as the functions that it calls see it.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Whether replies come as RESP3 has them: `redis.setresp(3)`.
    pub resp3: Cell<bool>,
    running: RefCell<Option<Running>>,
    random: Cell<u64>,
    /// How many requests the script has made.
    calls: Cell<u32>,
}

#[derive(Debug)]
struct Running {
    site: Site,
    read_only: bool,
    allow_oom: bool,
    started: Instant,
    /// Since when it works; what was before it last left its stack is in `worked`.
    since: Instant,
    worked: Duration,
}

/// The state in which C's `drand48` begins.
const RANDOM_START: u64 = 0x1234_abcd_330e;

impl Context {
    pub(super) fn new() -> Self {
        let context = Self::default();
        context.random.set(RANDOM_START);
        context
    }

    /// Scripts are to run here, one after the other.
    pub(super) fn arrive(&self, site: Site) {
        let now = Instant::now();
        *self.running.borrow_mut() = Some(Running {
            site,
            read_only: true,
            allow_oom: false,
            started: now,
            since: now,
            worked: Duration::ZERO,
        });
    }

    /// All have ended.
    pub(super) fn leave(&self) {
        *self.running.borrow_mut() = None;
    }

    /// A script begins. `is_first`: none was before it here.
    pub(super) fn begin(&self, job: &Job, is_first: bool) {
        self.resp3.set(false);
        let mut running = self.running.borrow_mut();
        let Some(running) = running.as_mut() else { return };
        if !is_first {
            running.site.part();
            running.started = Instant::now();
            running.since = running.started;
            running.worked = Duration::ZERO;
        }
        (running.read_only, running.allow_oom) = (job.read_only, job.allow_oom);
        running.site.begin(job);
    }

    /// It has ended. Answers how long it worked, in nanoseconds.
    pub(super) fn end(&self) -> u64 {
        let mut running = self.running.borrow_mut();
        let Some(running) = running.as_mut() else { return 0 };
        running.site.end();
        nanoseconds(running.worked + running.since.elapsed())
    }

    /// Others work until this ends.
    pub(super) fn pause<T>(&self, others: impl FnOnce() -> T) -> T {
        self.clock(|running| running.worked += running.since.elapsed());
        let result = others();
        self.clock(|running| running.since = Instant::now());
        result
    }

    fn clock(&self, set: impl FnOnce(&mut Running)) {
        if let Some(running) = self.running.borrow_mut().as_mut() {
            set(running);
        }
    }

    /// Runs a request at once if the keyspace can.
    pub(super) fn run(&self, asked: Asked) -> Result<Reply, Asked> {
        match self.running.borrow().as_ref() {
            Some(running) => running.site.run(asked),
            None => Err(asked),
        }
    }

    /// The database that the script has selected.
    pub(super) fn db(&self) -> u8 {
        self.running.borrow().as_ref().map_or(0, |running| running.site.db())
    }

    /// The script has selected a database.
    pub(super) fn select(&self, db: u8) {
        self.clock(|running| running.site.select(db));
    }

    /// Refuses a request that this script may not make, in Redis's order.
    pub(super) fn check(&self, writes: bool, replicates: bool, grows: bool) -> Result<(), Refusal> {
        let running = self.running.borrow();
        let Some(running) = running.as_ref() else { return Err(Refusal::Internal) };
        if (writes || replicates) && running.read_only {
            let text = "Write commands are not allowed from read-only scripts.";
            return Err(Refusal::Fixed("ERR", text));
        }
        if grows && !running.allow_oom && running.site.shared.memory.is_full() {
            return Err(Refusal::OutOfMemory);
        }
        if writes {
            running.site.shared.scripts.note_write();
        }
        Ok(())
    }

    /// A request of the script is refused before it runs.
    pub(super) fn note_rejected(&self, command: Option<&'static Command>, refusal: &Refusal) {
        if let Some(running) = self.running.borrow().as_ref() {
            running.site.shared.account_rejected(command, refusal);
        }
    }

    /// The script makes a request. True from time to time, when it has run for long and others should have a turn:
    /// requests take longer than the instructions by which Lua counts time.
    pub(super) fn is_turn_of_others(&self) -> bool {
        let calls = self.calls.get().wrapping_add(1);
        self.calls.set(calls);
        calls.is_multiple_of(LOOK_AFTER_CALLS) && self.is_late()
    }

    /// Whether the script has run for longer than it should.
    pub(super) fn is_late(&self) -> bool {
        let running = self.running.borrow();
        let Some(running) = running.as_ref() else { return false };
        let scripts = &running.site.shared.scripts;
        if scripts.is_busy() {
            return true;
        }
        let ms = scripts.busy_ms.load(Ordering::Relaxed);
        let late = ms > 0 && running.started.elapsed() >= Duration::from_millis(ms);
        if late && scripts.note_busy() {
            tracing::warn!(
                ms,
                "a script has been running for long; it can be ended with SCRIPT KILL"
            );
        }
        late
    }

    /// Whether the script is to end.
    pub(super) fn is_killed(&self) -> bool {
        self.running
            .borrow()
            .as_ref()
            .is_some_and(|running| running.site.shared.scripts.is_killed())
    }

    /// The next random number, 31 bits: C's `lrand48`.
    pub(super) fn random(&self) -> u64 {
        let next =
            self.random.get().wrapping_mul(0x5_deec_e66d).wrapping_add(0xb) & ((1 << 48) - 1);
        self.random.set(next);
        next >> 17
    }

    /// Begins another row of random numbers: C's `srand48`.
    pub(super) fn seed(&self, seed: i32) {
        self.random.set((u64::from(seed.cast_unsigned()) << 16) | 0x330e);
    }
}
