//! Who has reserved which file, and until when.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collections::{Dict, glob};

/// Locks at a time (10 000): anybody may lock any key, whether there is a file or not.
pub const LOCKS_MAX: usize = 10_000;

/// Milliseconds for which a lock is held unless its holder says otherwise (300 s: the time of an edit, not of a task).
pub const LOCK_MS: u64 = 300_000;

/// The longest lock in milliseconds (a day): who needs it longer is alive to renew it.
pub const LOCK_MS_MAX: u64 = 86_400_000;

/// A reservation. Its holder alone changes the file; everybody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The agent who holds it.
    pub holder: Arc<str>,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// From when on it is void, in milliseconds since 1970.
    pub until: u64,
}

impl Lock {
    /// Seconds for which it is still held, rounded up.
    pub fn seconds_left(&self, now: u64) -> u64 {
        self.until.saturating_sub(now).div_ceil(1000)
    }
}

/// Why there is no lock for the asker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotLocked {
    /// Somebody else holds it.
    Held(Lock),
    /// There are [`LOCKS_MAX`].
    TooMany,
}

/// All locks. One that has lapsed counts as free at once, and is removed at the next [`Locks::lapse`].
#[derive(Debug, Default)]
pub struct Locks {
    locks: Dict<Lock>,
    ends: BTreeSet<(u64, Box<[u8]>)>,
}

impl Locks {
    /// The lock on a key that is held now.
    pub fn get(&self, key: &[u8], now: u64) -> Option<&Lock> {
        self.locks.get(key).filter(|lock| now < lock.until)
    }

    /// The lock that keeps this agent from changing the file.
    pub fn against(&self, key: &[u8], agent: &str, now: u64) -> Option<&Lock> {
        if self.ends.is_empty() {
            return None;
        }
        self.get(key, now).filter(|lock| *lock.holder != *agent)
    }

    /// Locks a key for some milliseconds, or renews the lock of the same holder.
    ///
    /// # Errors
    /// [`NotLocked`].
    pub fn lock(
        &mut self,
        key: &[u8],
        holder: Arc<str>,
        ms: u64,
        now: u64,
    ) -> Result<Lock, NotLocked> {
        if let Some(held) = self.against(key, &holder, now) {
            return Err(NotLocked::Held(held.clone()));
        }
        let since = self.get(key, now).map_or(now, |renewed| renewed.since);
        self.remove(key);
        if self.ends.len() >= LOCKS_MAX {
            return Err(NotLocked::TooMany);
        }
        let lock = Lock { holder, since, until: now.saturating_add(ms) };
        self.ends.insert((lock.until, key.into()));
        self.locks.insert(key, lock.clone());
        Ok(lock)
    }

    /// Frees a key. Says what lock was held on it.
    ///
    /// # Errors
    /// The lock, if somebody else holds it.
    pub fn unlock(&mut self, key: &[u8], agent: &str, now: u64) -> Result<Option<Lock>, Lock> {
        match self.against(key, agent, now) {
            Some(held) => Err(held.clone()),
            None => Ok(self.remove(key).filter(|lock| now < lock.until)),
        }
    }

    /// The locks that are held on keys that match a pattern (all without one), in order of key.
    pub fn list(&self, pattern: Option<&[u8]>, now: u64) -> Vec<(&[u8], &Lock)> {
        let named = |key: &[u8]| pattern.is_none_or(|pattern| glob::matches(pattern, key));
        let held = self.locks.iter().filter(|(key, lock)| now < lock.until && named(key));
        let mut listed: Vec<_> = held.collect();
        listed.sort_unstable_by_key(|(key, _)| *key);
        listed
    }

    /// When the next lock lapses.
    pub fn deadline(&self) -> Option<u64> {
        self.ends.first().map(|(until, _)| *until)
    }

    /// Removes one lock that has lapsed, if one has.
    pub fn lapse(&mut self, now: u64) -> Option<(Box<[u8]>, Lock)> {
        self.ends.first().filter(|(until, _)| *until <= now)?;
        let (_, key) = self.ends.pop_first()?;
        let lock = self.locks.remove(&key)?;
        Some((key, lock))
    }

    fn remove(&mut self, key: &[u8]) -> Option<Lock> {
        let lock = self.locks.remove(key)?;
        self.ends.remove(&(lock.until, key.into()));
        Some(lock)
    }
}
