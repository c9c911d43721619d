//! Tasks as hashes: what `HGETALL task:<message id>` and its kin answer. They are maintained by the broker and
//! read-only. On `inbox:` keys, which are lists, they are refused.

use std::borrow::Cow;

use clawlink_protocol::time::iso8601;

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
    if let Stage::Out(handed) = &entry.stage {
        fields.push(("leased_to", handed.holder.to_string()));
        fields.push(("lease_ends", iso8601(handed.until)));
    }
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
