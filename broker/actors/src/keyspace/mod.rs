//! Plain keys: everything a Redis client keeps for itself.

mod commands;
mod database;
mod deadlines;
mod hash;
mod string;
mod value;

pub use commands::{CENSUS, COMMANDS, move_ends};
pub use database::{Database, Entry};
pub use deadlines::Expiry;
pub use hash::{Content, Hash};
pub use string::{STRING_BYTES_MAX, Str};
pub use value::{Container, Value};

use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;

use crate::Refusal;
use crate::call::{Call, Env};
use crate::command::{Run, Runs};
use crate::owner::State;

/// The number of databases: `SELECT 0` to `SELECT 15`, Redis's default.
pub const DATABASES: usize = 16;

/// How many expired keys are removed before other requests get their turn.
const EXPIRE_BATCH: usize = 1_000;

/// All plain keys.
#[derive(Debug)]
pub struct Keyspace {
    databases: [Database; DATABASES],
    dice: RandomState,
    picks: u64,
}

impl Default for Keyspace {
    fn default() -> Self {
        let databases = std::array::from_fn(|_| Database::default());
        Self { databases, dice: RandomState::new(), picks: 0 }
    }
}

impl Keyspace {
    /// The database that a call's connection has selected.
    pub fn db(&mut self, call: &Call<'_>) -> &mut Database {
        self.database(call.db())
    }

    /// A database by its number; numbers come from sessions, which keep them below [`DATABASES`].
    pub fn database(&mut self, index: u8) -> &mut Database {
        &mut self.databases[usize::from(index) % DATABASES]
    }

    /// All databases.
    pub fn databases(&mut self) -> &mut [Database; DATABASES] {
        &mut self.databases
    }

    /// The entry of a key, for a command that reads it: counts a hit or a miss and notes that the key was used.
    pub fn read(&mut self, call: &Call<'_>, key: &[u8]) -> Option<&Entry> {
        let found = self.db(call).get(key, call.now);
        count(call, found.is_some());
        found
    }

    /// What a key holds, for a command that reads values of this type, as [`read`](Self::read) does.
    ///
    /// # Errors
    /// [`Refusal::WrongType`]
    pub fn find<T: Container>(
        &mut self,
        call: &Call<'_>,
        key: &[u8],
    ) -> Result<Option<&T>, Refusal> {
        self.read(call, key).map(|entry| T::of(&entry.value)).transpose()
    }

    /// What a key holds, for a command that changes values of this type.
    ///
    /// # Errors
    /// [`Refusal::WrongType`]
    pub fn find_mut<T: Container>(
        &mut self,
        call: &Call<'_>,
        key: &[u8],
    ) -> Result<Option<&mut T>, Refusal> {
        self.db(call).get_mut(key, call.now).map(T::of_mut).transpose()
    }

    /// What a key holds, made if it is not there. Whoever asks for it adds an element: no key stays empty, but a stream's.
    ///
    /// # Errors
    /// [`Refusal::WrongType`]
    pub fn open<T: Container>(&mut self, call: &Call<'_>, key: &[u8]) -> Result<&mut T, Refusal> {
        T::of_mut(self.db(call).get_or_insert(key, call.now, T::fresh))
    }

    /// As [`read`](Self::read), for a command that asks about the key and does not use it.
    pub fn peek(&mut self, call: &Call<'_>, key: &[u8]) -> Option<&Entry> {
        let found = self.db(call).peek(key, call.now);
        count(call, found.is_some());
        found
    }

    /// Puts the result of a command in the place of whatever a key holds; an empty one leaves nothing there.
    pub fn replace(&mut self, call: &mut Call<'_>, key: &[u8], value: Option<Value>) {
        let database = self.db(call);
        let changed = match value {
            Some(value) => {
                database.set(key, value, call.now);
                true
            }
            None => database.take(key, call.now).is_some(),
        };
        if changed {
            call.modified(key);
        }
    }

    /// Removes a key whose elements are all gone.
    pub fn remove_if_empty(&mut self, call: &Call<'_>, key: &[u8]) {
        let database = self.db(call);
        if database.peek(key, call.now).is_some_and(|entry| entry.value.is_empty()) {
            database.remove(key);
        }
    }

    /// Removes keys of a database that have expired, as many as fit into a turn.
    pub fn expire_due(&mut self, db: u8, now: u64, env: &mut Env) {
        self.database(db).expire_due(now, EXPIRE_BATCH, |key| {
            env.directory.counters.expired_keys.fetch_add(1, Ordering::Relaxed);
            env.signals.modified(db, key);
        });
    }

    /// A number that differs at every call, to pick something at random with.
    pub fn random(&mut self) -> u64 {
        self.picks = self.picks.wrapping_add(1);
        self.dice.hash_one(self.picks)
    }
}

/// Counts a lookup. Only the keyspace writes these counters, so no locked instruction is needed.
fn count(call: &Call<'_>, hit: bool) {
    let counters = &call.env.directory.counters;
    let counter: &AtomicU64 = if hit { &counters.keyspace_hits } else { &counters.keyspace_misses };
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

impl State for Keyspace {
    type Notice = ();

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.keyspace
    }

    fn notice(&mut self, (): (), _now: u64, _env: &mut Env) {}

    fn deadline(&self) -> Option<u64> {
        self.databases.iter().filter_map(Database::deadline).min()
    }

    fn tick(&mut self, now: u64, env: &mut Env) {
        (0..DATABASES as u8).for_each(|db| self.expire_due(db, now, env));
    }
}
