//! The JSON of messages: reading them, and making whole what a plain client pushed. They are written in [`write`], and
//! handed out in [`form`].

mod form;
mod write;

pub use form::{Form, body_bytes, given, handed_out};
pub use write::{Envelope, Receipt, answer, notice, progress, receipt, response, task};

use std::borrow::Cow;

use bytes::Bytes;
use clawlink_protocol::{Message, Priority};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON object, read without looking inside: its spacing, key order and long numbers survive.
pub fn object(json: &[u8]) -> Option<&RawValue> {
    let value: &RawValue = serde_json::from_slice(json).ok()?;
    value.get().starts_with('{').then_some(value)
}

/// The empty object.
pub fn empty_object() -> &'static RawValue {
    object(b"{}").unwrap_or(RawValue::NULL)
}

/// What must be known of a message that was found in a lane. Reading it checks the whole text.
#[derive(Debug, Deserialize)]
pub struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    message_id: Cow<'a, str>,
    #[serde(borrow, default)]
    response_id: Cow<'a, str>,
    #[serde(borrow, default)]
    receipt_id: Cow<'a, str>,
    #[serde(borrow, default)]
    notice_id: Cow<'a, str>,
    #[serde(borrow, default)]
    answer_id: Cow<'a, str>,
}

/// The types of the records that need no answer.
const NOTICES: [&str; 13] = [
    "task_response",
    "task_receipt",
    "task_canceled",
    "task_expired",
    "task_answer",
    "knowledge_broadcast",
    "file_updated",
    "file_deleted",
    "agent_joined",
    "agent_left",
    "agent_stale",
    "agent_online",
    "message",
];

impl<'a> Head<'a> {
    /// Reads a message. `None`: it is none of the records, but the text of a task.
    pub fn read(payload: &'a [u8]) -> Option<Self> {
        // What does not look like an object, as most plain texts, is not read any further.
        let first = payload.iter().find(|byte| !byte.is_ascii_whitespace());
        let head: Self = serde_json::from_slice(payload).ok().filter(|_| first == Some(&b'{'))?;
        (head.is_task() || NOTICES.contains(&&*head.kind)).then_some(head)
    }

    /// Whether it is a task.
    pub fn is_task(&self) -> bool {
        self.kind == "task_delegation"
    }

    /// The id that acknowledges it; empty if it has none.
    pub fn id(&self) -> &str {
        match &*self.kind {
            "task_response" => &self.response_id,
            "task_receipt" => &self.receipt_id,
            "task_canceled" | "task_expired" => &self.notice_id,
            "task_answer" => &self.answer_id,
            _ => &self.message_id,
        }
    }
}

/// The id of a task, if this is the record of one as the broker writes it: what is asked of many messages is answered
/// by their first bytes.
pub fn task_id(payload: &[u8]) -> Option<&str> {
    const HEAD: &[u8] = br#"{"type":"task_delegation","message_id":""#;
    let rest = payload.strip_prefix(HEAD)?;
    let id = &rest[..memchr::memchr(b'"', rest)?];
    std::str::from_utf8(id).ok().filter(|id| !id.contains('\\'))
}

/// Whether this is the record with that id.
pub fn has_id(payload: &[u8], id: &str) -> bool {
    Head::read(payload).is_some_and(|head| head.id() == id)
}

/// A message that a plain client pushed, made whole.
#[derive(Debug)]
pub struct Whole {
    /// The record.
    pub record: Bytes,
    /// Who sent it, as it says itself.
    pub from: String,
    /// The id that its sender gave a task.
    pub sender_id: Option<Box<str>>,
}

/// Fills in what a pushed `task_delegation` or notice lacks. `envelope.message_id` becomes its id. `None` if a field
/// holds something else than it should: then the whole is the text of a task.
pub fn complete(payload: &[u8], envelope: Envelope<'_>) -> Option<Whole> {
    let mut message = Message::from_json(payload).ok()?;
    let id = envelope.message_id.to_owned();
    let (mut from, mut sender_id) = (String::new(), None);
    match &mut message {
        Message::TaskDelegation(task) => {
            let old = std::mem::replace(&mut task.message_id, id);
            if !old.is_empty() {
                task.extra.insert("sender_message_id".to_owned(), old.clone().into());
                sender_id = Some(old.into());
            }
            set_if_empty(&mut task.to_agent, envelope.to);
            set_if_empty(&mut task.timestamp, envelope.timestamp);
            if task.task.is_none() && task.task_base64.is_none() {
                task.task = Some(String::new());
            }
            if task.context.is_none() {
                task.context = Some(empty_object().to_owned());
            }
            // What only a hand-out adds, a record that was handed out before may have.
            for field in form::ADDED {
                task.extra.remove(field);
            }
            from.clone_from(&task.from_agent);
        }
        Message::TaskResponse(response) => {
            response.response_id = id;
            set_if_empty(&mut response.timestamp, envelope.timestamp);
        }
        Message::TaskReceipt(receipt) => receipt.receipt_id = id,
        Message::TaskCanceled(notice) | Message::TaskExpired(notice) => notice.notice_id = id,
        Message::TaskAnswer(answer) => answer.answer_id = id,
        Message::KnowledgeBroadcast(broadcast) => broadcast.message_id = id,
        Message::FileUpdated(notice)
        | Message::FileDeleted(notice)
        | Message::FileLocked(notice)
        | Message::FileUnlocked(notice) => notice.message_id = id,
        Message::AgentJoined(notice)
        | Message::AgentLeft(notice)
        | Message::AgentStale(notice)
        | Message::AgentOnline(notice) => notice.message_id = id,
        Message::Message(published) => published.message_id = id,
        Message::MessagesMissed(missed) => missed.message_id = id,
        Message::TaskProgress(_) | Message::Other(_) => return None,
    }
    Some(Whole { record: json(&message), from, sender_id })
}

