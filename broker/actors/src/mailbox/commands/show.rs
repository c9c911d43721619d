//! What is shown of a task: as a map for `CLAW.TASK`, in short for lists, as a hash for plain clients.

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{TaskDelegation, TaskResponse};

use crate::Reply;
use crate::mailbox::attempts::Attempt;
use crate::mailbox::task::{Stage, Task, Terms};
use crate::mailbox::{HandedOut, Mailbox};

/// When an agent last gave a sign of life.
pub(super) type LastSeen<'a> = &'a dyn Fn(&str) -> u64;

/// A field and its value.
pub(super) type Field = (&'static str, Reply);

/// What is known of a task in a few words.
pub fn summary(mailbox: &Mailbox, task: &Task, last_seen: LastSeen<'_>) -> Reply {
    let mut fields = head(mailbox, task);
    fields.push(("attempts", number(task.attempts.handed_out())));
    fields.extend(times(task, last_seen));
    fields.extend(ending(task));
    map(fields)
}

/// Everything that is known of a task.
pub(super) fn everything(mailbox: &Mailbox, task: &Task, last_seen: LastSeen<'_>) -> Reply {
    let mut fields = plain(mailbox, task, last_seen);
    fields.retain(|(name, _)| *name != "attempts");
    fields.push(("attempts", attempts(task)));
    if let Some(talk) = &task.talk {
        let reports = talk.progress.iter().map(|report| Reply::Bulk(report.record.clone()));
        fields.push(("progress", Reply::Array(reports.collect())));
        let said = |bytes: &Option<Bytes>| Reply::bulk_or_nil(bytes.clone());
        let questions = talk.questions.iter().map(|asked| {
            map(vec![
                ("question", Reply::Bulk(asked.record.clone())),
                ("answer", said(&asked.answer)),
            ])
        });
        fields.push(("questions", Reply::Array(questions.collect())));
    }
    map(fields)
}

/// The fields that are texts and numbers. `attempts` is the number of hand-outs.
pub(super) fn plain(mailbox: &Mailbox, task: &Task, last_seen: LastSeen<'_>) -> Vec<Field> {
    let mut fields = head(mailbox, task);
    let record = mailbox.record(&task.id).and_then(|record| serde_json::from_slice(record).ok());
    if let Some(TaskDelegation { task, task_base64, context, priority, timestamp, .. }) = record {
        fields.extend(task.map(|task| ("task", task.into())));
        fields.extend(task_base64.map(|task| ("task_base64", task.into())));
        fields.extend(context.map(|context| ("context", context.get().to_owned().into())));
        fields.push(("priority", Reply::text(priority.word())));
        fields.push(("timestamp", timestamp.into()));
    }
    fields.extend(task.terms.iter().flat_map(|terms| wanted(terms)));
    fields.extend(times(task, last_seen));
    fields.push(("attempts", number(task.attempts.handed_out())));
    fields.push(("counted", number(task.attempts.counted())));
    fields.extend(task.ended().into_iter().flat_map(|ended| answer(&ended.response)));
    fields.extend(ending(task));
    fields
}

fn head(mailbox: &Mailbox, task: &Task) -> Vec<Field> {
    vec![
        ("message_id", Reply::copy(task.id.as_bytes())),
        ("from_agent", Reply::copy(task.from.as_bytes())),
        ("to_agent", Reply::copy(mailbox.name().as_bytes())),
        ("status", Reply::text(task.status().word())),
    ]
}

/// What its sender wants otherwise than usual.
fn wanted(terms: &Terms) -> Vec<Field> {
    let mut fields = Vec::new();
    let text = |text: &str| Reply::copy(text.as_bytes());
    fields.extend(terms.deadline.map(|at| ("deadline", iso8601(at).into())));
    fields.extend(terms.reply_to.as_ref().map(|agent| ("reply_to", text(agent))));
    fields.extend(terms.group.as_ref().map(|group| ("group", text(group))));
    fields.extend(terms.parent.as_ref().map(|parent| ("parent", text(parent))));
    if terms.hops > 0 {
        fields.push(("hops", Reply::Int(terms.hops as i64)));
    }
    fields.extend(terms.attempts.map(|most| ("attempts_max", number(most))));
    fields.extend(terms.sender_id.as_ref().map(|id| ("sender_message_id", text(id))));
    fields
}

/// Who has it and for how long, or how long it rests.
fn times(task: &Task, last_seen: LastSeen<'_>) -> Vec<Field> {
    match &task.stage {
        Stage::Delayed(delayed) => vec![("delayed_until", iso8601(delayed.until).into())],
        Stage::Out(out) => vec![
            ("leased_to", Reply::copy(out.holder.as_bytes())),
            ("lease_ends", iso8601(lease_ends(out, last_seen)).into()),
            ("receipt", task.receipt().into()),
        ],
        Stage::Queued | Stage::Taken { .. } | Stage::Ended(_) => Vec::new(),
    }
}

/// When the lease ends as things stand: a sign of life of the agent has renewed it.
fn lease_ends(out: &HandedOut, last_seen: LastSeen<'_>) -> u64 {
    out.until.max(last_seen(&out.holder).saturating_add(out.lease_ms))
}

/// When and why it is over.
fn ending(task: &Task) -> Vec<Field> {
    let Some(ended) = task.ended() else { return Vec::new() };
    let mut fields = vec![("ended_at", iso8601(ended.at).into())];
    if !ended.reason.is_empty() {
        fields.push(("reason", Reply::copy(ended.reason.as_bytes())));
    }
    fields
}

fn answer(response: &[u8]) -> Vec<Field> {
    let Ok(response) = serde_json::from_slice::<TaskResponse>(response) else {
        return Vec::new();
    };
    let mut fields = vec![("response_id", response.response_id.into())];
    fields.extend(response.result.map(|result| ("result", result.into())));
    fields.extend(response.result_base64.map(|result| ("result_base64", result.into())));
    fields.push(("answered_by", response.from_agent.into()));
    fields.push(("answered_at", response.timestamp.into()));
    fields
}

/// Every attempt that is kept, the present one last.
fn attempts(task: &Task) -> Reply {
    let past = task.attempts.past().iter().map(past);
    let present = task.handed_out().map(|out| {
        map(vec![
            ("attempt", number(task.attempts.handed_out())),
            ("agent", Reply::copy(out.holder.as_bytes())),
            ("delivered_at", iso8601(out.since).into()),
        ])
    });
    Reply::Array(past.chain(present).collect())
}

fn past(attempt: &Attempt) -> Reply {
    map(vec![
        ("attempt", number(attempt.number)),
        ("agent", Reply::copy(attempt.agent.as_bytes())),
        ("delivered_at", iso8601(attempt.since).into()),
        ("ended_at", iso8601(attempt.until).into()),
        ("end", Reply::text(attempt.end.word())),
        ("reason", Reply::copy(attempt.reason.as_bytes())),
    ])
}

fn number(number: u32) -> Reply {
    Reply::Int(number.into())
}

fn map(fields: Vec<Field>) -> Reply {
    Reply::Map(fields.into_iter().map(|(name, value)| (Reply::text(name), value)).collect())
}
