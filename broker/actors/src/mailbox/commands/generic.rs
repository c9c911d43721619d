//! What generic commands do on `inbox:` and `task:` keys. An inbox exists while something is queued in it, a task
//! while it is remembered.

use crate::call::Call;
use crate::generic::ShowsKeys;
use crate::key_events::events;
use crate::mailbox::Mailbox;
use crate::place::{INBOX, TASK};
use crate::{Outcome, Refusal, Reply};

pub use crate::generic::{exists, touch, ttl, type_};

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

impl ShowsKeys for Mailbox {
    fn type_at(&self, key: &[u8]) -> Option<&'static str> {
        match held(self, key) {
            Held::Nothing => None,
            Held::Inbox => Some("list"),
            Held::Task => Some("hash"),
        }
    }
}

/// `DEL`, `UNLINK`: drops what is queued; the senders of tasks are told. What agents have been handed stays theirs.
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
                mailbox.make(call.now, call.env, Mailbox::drop_queued);
                mailbox.changed(call.now, call.env);
                call.happened(events::DEL, call.word(index));
            }
        }
    }
    Ok(Reply::Int(gone))
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
            task.map_or(Reply::Nil, |task| Reply::len(task.memory()))
        }
    })
}