/// The task that a pushed plain text is.
pub fn raw_task(text: &[u8], envelope: Envelope<'_>, priority: Priority) -> Whole {
    let record = task(envelope, text, empty_object(), priority, None);
    Whole { record, from: String::new(), sender_id: None }
}

fn set_if_empty(field: &mut String, value: &str) {
    if field.is_empty() {
        value.clone_into(field);
    }
}

/// None of the records can fail to be written: their keys are texts and they hold no streams.
fn json(record: &impl Serialize) -> Bytes {
    serde_json::to_vec(record).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use clawlink_protocol::{Priority, TaskStatus};

    use super::{Envelope, Head, complete, empty_object, object, response, task, task_id};

    const ENVELOPE: Envelope<'_> =
        Envelope { message_id: "bob.t.1", from: "alice", to: "bob", timestamp: "now" };

    #[test]
    fn a_task_is_written_with_its_context_as_sent() {
        let context = object(br#"{"z":1.0, "a":12345678901234567890123}"#).expect("an object");
        let record = task(ENVELOPE, b"sum \"it\"", context, Priority::High, None);
        let expected = concat!(
            r#"{"type":"task_delegation","message_id":"bob.t.1","from_agent":"alice","#,
            r#""to_agent":"bob","task":"sum \"it\"","context":{"z":1.0, "a":12345678901234567890123},"#,
            r#""priority":"high","timestamp":"now"}"#
        );
        assert_eq!(record, expected);
        assert!(Head::read(&record).is_some_and(|h| h.is_task() && h.id() == "bob.t.1"));
        assert_eq!(task_id(&record), Some("bob.t.1"));
    }

    #[test]
    fn what_is_no_text_travels_as_base64() {
        let record = task(ENVELOPE, b"\xff\x00", empty_object(), Priority::Normal, None);
        assert!(String::from_utf8_lossy(&record).contains(r#""task_base64":"/wA=","context":{}"#));
        let record = response(ENVELOPE, "alice.t.2", b"\xff", TaskStatus::Failed);
        let text = String::from_utf8_lossy(&record).into_owned();
        assert!(text.contains(r#""result_base64":"/w==","status":"failed""#), "{text}");
        assert!(Head::read(&record).is_some_and(|h| !h.is_task() && h.id() == "alice.t.2"));
    }

    #[test]
    fn only_objects_are_contexts() {
        for bad in [&b""[..], b"[]", b"7", b"{", b"{\"a\":\xff}", b"{} {}"] {
            assert!(object(bad).is_none(), "{bad:?}");
        }
        assert!(object(b" { } ").is_some());
    }

    #[test]
    fn other_texts_are_no_records() {
        for text in [&b"do it"[..], b"{", b"[1]", br#"{"type":"order"}"#, br#"{"task":"x"}"#] {
            assert!(Head::read(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_pushed_task_is_made_whole() {
        let pushed = br#"{"type":"task_delegation","message_id":"mine","task":"x","from_agent":"zoe","deadline":7,"attempt":3,"receipt":"x#3"}"#;
        let whole = complete(pushed, ENVELOPE).expect("a task");
        assert_eq!((&*whole.from, whole.sender_id.as_deref()), ("zoe", Some("mine")));
        let expected = concat!(
            r#"{"type":"task_delegation","message_id":"bob.t.1","from_agent":"zoe","to_agent":"bob","#,
            r#""task":"x","context":{},"priority":"normal","timestamp":"now","deadline":7,"#,
            r#""sender_message_id":"mine"}"#
        );
        assert_eq!(whole.record, expected);
        assert!(complete(br#"{"type":"task_delegation","task":7}"#, ENVELOPE).is_none());
    }
}
