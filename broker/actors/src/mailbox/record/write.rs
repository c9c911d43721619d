//! Writing the records, borrowed where they can be: as those of `clawlink-protocol`.

use bytes::Bytes;
use clawlink_protocol::content::text_or_base64;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, ReceiptEvent, TaskStatus};
use serde::Serialize;
use serde_json::value::RawValue;

use super::json;
use crate::mailbox::task::Terms;

/// A task as it is queued.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hops: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<&'a str>,
}

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

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "task_receipt")]
struct ReceiptRecord<'a> {
    message_id: &'a str,
    receipt_id: &'a str,
    event: ReceiptEvent,
    agent: &'a str,
    attempt: u32,
    reason: &'a str,
    timestamp: String,
}

#[derive(Debug, Serialize)]
struct Notice<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message_id: &'a str,
    notice_id: &'a str,
    from_agent: &'a str,
    to_agent: &'a str,
    reason: &'a str,
    timestamp: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "task_answer")]
struct Answer<'a> {
    message_id: &'a str,
    answer_id: &'a str,
    from_agent: &'a str,
    to_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_base64: Option<String>,
    timestamp: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "task_progress")]
struct Progress<'a> {
    message_id: &'a str,
    seq: u64,
    from_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
    timestamp: &'a str,
}

/// Who sends a message to whom, about which task, and when.
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

/// Writes a task. `context` must be a JSON object: see [`object`](super::object).
pub fn task(
    envelope: Envelope<'_>,
    text: &[u8],
    context: &RawValue,
    priority: Priority,
    terms: Option<&Terms>,
) -> Bytes {
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
        deadline: terms.and_then(|terms| terms.deadline).map(iso8601),
        parent: terms.and_then(|terms| terms.parent.as_deref()),
        hops: terms.map(|terms| terms.hops).filter(|hops| *hops > 0),
        group: terms.and_then(|terms| terms.group.as_deref()),
        reply_to: terms.and_then(|terms| terms.reply_to.as_deref()),
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

/// What the sender of a task is told that asked for receipts.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a> {
    /// The task's id.
    pub message_id: &'a str,
    /// The receipt's own id.
    pub receipt_id: &'a str,
    /// What happened.
    pub event: ReceiptEvent,
    /// The agent that has the task, or had it.
    pub agent: &'a str,
    /// The hand-out that this is about.
    pub attempt: u32,
    /// Why.
    pub reason: &'a str,
    /// When, in milliseconds since 1970.
    pub timestamp: u64,
}

/// Writes a receipt.
pub fn receipt(receipt: &Receipt<'_>) -> Bytes {
    let Receipt { message_id, receipt_id, event, agent, attempt, reason, timestamp } = *receipt;
    let timestamp = iso8601(timestamp);
    json(&ReceiptRecord { message_id, receipt_id, event, agent, attempt, reason, timestamp })
}

/// Writes what the agent that has a task is told when it is over: `kind` is `task_canceled` or `task_expired`.
pub fn notice(kind: &'static str, envelope: Envelope<'_>, notice_id: &str, reason: &str) -> Bytes {
    let Envelope { message_id, from: from_agent, to: to_agent, timestamp } = envelope;
    json(&Notice { kind, message_id, notice_id, from_agent, to_agent, reason, timestamp })
}

/// Writes the answer to a question about a task.
pub fn answer(envelope: Envelope<'_>, answer_id: &str, text: &[u8]) -> Bytes {
    let Envelope { message_id, from: from_agent, to: to_agent, timestamp } = envelope;
    let (answer, answer_base64) = text_or_base64(text);
    json(&Answer { message_id, answer_id, from_agent, to_agent, answer, answer_base64, timestamp })
}

/// Writes a report of progress.
pub fn progress(
    message_id: &str,
    seq: u64,
    from_agent: &str,
    note: &[u8],
    percent: Option<u8>,
    timestamp: &str,
) -> Bytes {
    let (note, note_base64) = text_or_base64(note);
    json(&Progress { message_id, seq, from_agent, note, note_base64, percent, timestamp })
}
