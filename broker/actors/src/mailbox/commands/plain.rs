//! Tasks as hashes: what `HGETALL task:<message id>` and its kin answer. They are maintained by the broker and
//! read-only. On `inbox:` keys, which are lists, they are refused.

use super::show::{self, Field};
use super::text;
use crate::call::Call;
use crate::mailbox::{Mailbox, Task};
use crate::place::{INBOX, TASK};
use crate::{Outcome, Refusal, Reply};

/// The task that a key names.
pub(super) fn task<'a>(mailbox: &'a Mailbox, key: &[u8]) -> Option<&'a Task> {
    mailbox.task(&text(key.strip_prefix(TASK.as_bytes())?)).ok()
}

/// The fields of the task that the call's key names; none if there is no such task.
fn hash(mailbox: &Mailbox, call: &Call<'_>) -> Result<Vec<Field>, Refusal> {
    let key = call.key();
    if key.starts_with(INBOX.as_bytes()) {
        return Err(Refusal::WrongType);
    }
    let Some(task) = task(mailbox, key) else { return Ok(Vec::new()) };
    let last_seen = |agent: &str| call.env.directory.last_seen(agent.as_bytes());
    let fields = show::plain(mailbox, task, &last_seen).into_iter();
    // A hash holds texts alone.
    Ok(fields.map(|(name, value)| (name, as_text(value))).collect())
}

fn as_text(value: Reply) -> Reply {
    if let Reply::Int(number) = value { number.to_string().into() } else { value }
}

fn value(fields: &[Field], name: &[u8]) -> Reply {
    let found = fields.iter().find(|(field, _)| field.as_bytes() == name);
    found.map_or(Reply::Nil, |(_, value)| value.clone())
}

/// `HGETALL`
pub fn hgetall(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let fields = hash(mailbox, call)?.into_iter();
    Ok(Reply::Map(fields.map(|(name, value)| (Reply::text(name), value)).collect()))
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
    Ok(Reply::Array(fields.map(|(_, value)| value).collect()))
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
