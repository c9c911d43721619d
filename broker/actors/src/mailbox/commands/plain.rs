//! Tasks as hashes: what `HGETALL task:<message id>` and its kin answer. They are maintained by the broker and
//! read-only. On `inbox:` keys, which are lists, they are refused.

use std::borrow::Cow;

use clawlink_protocol::time::iso8601;
use clawlink_protocol::{TaskDelegation, TaskResponse};

use super::text;
use crate::call::Call;
use crate::mailbox::{Entry, Mailbox, Stage};
use crate::place::{INBOX, TASK};
use crate::{Outcome, Refusal, Reply};

type Fields = Vec<(&'static str, String)>;

/// The task that a key names: its id and its entry.
pub(super) fn task<'a, 'k>(
    mailbox: &'a Mailbox,
    key: &'k [u8],
) -> Option<(Cow<'k, str>, &'a Entry)> {
    let id = text(key.strip_prefix(TASK.as_bytes())?);
    let entry = mailbox.task(&id).ok()?;
    Some((id, entry))
}

/// What is known of a task: its record while the mailbox has it, where it is, and its answer.
fn fields(mailbox: &Mailbox, id: &str, entry: &Entry) -> Fields {
    let status = match &entry.stage {
        Stage::Finished(status, _) => status.word(),
        _ if entry.in_progress => "in_progress",
        Stage::Queued => "queued",
        Stage::Out(_) | Stage::Taken => "delivered",
    };
    let mut fields = vec![
        ("message_id", id.to_owned()),
        ("from_agent", entry.from.to_string()),
        ("to_agent", mailbox.name().to_owned()),
        ("status", status.to_owned()),
    ];
    let record = mailbox.record(id).and_then(|record| serde_json::from_slice(record).ok());
    if let Some(TaskDelegation { task, task_base64, context, priority, timestamp, .. }) = record {
        fields.extend(task.map(|task| ("task", task)));
        fields.extend(task_base64.map(|task| ("task_base64", task)));
        fields.extend(context.map(|context| ("context", context.get().to_owned())));
        fields.push(("priority", priority.word().to_owned()));
        fields.push(("timestamp", timestamp));
    }
    match &entry.stage {
        Stage::Out(handed) => {
            fields.push(("leased_to", handed.holder.to_string()));
            fields.push(("lease_ends", iso8601(handed.until)));
        }
        Stage::Finished(_, response) => fields.extend(answer(response)),
        Stage::Queued | Stage::Taken => {}
    }
    fields
}

fn answer(response: &[u8]) -> Fields {
    let Ok(response) = serde_json::from_slice::<TaskResponse>(response) else {
        return vec![];
    };
    let mut fields = vec![("response_id", response.response_id)];
    fields.extend(response.result.map(|result| ("result", result)));
    fields.extend(response.result_base64.map(|result| ("result_base64", result)));
    fields.push(("answered_by", response.from_agent));
    fields.push(("answered_at", response.timestamp));
    fields
}

/// The fields of the task that the call's key names; none if there is no such task.
fn hash(mailbox: &Mailbox, call: &Call<'_>) -> Result<Fields, Refusal> {
    let key = call.key();
    if key.starts_with(INBOX.as_bytes()) {
        return Err(Refusal::WrongType);
    }
    let task = task(mailbox, key);
    Ok(task.map_or_else(Vec::new, |(id, entry)| fields(mailbox, &id, entry)))
}

fn value(fields: &Fields, name: &[u8]) -> Reply {
    let found = fields.iter().find(|(field, _)| field.as_bytes() == name);
    Reply::bulk_or_nil(found.map(|(_, value)| value.clone().into()))
}

/// `HGETALL`
pub fn hgetall(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let fields = hash(mailbox, call)?.into_iter();
    Ok(Reply::Map(fields.map(|(name, value)| (Reply::text(name), value.into())).collect()))
}

/// `HGET`
pub fn hget(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    Ok(value(&hash(mailbox, call)?, call.word(2)))
}

/// `HMGET`
pub fn hmget(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let fields = hash(mailbox, call)?;
    Ok(Reply::Array(call.words().skip(2).map(|name| value(&fields, name)).collect()))
}

/// `HKEYS`
pub fn hkeys(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let fields = hash(mailbox, call)?.into_iter();
    Ok(Reply::Array(fields.map(|(name, _)| Reply::text(name)).collect()))
}

/// `HVALS`
pub fn hvals(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let fields = hash(mailbox, call)?.into_iter();
    Ok(Reply::Array(fields.map(|(_, value)| value.into()).collect()))
}

/// `HLEN`
pub fn hlen(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::len(hash(mailbox, call)?.len()))
}

/// `HEXISTS`
pub fn hexists(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let found = value(&hash(mailbox, call)?, call.word(2));
    Ok(Reply::flag(!found.is_nothing()))
}
