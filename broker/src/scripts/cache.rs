//! What all connections know of scripts: those that were loaded, and the one that runs.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use ahash::AHashMap;
use clawlink_actors::Refusal;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::BUSY_MS;
use super::script::{Script, Sha, script_name};

/// The scripts. Only one runs at a time: each borrows the keyspace.
#[derive(Debug)]
pub struct Scripts {
    loaded: Mutex<AHashMap<Sha, Arc<Script>>>,
    /// How often all were forgotten: what was compiled before is forgotten with them.
    epoch: AtomicU64,
    /// After how many milliseconds a script is said to be slow; 0: never.
    pub busy_ms: AtomicU64,
    running: AtomicBool,
    /// Whether the script that runs has run for longer than `busy_ms`.
    busy: AtomicBool,
    /// Told when it has.
    rung: Notify,
    /// How many visits of scripts have been sent and are not over.
    visits: AtomicUsize,
    wrote: AtomicBool,
    killed: AtomicBool,
    /// The memory that Lua holds, in bytes.
    memory: AtomicUsize,
}

impl Default for Scripts {
    fn default() -> Self {
        Self {
            loaded: Mutex::default(),
            epoch: AtomicU64::new(0),
            busy_ms: AtomicU64::new(BUSY_MS),
            running: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            rung: Notify::new(),
            visits: AtomicUsize::new(0),
            wrote: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            memory: AtomicUsize::new(0),
        }
    }
}

impl Scripts {
    /// The script with this name.
    pub(super) fn get(&self, sha: &Sha) -> Option<Arc<Script>> {
        self.loaded.lock().get(sha).cloned()
    }

    /// Keeps a script.
    pub(super) fn insert(&self, script: Arc<Script>) {
        self.loaded.lock().entry(script.sha).or_insert(script);
    }

    /// Whether there is a script with this name, in any case.
    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        script_name(name).is_some_and(|sha| self.get(&sha).is_some())
    }

    /// Forgets all scripts.
    pub(crate) fn flush(&self) {
        self.loaded.lock().clear();
        self.epoch.fetch_add(1, Ordering::Relaxed);
    }

    /// How often all scripts were forgotten.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed)
    }

    /// How many are kept, and how many bytes they have.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let loaded = self.loaded.lock();
        (loaded.len(), loaded.values().map(|script| script.body.len() + size_of::<Script>()).sum())
    }

    /// The memory that Lua holds, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.memory.load(Ordering::Relaxed)
    }

    pub(super) fn set_memory(&self, bytes: usize) {
        self.memory.store(bytes, Ordering::Relaxed);
    }

    /// Whether a script has been running for too long: what every request asks.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// A script begins.
    pub(super) fn begin(&self) {
        self.wrote.store(false, Ordering::Relaxed);
        self.killed.store(false, Ordering::Relaxed);
        self.running.store(true, Ordering::Release);
    }

    /// It has ended.
    pub(super) fn end(&self) {
        self.running.store(false, Ordering::Release);
        self.busy.store(false, Ordering::Relaxed);
    }

    /// It has run for too long. True for the first who says so.
    pub(super) fn note_busy(&self) -> bool {
        let is_first = !self.busy.swap(true, Ordering::Relaxed);
        if is_first {
            self.rung.notify_waiters();
        }
        is_first
    }

    /// A visit of scripts is sent.
    pub(super) fn expect(&self) {
        self.visits.fetch_add(1, Ordering::Relaxed);
    }

    /// It is over.
    pub(super) fn expect_no_more(&self) {
        self.visits.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a script runs or is about to.
    pub(crate) fn is_expected(&self) -> bool {
        self.visits.load(Ordering::Relaxed) > 0
    }

    /// Waits for something that the keyspace does, unless it is behind a script that turns out to run for long: `None` then.
    pub(crate) async fn unless_busy<T>(&self, awaited: impl Future<Output = T>) -> Option<T> {
        if !self.is_expected() {
            return Some(awaited.await);
        }
        tokio::select! {
            biased;
            done = awaited => Some(done),
            () = self.until_busy() => None,
        }
    }

    /// Waits until a script has been running for too long.
    pub(crate) async fn until_busy(&self) {
        let mut rung = pin!(self.rung.notified());
        // From here on the bell is heard, so that it is not missed between the look and the wait.
        rung.as_mut().enable();
        if !self.is_busy() {
            rung.await;
        }
    }

    /// It runs a command that writes: it cannot be ended any more.
    pub(super) fn note_write(&self) {
        self.wrote.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end.
    pub(super) fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Relaxed)
    }

    /// Ends the script that runs: `SCRIPT KILL`.
    ///
    /// # Errors
    /// When there is none, and when it has written.
    pub(crate) fn kill(&self) -> Result<(), Refusal> {
        if !self.running.load(Ordering::Acquire) {
            return Err(Refusal::Fixed("NOTBUSY", "No scripts in execution right now."));
        }
        if self.wrote.load(Ordering::Relaxed) {
            return Err(Refusal::Fixed(
                "UNKILLABLE",
                "Sorry the script already executed write commands against the dataset. You can \
                 either wait the script termination or kill the server in a hard way using the \
                 SHUTDOWN NOSAVE command.",
            ));
        }
        self.killed.store(true, Ordering::Relaxed);
        Ok(())
    }
}
