//! Keyspace notifications: what becomes of keys, told to those who subscribed to `__keyspace@<db>__:<key>` or
//! `__keyevent@<db>__:<event>`.
//!
//! An owner that changed a key leaves word here; the topics publish it before they do anything else. So events and
//! messages keep their order, also while the topics are lent to a transaction, and no owner waits for another.

mod classes;
mod event;
mod told;

pub use classes::Classes;
pub use event::{Event, events};

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;

/// Something that happened to a key.
#[derive(Debug)]
pub struct Happened {
    /// The database of a plain key; 0 for all other owners' keys.
    pub db: u8,
    /// What.
    pub event: Event,
    /// The key.
    pub key: Bytes,
    /// What was told when it happened.
    pub told: Classes,
}

/// What has happened and waits for the topics to tell it.
#[derive(Debug, Default)]
pub struct KeyEvents {
    any: AtomicBool,
    waiting: Mutex<Vec<Happened>>,
}

impl KeyEvents {
    /// Notes something that happened. True if the topics are to be woken for it.
    pub(crate) fn note(&self, happened: Happened) -> bool {
        let mut waiting = self.waiting.lock();
        waiting.push(happened);
        self.any.store(true, Ordering::Release);
        waiting.len() == 1
    }

    /// Takes what waits to be told.
    pub(crate) fn take(&self) -> Vec<Happened> {
        if !self.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut waiting = self.waiting.lock();
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut waiting)
    }
}
