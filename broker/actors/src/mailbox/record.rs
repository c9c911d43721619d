//! The JSON of messages: writing tasks and responses, and making whole what a plain client pushed.

use std::borrow::Cow;

use bytes::Bytes;
use clawlink_protocol::content::text_or_base64;
use clawlink_protocol::{Message, Priority, TaskStatus};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A task as it is queued and handed out: the record of `clawlink-protocol`, borrowed where it can be.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "task_delegation")]
struct Task<'a> {
    message_id: &'a str,
    from_agent: &'a str,
    to_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_base64: Option<String>,
    context: &'a RawValue,
    priority: Priority,
    timestamp: &'a str,
}

/// An answer, borrowed in the same way.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "task_response")]
struct Response<'a> {
    message_id: &'a str,
    response_id: &'a str,
    from_agent: &'a str,
    to_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_base64: Option<String>,
    status: TaskStatus,
    timestamp: &'a str,
}

/// Who sends a message to whom, under which ids, and when.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The task's id.
    pub message_id: &'a str,
    /// The sender; empty if nobody said.
    pub from: &'a str,
    /// The receiver.
    pub to: &'a str,
    /// ISO 8601.
    pub timestamp: &'a str,
}

/// Writes a task. `context` must be a JSON object: see [`object`].
pub fn task(envelope: Envelope<'_>, text: &[u8], context: &RawValue, priority: Priority) -> Bytes {
    let Envelope { message_id, from: from_agent, to: to_agent, timestamp } = envelope;
    let (task, task_base64) = text_or_base64(text);
    json(&Task {
        message_id,
        from_agent,
        to_agent,
        task,
        task_base64,
        context,
        priority,
        timestamp,
    })
}

/// Writes the answer to a task.
pub fn response(
    envelope: Envelope<'_>,
    response_id: &str,
    text: &[u8],
    status: TaskStatus,
) -> Bytes {
    let Envelope { message_id, from: from_agent, to: to_agent, timestamp } = envelope;
    let (result, result_base64) = text_or_base64(text);
    json(&Response {
        message_id,
        response_id,
        from_agent,
        to_agent,
        result,
        result_base64,
        status,
        timestamp,
    })
}

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
}

/// The types of the records that need no answer.
const NOTICES: [&str; 9] = [
    "task_response",
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
        if self.kind == "task_response" { &self.response_id } else { &self.message_id }
    }
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
        Message::FileUpdated(notice) | Message::FileDeleted(notice) => notice.message_id = id,
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
    let record = task(envelope, text, empty_object(), priority);
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

    use super::{Envelope, Head, complete, empty_object, object, response, task};

    const ENVELOPE: Envelope<'_> =
        Envelope { message_id: "bob.t.1", from: "alice", to: "bob", timestamp: "now" };

    #[test]
    fn a_task_is_written_with_its_context_as_sent() {
        let context = object(br#"{"z":1.0, "a":12345678901234567890123}"#).expect("an object");
        let record = task(ENVELOPE, b"sum \"it\"", context, Priority::High);
        let expected = concat!(
            r#"{"type":"task_delegation","message_id":"bob.t.1","from_agent":"alice","#,
            r#""to_agent":"bob","task":"sum \"it\"","context":{"z":1.0, "a":12345678901234567890123},"#,
            r#""priority":"high","timestamp":"now"}"#
        );
        assert_eq!(record, expected);
        assert!(Head::read(&record).is_some_and(|h| h.is_task() && h.id() == "bob.t.1"));
    }

    #[test]
    fn what_is_no_text_travels_as_base64() {
        let record = task(ENVELOPE, b"\xff\x00", empty_object(), Priority::Normal);
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
        let pushed = br#"{"type":"task_delegation","message_id":"mine","task":"x","from_agent":"zoe","deadline":7}"#;
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
