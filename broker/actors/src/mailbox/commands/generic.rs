//! What generic commands do on `inbox:` and `task:` keys. An inbox exists while something is queued in it, a task
//! while it is remembered.

use super::task_key;
use crate::call::Call;
use crate::mailbox::Mailbox;
use crate::place::{INBOX, TASK};
use crate::{Outcome, Refusal, Reply};

/// What a mailbox has at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Inbox,
    Task,
}

fn held(mailbox: &Mailbox, key: &[u8]) -> Held {
    if key.starts_with(INBOX.as_bytes()) {
        if mailbox.lanes().is_empty() { Held::Nothing } else { Held::Inbox }
    } else if super::plain::task(mailbox, key).is_some() {
        Held::Task
    } else {
        Held::Nothing
    }
}

/// `DEL`, `UNLINK`: drops what is queued. What agents have been handed stays theirs.
///
/// # Errors
/// [`Refusal::ReadOnly`] for tasks.
pub fn del(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let mut gone = 0;
    for index in call.keys() {
        match held(mailbox, call.word(index)) {
            Held::Nothing => {}
            Held::Task => return Err(Refusal::ReadOnly(TASK)),
            Held::Inbox => {
                gone += 1;
                for id in mailbox.drop_queued() {
                    call.modified(&task_key(&id));
                }
                mailbox.changed(call.env);
            }
        }
    }
    Ok(Reply::Int(gone))
}

/// `EXISTS`
pub fn exists(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let found = call.keys().filter(|index| held(mailbox, call.word(*index)) != Held::Nothing);
    Ok(Reply::len(found.count()))
}

/// `TOUCH`: inboxes have no idle time, so it only counts.
pub fn touch(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    exists(mailbox, call)
}

/// `TYPE`
pub fn type_(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Status(match held(mailbox, call.key()) {
        Held::Nothing => "none",
        Held::Inbox => "list",
        Held::Task => "hash",
    }))
}

/// `TTL`, `PTTL`, `EXPIRETIME`, `PEXPIRETIME`: nothing here expires.
pub fn ttl(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    Ok(Reply::Int(if held(mailbox, call.key()) == Held::Nothing { -2 } else { -1 }))
}

/// `OBJECT ENCODING`
pub fn encoding(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    Ok(match held(mailbox, call.key()) {
        Held::Nothing => Reply::Nil,
        Held::Inbox => Reply::text("quicklist"),
        Held::Task => Reply::text("hashtable"),
    })
}

/// `MEMORY USAGE`: of the whole mailbox for an inbox, of the response for a task.
pub fn memory(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    Ok(match held(mailbox, call.key()) {
        Held::Nothing => Reply::Nil,
        Held::Inbox => Reply::len(mailbox.memory()),
        Held::Task => {
            let task = super::plain::task(mailbox, call.key());
            task.map_or(Reply::Nil, |(_, entry)| Reply::len(entry.memory()))
        }
    })
}
