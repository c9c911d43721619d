//! Plain keys: everything a Redis client keeps for itself.

mod commands;
mod database;
mod deadlines;
mod hash;
mod string;
mod value;

pub use commands::{AWAITED, CENSUS, COMMANDS, move_ends};
pub use database::{Database, Entry};
pub use deadlines::Expiry;
pub use hash::{Content, FieldList, Hash};
pub use string::{STRING_BYTES_MAX, Str};
pub use value::{Container, Value};

use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;

use crate::Refusal;
use crate::call::{Call, Env};
use crate::command::{Run, Runs};
use crate::key_events::{Event, events};
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
        let found = self.db(call).peek(key, call.now);
        if let Some(entry) = found.filter(|_| !call.caller.no_touch) {
            entry.touch(call.now);
        }
        count(call, key, found.is_some());
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
        self.announce_new(call, key, events::NEW);
        T::of_mut(self.db(call).get_or_insert(key, call.now, T::fresh))
    }

    /// As [`read`](Self::read), for a command that asks about the key and does not use it.
    pub fn peek(&mut self, call: &Call<'_>, key: &[u8]) -> Option<&Entry> {
        let found = self.db(call).peek(key, call.now);
        count(call, key, found.is_some());
        found
    }

    /// As [`peek`](Self::peek), for a command that asks how the key is kept: nobody is told that it is not there.
    pub fn inspect(&mut self, call: &Call<'_>, key: &[u8]) -> Option<&Entry> {
        let found = self.db(call).peek(key, call.now);
        count_silently(call, found.is_some());
        found
    }

    /// Puts the result of a command in the place of whatever a key holds; an empty one leaves nothing there. The events
    /// are told of the one and of the other.
    pub fn replace(
        &mut self,
        call: &mut Call<'_>,
        key: &[u8],
        value: Option<Value>,
        [stored, removed]: [Event; 2],
    ) {
        let event = match value {
            Some(value) => {
                self.announce_new(call, key, events::NEW);
                self.db(call).set(key, value, call.now);
                Some(stored)
            }
            None => self.db(call).take(key, call.now).map(|_| removed),
        };
        if let Some(event) = event {
            call.changed(event, key);
        }
    }

    /// Removes a key whose elements are all gone. False if some are there.
    pub fn remove_if_empty(&mut self, call: &Call<'_>, key: &[u8]) -> bool {
        let database = self.db(call);
        let empty = database.peek(key, call.now).is_some_and(|entry| entry.value.is_empty());
        if empty {
            database.remove(key);
        }
        empty
    }

    /// Tells that a key is about to come into being, if it is not there.
    pub fn announce_new(&mut self, call: &Call<'_>, key: &[u8], event: Event) {
        if call.env.directory.told_events().has(event.class)
            && !self.db(call).contains(key, call.now)
        {
            call.happened(event, key);
        }
    }

    /// Removes keys of a database that have expired, as many as fit into a turn.
    pub fn expire_due(&mut self, db: u8, now: u64, env: &mut Env) {
        self.database(db).expire_due(now, EXPIRE_BATCH, |key| {
            note_expired(db, key, env);
        });
    }

    /// Removes those keys of a command that have expired and were not removed yet.
    #[cold]
    fn expire_named(&mut self, call: &mut Call<'_>) {
        for index in call.command.keys.range(&call.args) {
            self.expire_met(call.word(index), call);
        }
    }

    /// Removes a key that a command has come upon, if it has expired.
    pub fn expire_met(&mut self, key: &[u8], call: &mut Call<'_>) {
        let db = call.db();
        if self.database(db).remove_expired(key, call.now) {
            note_expired(db, key, call.env);
        }
    }

    /// A number that differs at every call, to pick something at random with.
    pub fn random(&mut self) -> u64 {
        self.picks = self.picks.wrapping_add(1);
        self.dice.hash_one(self.picks)
    }
}

/// A key has expired and was removed.
fn note_expired(db: u8, key: &[u8], env: &mut Env) {
    env.directory.counters.expired_keys.fetch_add(1, Ordering::Relaxed);
    env.signals.expired(db, key);
    env.directory.happened(db, events::EXPIRED, key);
}

/// Counts a lookup, and tells of a key that is not there. Only the keyspace writes these counters, so no locked
/// instruction is needed.
fn count(call: &Call<'_>, key: &[u8], hit: bool) {
    if !hit {
        call.happened(events::KEYMISS, key);
    }
    count_silently(call, hit);
}

fn count_silently(call: &Call<'_>, hit: bool) {
    let counters = &call.env.directory.counters;
    let counter: &AtomicU64 = if hit { &counters.keyspace_hits } else { &counters.keyspace_misses };
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

impl State for Keyspace {
    type Notice = ();

    fn run(runs: &Runs) -> Option<Run<Self>> {
        runs.keyspace
    }

    fn prepare(&mut self, call: &mut Call<'_>) {
        if self.db(call).deadline().is_some_and(|at| at <= call.now) {
            self.expire_named(call);
        }
    }

    fn notice(&mut self, (): (), _now: u64, _env: &mut Env) {}

    fn deadline(&self) -> Option<u64> {
        self.databases.iter().filter_map(Database::deadline).min()
    }

    fn tick(&mut self, now: u64, env: &mut Env) {
        (0..DATABASES as u8).for_each(|db| self.expire_due(db, now, env));
    }
}
