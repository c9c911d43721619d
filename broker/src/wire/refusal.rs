//! The one table of what a client reads when a command is refused: byte-equal to Redis's texts where Redis has the error.

use clawlink_actors::Refusal;

/// Writes a refusal as an error reply.
pub fn write_refusal(refusal: &Refusal, out: &mut Vec<u8>) {
    out.push(b'-');
    out.extend_from_slice(&refusal_text(refusal));
    out.extend_from_slice(b"\r\n");
}

/// The text of a refusal, its code first, as one line.
pub fn refusal_text(refusal: &Refusal) -> Vec<u8> {
    let mut text = text(refusal);
    // What a client sent may be quoted in it. As in Redis, ends of lines at the end are dropped.
    let is_end = |byte: &u8| matches!(*byte, b'\r' | b'\n');
    let len = text.iter().rposition(|byte| !is_end(byte)).map_or(0, |last| last + 1);
    text.truncate(len);
    text.iter_mut().filter(|byte| is_end(byte)).for_each(|byte| *byte = b' ');
    text
}

/// The longest code of an error, in bytes: what begins with a longer word has none.
const CODE_BYTES_MAX: usize = 30;

/// The code that a refusal's text begins with: `ERR`, `WRONGTYPE`. As in Redis it is `ERR` where there is none.
pub fn code(refusal: &Refusal) -> String {
    let text = text(refusal);
    let mut words = text.split(|byte| *byte == b' ');
    let code = words.next().filter(|code| code.len() <= CODE_BYTES_MAX && words.next().is_some());
    code.map_or_else(|| "ERR".to_owned(), |code| String::from_utf8_lossy(code).into_owned())
}

fn text(refusal: &Refusal) -> Vec<u8> {
    let text = match refusal {
        Refusal::Fixed(code, text) => format!("{code} {text}"),
        Refusal::Custom(code, text) => return [code.as_bytes(), b" ", text.as_bytes()].concat(),
        // Redis ends what a script says at a zero byte.
        Refusal::Told(text) | Refusal::Repeated(text) => {
            return text.as_bytes().split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        }
        Refusal::UnknownCommand(name, args) => {
            let (name, args) = (name.as_bytes(), args.as_bytes());
            let between = b"', with args beginning with: ";
            return [b"ERR unknown command '", name, between, args].concat();
        }
        Refusal::UnknownSubcommand(sent, container) => {
            let end = format!("'. Try {} HELP.", container.to_ascii_uppercase());
            return [b"ERR unknown subcommand '", sent.as_bytes(), end.as_bytes()].concat();
        }
        other => fixed(other).map_or_else(|| composed(other), |text| format!("ERR {text}")),
    };
    text.into_bytes()
}

/// The texts without a part of their own, all with the code `ERR`.
fn fixed(refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::Syntax => "syntax error",
        Refusal::NotInteger => "value is not an integer or out of range",
        Refusal::NotFloat => "value is not a valid float",
        Refusal::MustBePositive => "value is out of range, must be positive",
        Refusal::IndexOutOfRange => "index out of range",
        Refusal::OutOfRange => "value is out of range",
        Refusal::Overflow => "increment or decrement would overflow",
        Refusal::DecrementOverflow => "decrement would overflow",
        Refusal::NanOrInfinity => "increment would produce NaN or Infinity",
        Refusal::OffsetOutOfRange => "offset is out of range",
        Refusal::StringTooLong => "string exceeds maximum allowed size (proto-max-bulk-len)",
        Refusal::HashNotInteger => "hash value is not an integer",
        Refusal::HashNotFloat => "hash value is not a float",
        Refusal::ExpireNxAndOthers => {
            "NX and XX, GT or LT options at the same time are not compatible"
        }
        Refusal::ExpireGtAndLt => "GT and LT options at the same time are not compatible",
        Refusal::NoSuchKey => "no such key",
        Refusal::SameObject => "source and destination objects are the same",
        Refusal::DbOutOfRange => "DB index is out of range",
        Refusal::TimeoutNotFloat => "timeout is not a float or out of range",
        Refusal::TimeoutNotInteger => "timeout is not an integer or out of range",
        Refusal::TimeoutNegative => "timeout is negative",
        Refusal::NumkeysNotPositive => "numkeys should be greater than 0",
        Refusal::CountNotPositive => "count should be greater than 0",
        Refusal::InvalidCursor => "invalid cursor",
        Refusal::InvalidStreamId => "Invalid stream ID specified as stream command argument",
        Refusal::Internal => "internal error",
        _ => return None,
    })
}

