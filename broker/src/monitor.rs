//! `MONITOR`: a line for every request.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use clawlink_actors::Args;
use clawlink_actors::outbox::{Publication, Reason};

use crate::session::Session;

/// Shows a request to all monitors.
pub(crate) fn show(session: &Session, args: &Args<'_>) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut line = format!(
        "{}.{:06} [{} {}]",
        since.as_secs(),
        since.subsec_micros(),
        session.caller.db,
        session.client.peer
    );
    for word in args.words() {
        line.push(' ');
        quote(word, &mut line);
    }
    let line = Publication::new(Reason::Monitor, Bytes::new(), Bytes::from(line));
    let most = session.shared.directory.limits.outbox_bytes_max.get();
    session.shared.monitors.show(&line, most);
}

/// A word in double quotes, with everything unprintable escaped.
pub(crate) fn quote(word: &[u8], line: &mut String) {
    line.push('"');
    for &byte in word {
        match byte {
            b'"' | b'\\' => line.extend(['\\', char::from(byte)]),
            b'\n' => line.push_str("\\n"),
            b'\r' => line.push_str("\\r"),
            b'\t' => line.push_str("\\t"),
            0x07 => line.push_str("\\a"),
            0x08 => line.push_str("\\b"),
            b' '..=b'~' => line.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => drop(write!(line, "\\x{byte:02x}")),
        }
    }
    line.push('"');
}
