//! Plain keys: everything a Redis client keeps for itself.

mod commands;
mod database;
mod value;

pub use commands::COMMANDS;
pub use database::{Database, Entry};
pub use value::{Str, Value};

use std::sync::atomic::Ordering;

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
}

impl Default for Keyspace {
    fn default() -> Self {
        Self { databases: std::array::from_fn(|_| Database::default()) }
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
        for (db, database) in (0..).zip(&mut self.databases) {
            database.expire_due(now, EXPIRE_BATCH, |key| {
                env.directory.counters.expired_keys.fetch_add(1, Ordering::Relaxed);
                env.signals.modified(db, key);
            });
        }
    }
}
