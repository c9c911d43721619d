//! One database: keys, their values, and when they expire.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use super::value::Value;
use crate::Refusal;
use crate::collections::Dict;

/// A key's value and its expiry.
#[derive(Debug)]
pub struct Entry {
    /// What it holds.
    pub value: Value,
    /// When it expires, in milliseconds since 1970.
    pub expires: Option<NonZeroU64>,
}

impl Entry {
    fn is_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|at| at.get() <= now)
    }
}

/// One of the sixteen databases. A key that has expired is gone for every reader at once (lazy expiry); the keyspace
/// also removes expired keys by itself as their time comes (active expiry), which [`Database::deadline`] drives.
#[derive(Debug, Default)]
pub struct Database {
    entries: Dict<Entry>,
    /// Every expiry with its key, in order of time.
    deadlines: BTreeSet<(u64, Box<[u8]>)>,
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

    /// The entry of a key, if it is there and has not expired.
    pub fn get(&self, key: &[u8], now: u64) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| !entry.is_expired(now))
    }

    /// The value of a key, to be changed in place. An expired key is removed first.
    pub fn get_mut(&mut self, key: &[u8], now: u64) -> Option<&mut Value> {
        if !self.deadlines.is_empty() && self.entries.get(key).is_some_and(|e| e.is_expired(now)) {
            self.remove(key);
            return None;
        }
        self.entries.get_mut(key).map(|entry| &mut entry.value)
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
        let entry = || Entry { value: make(), expires: None };
        &mut self.entries.get_or_insert_with(key, entry).value
    }

    /// Sets a key. Its former expiry is gone.
    pub fn set(&mut self, key: &[u8], value: Value) {
        if let Some(Entry { expires: Some(at), .. }) =
            self.entries.insert(key, Entry { value, expires: None })
        {
            self.deadlines.remove(&(at.get(), key.into()));
        }
    }

    /// Sets or ends a key's expiry. Does nothing if the key is not there.
    pub fn expire(&mut self, key: &[u8], at: Option<NonZeroU64>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if let Some(old) = std::mem::replace(&mut entry.expires, at) {
            self.deadlines.remove(&(old.get(), key.into()));
        }
        if let Some(at) = at {
            self.deadlines.insert((at.get(), key.into()));
        }
    }

    /// Removes a key, whether or not it has expired.
    pub fn remove(&mut self, key: &[u8]) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        if let Some(at) = entry.expires {
            self.deadlines.remove(&(at.get(), key.into()));
        }
        Some(entry)
    }

    /// Removes all keys.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.deadlines.clear();
    }

    /// All keys, for iteration, scans and random picks.
    pub fn entries(&self) -> &Dict<Entry> {
        &self.entries
    }

    /// When the next key expires, in milliseconds since 1970.
    pub fn deadline(&self) -> Option<u64> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Removes up to `most` expired keys and shows each.
    pub fn expire_due(&mut self, now: u64, most: usize, mut gone: impl FnMut(&[u8])) {
        for _ in 0..most {
            if !self.deadlines.first().is_some_and(|(at, _)| *at <= now) {
                return;
            }
            if let Some((_, key)) = self.deadlines.pop_first() {
                self.entries.remove(&key);
                gone(&key);
            }
        }
    }

    /// The number of keys that have an expiry.
    pub fn expiring(&self) -> usize {
        self.deadlines.len()
    }
}

/// Reads a value as the type that a command is for.
macro_rules! typed {
    ($($read:ident $change:ident $variant:ident $type:ty;)*) => {
        impl Value {
            $(
                /// The value, if it is of this type; else [`Refusal::WrongType`].
                pub fn $read(&self) -> Result<&$type, Refusal> {
                    if let Self::$variant(value) = self { Ok(value) } else { Err(Refusal::WrongType) }
                }

                /// The value to be changed, if it is of this type; else [`Refusal::WrongType`].
                pub fn $change(&mut self) -> Result<&mut $type, Refusal> {
                    if let Self::$variant(value) = self { Ok(value) } else { Err(Refusal::WrongType) }
                }
            )*
        }
    };
}

typed! {
    as_str as_str_mut Str super::value::Str;
    as_list as_list_mut List crate::collections::List;
    as_hash as_hash_mut Hash Dict<bytes::Bytes>;
}
