//! One database: keys, their values, and when they expire.

use std::cell::Cell;
use std::num::NonZeroU64;

use super::Value;
use super::deadlines::{Deadlines, Expiry};
use crate::collections::Dict;

/// A key's value and its expiry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it holds.
    pub value: Value,
    /// When it expires, in milliseconds since 1970. Change it with [`Database::expire`].
    pub expires: Expiry,
    /// When it was last used, in seconds since 1970. Readers set it too, hence the cell.
    used_s: Cell<u32>,
}

impl Entry {
    /// An entry that is used for the first time now.
    pub fn new(value: Value, expires: Expiry, now: u64) -> Self {
        Self { value, expires, used_s: Cell::new(seconds(now)) }
    }

    /// For how many seconds nobody has used it.
    pub fn idle_s(&self, now: u64) -> u32 {
        seconds(now).saturating_sub(self.used_s.get())
    }

    /// Notes that it is used now.
    pub fn touch(&self, now: u64) {
        self.used_s.set(seconds(now));
    }

    /// Makes it look as if nobody had used it for so many seconds. Redis's clock of this has 24 bits: what is longer
    /// ago than it reaches back is taken for less long.
    pub fn set_idle(&self, idle_s: u64, now: u64) {
        const CLOCK_MAX: i64 = (1 << 24) - 1;
        let clock = i64::from(seconds(now)) & CLOCK_MAX;
        let used = clock.wrapping_sub_unsigned(idle_s);
        let used = if used < 0 { used.wrapping_add(CLOCK_MAX) } else { used } & CLOCK_MAX;
        let idle_s = if used > clock { clock + CLOCK_MAX - used } else { clock - used };
        self.used_s.set(seconds(now).saturating_sub(idle_s as u32));
    }

    fn is_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|at| at.get() < now)
    }
}

/// Whole seconds since 1970: they fit until the year 2106.
fn seconds(now_ms: u64) -> u32 {
    u32::try_from(now_ms / 1000).unwrap_or(u32::MAX)
}

/// One of the sixteen databases. A key that has expired is gone for every reader at once (lazy expiry); the keyspace
/// also removes expired keys by itself as their time comes (active expiry), which [`Database::deadline`] drives.
/// Nothing else removes them, so that everyone who watches one hears of it.
#[derive(Debug, Default)]
pub struct Database {
    entries: Dict<Entry>,
    deadlines: Deadlines,
}

