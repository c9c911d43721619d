//! The owners that keep streams: the keyspace one at each key, the topics their histories. Both are read by the same
//! commands.

use crate::call::Call;
use crate::collections::{Entries, Stream, StreamId};
use crate::keyspace::Keyspace;
use crate::{Refusal, Reply};

/// A stream, to be read.
pub trait Readable {
    /// The number of entries.
    fn entry_count(&self) -> usize;

    /// The greatest id ever given.
    fn last_id(&self) -> StreamId;

    /// The id of the last entry; 0-0 without entries.
    fn newest(&self) -> StreamId;

    /// Up to `count` entries from one id to another, both included; from the other end if `back`.
    fn read(&self, start: StreamId, end: StreamId, count: usize, back: bool) -> Reply;
}

/// An owner whose streams can be read.
pub trait StreamOwner: Sized {
    /// What it keeps.
    type Stream: Readable;

    /// The stream at `key`, if there is one.
    fn stream(&mut self, key: &[u8], call: &Call<'_>) -> Result<Option<&Self::Stream>, Refusal>;
}

impl Readable for Stream {
    fn entry_count(&self) -> usize {
        self.log.len()
    }

    fn last_id(&self) -> StreamId {
        self.log.last_id()
    }

    fn newest(&self) -> StreamId {
        self.log.newest()
    }

    fn read(&self, start: StreamId, end: StreamId, count: usize, back: bool) -> Reply {
        let mut found = Entries::default();
        if back {
            let entries = self.log.range_back(start, end).take(count);
            entries.for_each(|entry| found.push(entry.id, entry.fields));
        } else {
            let entries = self.log.range(start, end).take(count);
            entries.for_each(|entry| found.push(entry.id, entry.fields));
        }
        Reply::Entries(found)
    }
}

impl StreamOwner for Keyspace {
    type Stream = Stream;

    fn stream(&mut self, key: &[u8], call: &Call<'_>) -> Result<Option<&Stream>, Refusal> {
        self.find(call, key)
    }
}
