//! The history of a topic, read as a stream: each entry has the one field `message`, whose value is
//! what subscribers received.

use super::history::History;
use super::message::Message;
use super::{StreamId, Topics, topic_of};
use crate::call::Call;
use crate::stream_owner::{Readable, StreamOwner};
use crate::{Refusal, Reply};

impl StreamOwner for Topics {
    type Stream = History;

    fn stream(&mut self, key: &[u8], _call: &Call<'_>) -> Result<Option<&History>, Refusal> {
        Ok(topic_of(key).and_then(|topic| self.histories.get(topic)))
    }
}

impl Readable for History {
    fn entry_count(&self) -> usize {
        self.message_count()
    }

    fn last_id(&self) -> StreamId {
        self.newest_id()
    }

    fn newest(&self) -> StreamId {
        self.newest_id()
    }

    fn read(&self, start: StreamId, end: StreamId, count: usize, back: bool) -> Reply {
        let messages = self.range(start, end);
        // Payloads are shared with subscribers, not copied.
        Reply::Array(if back {
            messages.rev().take(count).map(|message| entry(message)).collect()
        } else {
            messages.take(count).map(|message| entry(message)).collect()
        })
    }
}

fn entry(message: &Message) -> Reply {
    let fields = vec![Reply::text("message"), Reply::Bulk(message.payload().clone())];
    Reply::Array(vec![message.id.into(), Reply::Array(fields)])
}
