//! Changes of files, as the topic `files` keeps them.
//!
//! Files change far more often than anybody reads about it. So a change is kept as what it is, and
//! the record that tells of it is written when the first reader comes.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Extra, FileNotice, Message as Record};

use crate::message_number::{MessageNumber, decimal_len};

/// The topic on which changes of files are published.
pub(super) const TOPIC: &str = "files";

/// The place in the ids of such records.
const PLACE: &str = "#files";

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEvent {
    /// It has a new version.
    Updated,
    /// It is gone.
    Deleted,
    /// Somebody has reserved it.
    Locked,
    /// It is no longer reserved.
    Unlocked,
}

impl FileEvent {
    /// The `type` of the record that tells of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Updated => "file_updated",
            Self::Deleted => "file_deleted",
            Self::Locked => "file_locked",
            Self::Unlocked => "file_unlocked",
        }
    }

    /// Whether it is news for those who poll, too. A lock concerns only who is there.
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::Updated | Self::Deleted)
    }
}

/// A change of a file.
#[derive(Debug)]
pub struct FileChange {
    /// What happened.
    pub event: FileEvent,
    /// Which file.
    pub path: Box<[u8]>,
    /// Its newest version; for a deletion, the last one.
    pub version: u64,
    /// The agent who did it; empty if nobody said.
    pub editor: Arc<str>,
    /// Where it went, if it is gone because it was moved.
    pub moved_to: Option<Box<[u8]>>,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// The number of the record that tells of it.
    pub number: MessageNumber,
}

/// The record that tells of a change.
#[derive(Debug)]
pub struct FileRecord {
    change: Arc<FileChange>,
    json: OnceLock<Bytes>,
}

impl FileRecord {
    /// The record of this change, not written yet.
    pub fn new(change: Arc<FileChange>) -> Self {
        Self { change, json: OnceLock::new() }
    }

    /// The record as JSON, written the first time that somebody asks.
    pub fn json(&self) -> &Bytes {
        self.json.get_or_init(|| self.change.json())
    }

    /// The length of its JSON in bytes, without writing it.
    pub fn json_len(&self) -> usize {
        let change = &self.change;
        let texts = escaped_len(&String::from_utf8_lossy(&change.path))
            + escaped_len(&change.editor)
            + self.message_id_len();
        let moved = change
            .moved_to
            .as_deref()
            .map_or(0, |to| r#","moved_to":"""#.len() + escaped_len(&String::from_utf8_lossy(to)));
        EMPTY.len() + change.event.name().len() + texts + moved + decimal_len(change.version)
    }

    /// The number in its `message_id`.
    pub fn number(&self) -> u64 {
        self.change.number.number()
    }

    /// Its `message_id`.
    pub fn message_id(&self) -> String {
        self.change.number.id(PLACE)
    }

    /// The length of its `message_id` in bytes, without writing it.
    pub fn message_id_len(&self) -> usize {
        self.change.number.id_len(PLACE.len())
    }

    /// Whether this is its `message_id`.
    pub fn is(&self, message_id: &[u8]) -> bool {
        self.change.number.is(PLACE, message_id)
    }
}

impl FileChange {
    fn json(&self) -> Bytes {
        let notice = FileNotice {
            message_id: self.number.id(PLACE),
            file_key: String::from_utf8_lossy(&self.path).into_owned(),
            version: self.version,
            last_editor: self.editor.to_string(),
            moved_to: self.moved_to.as_deref().map(|to| String::from_utf8_lossy(to).into_owned()),
            timestamp: iso8601(self.at),
            extra: Extra::new(),
        };
        let record = match self.event {
            FileEvent::Updated => Record::FileUpdated(notice),
            FileEvent::Deleted => Record::FileDeleted(notice),
            FileEvent::Locked => Record::FileLocked(notice),
            FileEvent::Unlocked => Record::FileUnlocked(notice),
        };
        // Strings and numbers can always be written as JSON.
        serde_json::to_vec(&record).unwrap_or_default().into()
    }
}

/// What every such record holds: all timestamps have the same length.
const EMPTY: &str = concat!(
    r#"{"type":"","message_id":"","file_key":"","version":,"#,
    r#""last_editor":"","timestamp":"2026-01-31T12:00:00.000Z"}"#
);

/// The length of a text inside JSON's quotes.
fn escaped_len(text: &str) -> usize {
    let len = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => r"\n".len(),
        0..0x20 => r"\u0000".len(),
        _ => 1,
    };
    text.bytes().map(len).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_record_has_the_length_it_is_said_to_have(
            path in prop::collection::vec(any::<u8>(), 0..40),
            editor in any::<String>(),
            version in any::<u64>(),
            at in any::<u64>(),
            event in prop::sample::select(
                &[FileEvent::Updated, FileEvent::Deleted, FileEvent::Locked, FileEvent::Unlocked][..],
            ),
            moved_to in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        ) {
            let (path, editor, moved_to) = (path.into(), editor.into(), moved_to.map(Into::into));
            let number = MessageNumber::new("t8k2m1".into(), 17);
            let change = FileChange { event, path, version, editor, moved_to, at, number };
            let record = FileRecord::new(Arc::new(change));
            let kind = format!(r#"{{"type":"{}","#, event.name());
            prop_assert!(record.json().starts_with(kind.as_bytes()));
            prop_assert_eq!(record.json_len(), record.json().len());
            prop_assert_eq!(record.message_id_len(), record.message_id().len());
            prop_assert!(record.is(record.message_id().as_bytes()));
        }
    }
}