impl Database {
    /// The number of keys, those counted that have expired and were not removed yet.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of a key that is there and has not expired.
    pub fn peek(&self, key: &[u8], now: u64) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| !entry.is_expired(now))
    }

    /// Whether a key is there and has not expired.
    pub fn contains(&self, key: &[u8], now: u64) -> bool {
        self.peek(key, now).is_some()
    }

    /// The value of a key that is there and has not expired, to be changed in place.
    pub fn get_mut(&mut self, key: &[u8], now: u64) -> Option<&mut Value> {
        let entry = self.entries.get_mut(key).filter(|entry| !entry.is_expired(now))?;
        entry.touch(now);
        Some(&mut entry.value)
    }

    /// The value of a key, made by `make` if it is not there.
    pub fn get_or_insert(
        &mut self,
        key: &[u8],
        now: u64,
        make: impl FnOnce() -> Value,
    ) -> &mut Value {
        if !self.deadlines.is_empty() && self.entries.get(key).is_some_and(|e| e.is_expired(now)) {
            self.remove(key);
        }
        let entry = self.entries.get_or_insert_with(key, || Entry::new(make(), None, now));
        entry.touch(now);
        &mut entry.value
    }

    /// Sets a key. Its former expiry is gone.
    pub fn set(&mut self, key: &[u8], value: Value, now: u64) {
        self.put(key, Entry::new(value, None, now));
    }

    /// Sets a key, its expiry included.
    pub fn put(&mut self, key: &[u8], entry: Entry) {
        let new = entry.expires;
        let old = self.entries.insert(key, entry).and_then(|old| old.expires);
        self.note(key, old, new);
    }

    /// Sets or ends a key's expiry. Does nothing if the key is not there.
    pub fn expire(&mut self, key: &[u8], at: Expiry) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let old = std::mem::replace(&mut entry.expires, at);
        self.note(key, old, at);
    }

    /// Removes a key and returns its entry, whether or not it has expired.
    pub fn remove(&mut self, key: &[u8]) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.note(key, entry.expires, None);
        Some(entry)
    }

    /// Removes a key. `None`: it is not there, or it has expired.
    pub fn take(&mut self, key: &[u8], now: u64) -> Option<Entry> {
        if self.contains(key, now) { self.remove(key) } else { None }
    }

    /// Removes a key that has expired. False if there is none, or it lives.
    pub fn remove_expired(&mut self, key: &[u8], now: u64) -> bool {
        let expired = self.entries.get(key).is_some_and(|entry| entry.is_expired(now));
        if expired {
            self.remove(key);
        }
        expired
    }

    /// Removes all keys.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.deadlines.clear();
    }

    /// All keys, for scans and random picks, those included that have expired and were not removed yet.
    pub fn entries(&self) -> &Dict<Entry> {
        &self.entries
    }

    /// The keys that have not expired, with their entries, in order of insertion.
    pub fn live(&self, now: u64) -> impl Iterator<Item = (&[u8], &Entry)> {
        self.entries.iter().filter(move |(_, entry)| !entry.is_expired(now))
    }

    /// Visits the next `count` keys of a scan with their values, or without one if they have expired; see [`Dict::scan`].
    pub fn scan(
        &self,
        cursor: u64,
        count: usize,
        now: u64,
        mut visit: impl FnMut(&[u8], Option<&Value>),
    ) -> u64 {
        self.entries.scan(cursor, count, |key, entry| {
            visit(key, (!entry.is_expired(now)).then_some(&entry.value));
        })
    }

    /// When to look for expired keys next, in milliseconds since 1970.
    pub fn deadline(&self) -> Option<u64> {
        self.deadlines.next().map(|at| at.saturating_add(1))
    }

    /// Removes expired keys and shows each. Looks at `most` at the most, so that others get their turn.
    pub fn expire_due(&mut self, now: u64, most: usize, mut gone: impl FnMut(&[u8])) {
        for _ in 0..most {
            let Some((at, key)) = self.deadlines.pop_due(now) else {
                return;
            };
            if self.expires_at(&key, at) {
                self.remove(&key);
                gone(&key);
            }
        }
    }

    /// The number of keys that have an expiry.
    pub fn expiring(&self) -> usize {
        self.deadlines.len()
    }

    /// Estimate of the bytes that the table of keys takes, without their values, and of those that the expiries take.
    pub fn tables_memory(&self) -> (usize, usize) {
        (self.entries.memory(), self.deadlines.memory())
    }

    /// The mean time until those keys expire, in milliseconds; 0 without any. It looks at every one.
    pub fn mean_ttl_ms(&self, now: u64) -> i64 {
        let Some(count) = u128::try_from(self.expiring()).ok().filter(|count| *count > 0) else {
            return 0;
        };
        let left = |entry: &Entry| entry.expires.map_or(0, |at| at.get().saturating_sub(now));
        let total: u128 = self.entries.iter().map(|(_, entry)| u128::from(left(entry))).sum();
        i64::try_from(total / count).unwrap_or(i64::MAX)
    }

    fn expires_at(&self, key: &[u8], at: NonZeroU64) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.expires == Some(at))
    }

    fn note(&mut self, key: &[u8], old: Expiry, new: Expiry) {
        let Self { entries, deadlines } = self;
        let is_live = |key: &[u8], at| entries.get(key).is_some_and(|e| e.expires == Some(at));
        deadlines.changed(key, old, new, is_live);
    }
}

#[cfg(test)]
mod tests;