/// The texts that name something, and those with a code of their own.
fn composed(refusal: &Refusal) -> String {
    match refusal {
        Refusal::WrongType => {
            "WRONGTYPE Operation against a key holding the wrong kind of value".into()
        }
        Refusal::WrongArity(name) => format!("ERR wrong number of arguments for '{name}' command"),
        Refusal::NoMeaning(name, prefix) => {
            format!("ERR '{name}' has no meaning for '{prefix}' keys")
        }
        Refusal::CannotSpan(name) => {
            format!("ERR '{name}' cannot span keys that belong to different owners")
        }
        Refusal::ReadOnly(prefix) => {
            format!("ERR '{prefix}' keys are maintained by the broker and cannot be written")
        }
        Refusal::InvalidExpire(name) => format!("ERR invalid expire time in '{name}' command"),
        Refusal::InvalidSwapIndex(which) => format!("ERR invalid {which} DB index"),
        Refusal::OutOfMemory => "OOM command not allowed when used memory > 'maxmemory'.".into(),
        Refusal::ShuttingDown => "UNBLOCKED the broker is shutting down".into(),
        other => agents(other),
    }
}

/// The texts of the agents' world. `docs/protocol.md` lists them.
fn agents(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoAgent(id) => format!("NOAGENT no agent '{id}' is registered"),
        Refusal::NoCapability(name) => {
            format!("NOAGENT no registered agent has the capability '{name}'")
        }
        Refusal::AgentInUse(id) => format!(
            "AGENTINUSE agent '{id}' is online: give the KEY of its registration to resume it, \
             or another name or ID"
        ),
        Refusal::BadKey(id) => format!("BADKEY wrong key for agent '{id}'"),
        Refusal::AgentTaken(id) => format!(
            "AGENTINUSE agent '{id}' is registered: give the KEY of its registration to resume it, \
             or another name or ID"
        ),
        Refusal::NotYou(id, named) => {
            format!("NOTYOU this connection is agent '{id}', it cannot act as '{named}'")
        }
        Refusal::NoIdentity => {
            "NOIDENTITY identify yourself first: CLAW.IDENTIFY id key, or CLAW.REGISTER".into()
        }
        Refusal::NotYourInbox(inbox, id) => {
            format!(
                "NOTYOU this connection is agent '{id}', it cannot read or empty inbox '{inbox}'"
            )
        }
        Refusal::InvalidName(what, sent) => {
            format!("ERR invalid {what} '{sent}': use 1 to 64 of A-Z a-z 0-9 . _ -")
        }
        Refusal::InboxFull(name, limit) => {
            format!("INBOXFULL inbox '{name}' holds {limit} messages, its limit: try again later")
        }
        Refusal::InboxFullBytes(name, limit) => {
            format!("INBOXFULL inbox '{name}' holds {limit} bytes, its limit: try again later")
        }
        Refusal::NoTask(id) => format!("NOTASK no task '{id}' is open here"),
        Refusal::Answered(id, status) => {
            format!("ANSWERED task '{id}' was answered already ({status})")
        }
        Refusal::Canceled(id, reason) if reason.is_empty() => {
            format!("CANCELED task '{id}' was canceled")
        }
        Refusal::Canceled(id, reason) => format!("CANCELED task '{id}' was canceled: {reason}"),
        Refusal::BadState(id, is, wanted) => {
            format!("BADSTATE task '{id}' is {is}, so it cannot become {wanted}")
        }
        Refusal::NotHeld(id, holder, attempt) => {
            format!("NOTHELD task '{id}' is held by '{holder}' (attempt {attempt})")
        }
        Refusal::HeldByNobody(id, is) => {
            format!("NOTHELD task '{id}' is held by nobody: it is {is}")
        }
        Refusal::Loop(hop, limit) => {
            format!("LOOP task would be hop {hop} of a chain, the limit is {limit}")
        }
        Refusal::TooManyTasks(from, limit, to) => {
            format!("TOOMANY '{from}' has {limit} open tasks with '{to}', the limit")
        }
        Refusal::NoGroup(name) => format!("NOGROUP no group '{name}'"),
        Refusal::Conflict(key, at, by, base) => {
            format!("CONFLICT file '{key}' is at version {at} by '{by}', not {base}")
        }
        Refusal::ConflictMissing(key, base) => {
            format!("CONFLICT file '{key}' does not exist, so it is not at version {base}")
        }
        Refusal::NoVersion(key, version, oldest, newest) => format!(
            "NOVERSION file '{key}' has no version {version}: versions {oldest} to {newest} are kept"
        ),
        Refusal::NoFile(key) => format!("NOFILE there is no file '{key}'"),
        Refusal::Unmergeable(key, at, by, base, why) => format!(
            "CONFLICT file '{key}' is at version {at} by '{by}', not {base}, and cannot be merged: {why}"
        ),
        Refusal::Locked(key, holder, seconds) => {
            format!("LOCKED file '{key}' is locked by '{holder}' for another {seconds} s")
        }
        Refusal::FileExists(key) => {
            format!("CONFLICT file '{key}' exists: give another key, or FORCE to save over it")
        }
        Refusal::NoUpload(id, key) => format!("NOUPLOAD no upload '{id}' is open for file '{key}'"),
        Refusal::FileTooLarge(key, limit) => {
            format!("ERR file '{key}' is larger than {limit} bytes, the limit")
        }
        // Every other reason has its text above; a new one without a text shows up as its name.
        other => format!("ERR {other:?}"),
    }
}
