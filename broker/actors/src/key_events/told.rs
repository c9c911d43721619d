//! What the directory knows of key events: whether they are told, and the way to those who tell them.

use bytes::Bytes;

use super::{Classes, Event, Happened};
use crate::directory::Directory;
use crate::topics::Notice;

impl Directory {
    /// The classes of key events that are told. Looking at them is all that events cost while they are off.
    pub fn told_events(&self) -> Classes {
        Classes::from_bits(self.limits.key_events.get())
    }

    /// Something happened to a key: the topics tell those who listen, if events of its class are told.
    pub fn happened(&self, db: u8, event: Event, key: &[u8]) {
        if self.told_events().has(event.class) {
            self.note_event(db, event, key);
        }
    }

    #[cold]
    fn note_event(&self, db: u8, event: Event, key: &[u8]) {
        let (key, told) = (Bytes::copy_from_slice(key), self.told_events());
        if told.tells() && self.key_events.note(Happened { db, event, key, told }) {
            self.tell_topics(Notice::KeyEvents);
        }
    }
}
