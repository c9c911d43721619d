//! `MONITOR`: a line for every request.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use clawlink_actors::Args;
use clawlink_actors::outbox::{Moment, Publication, Reason};

use crate::session::Session;
use crate::shared::Shared;

/// Shows a request of a script to all monitors.
pub(crate) fn show_script(shared: &Shared, db: u8, args: &Args<'_>) {
    show_from(shared, db, "lua", args);
}

/// Shows a request to all monitors.
pub(crate) fn show(session: &Session, args: &Args<'_>) {
    show_from(&session.shared, session.caller.db, &session.client.peer, args);
}

fn show_from(shared: &Shared, db: u8, peer: &str, args: &Args<'_>) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut line = format!("{}.{:06} [{} {}]", since.as_secs(), since.subsec_micros(), db, peer);
    for (at, word) in args.words().enumerate() {
        line.push(' ');
        quote(if is_secret(args, at) { REDACTED } else { word }, &mut line);
    }
    let line =
        Publication::new(Reason::Monitor, Bytes::new(), Bytes::from(line), Moment::BeforeReply);
    let most = shared.directory.limits.outbox_bytes_max.get();
    shared.monitors.show(&line, most);
}

/// What is shown in the place of a secret.
pub(crate) const REDACTED: &[u8] = b"(redacted)";

/// Whether word `at` of a request may be a token, which nobody is shown: the arguments of `AUTH`, and the two words
/// behind `AUTH` in `HELLO`; and the rules of `ACL SETUSER`.
pub(crate) fn is_secret(args: &Args<'_>, at: usize) -> bool {
    let is = |at: usize, name: &[u8]| args.word(at).eq_ignore_ascii_case(name);
    at > 0 && is(0, b"AUTH")
        || at > 1 && is(0, b"ACL") && is(1, b"SETUSER")
        || is(0, b"HELLO") && at > 2 && (is(at - 1, b"AUTH") || at > 3 && is(at - 2, b"AUTH"))
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
