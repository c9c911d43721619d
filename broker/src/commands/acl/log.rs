//! `ACL LOG`: who gave a wrong token or key.

use std::collections::VecDeque;

use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::owner::now_ms;
use clawlink_actors::{Args, Outcome, Refusal, Reply};
use parking_lot::Mutex;

use super::{ADMIN, unknown_form};
use crate::commands::{EdgeCommand, EdgeRun};
use crate::session::Session;

/// How many denials are kept: Redis's default.
const KEPT_MAX: usize = 128;
/// Denials of the same user within this time are one entry: Redis's.
const SAME_MS: u64 = 60_000;
/// How many are shown unless asked for otherwise: Redis's default.
const SHOWN: i64 = 10;
/// How much of a user's name is kept, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// Who was turned away.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<VecDeque<Denial>>);

/// A user who was turned away, newest first in the log.
#[derive(Debug, Clone)]
struct Denial {
    count: u64,
    /// `auth` or `hello`, as it was sent.
    command: String,
    user: String,
    /// When it happened last, in milliseconds since 1970.
    at: u64,
    /// The line of `CLIENT LIST` of who tried.
    client: String,
}

impl Denials {
    /// A client gave a wrong secret. `command`: what it sent; `client`: its line in `CLIENT LIST`; `now` is in
    /// milliseconds since 1970.
    pub(crate) fn note(&self, command: &[u8], user: &[u8], client: String, now: u64) {
        let text = |word: &[u8]| {
            String::from_utf8_lossy(&word[..word.len().min(NAME_BYTES_MAX)]).into_owned()
        };
        let (command, user) = (text(command), text(user));
        let mut denials = self.0.lock();
        let same = |denial: &Denial| {
            denial.user == user && denial.command == command && now - denial.at.min(now) < SAME_MS
        };
        let count = match denials.iter().position(same) {
            Some(at) => denials.remove(at).map_or(0, |denial| denial.count),
            None => 0,
        };
        denials.push_front(Denial { count: count + 1, command, user, at: now, client });
        denials.truncate(KEPT_MAX);
    }

    fn newest(&self, count: usize) -> Vec<Denial> {
        self.0.lock().iter().take(count).cloned().collect()
    }

    fn reset(&self) {
        self.0.lock().clear();
    }
}

pub(super) static LOG: EdgeCommand = EdgeCommand {
    command: Command {
        name: "acl|log",
        arity: -2,
        complexity: "O(N), N being the number of entries shown",
        summary: "Lists who gave a wrong token or key, newest first, or forgets it.",
        syntax: "[count | RESET]",
        ..ADMIN
    },
    run: EdgeRun::Now(log),
};

fn log(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let denials = &session.shared.denials;
    let count = match args.len() {
        2 => SHOWN,
        3 if args.word(2).eq_ignore_ascii_case(b"RESET") => {
            denials.reset();
            return Ok(Reply::Ok);
        }
        3 => number::parse_i64(args.word(2)).ok_or(Refusal::NotInteger)?,
        _ => return Err(unknown_form(args)),
    };
    let now = now_ms();
    let newest = denials.newest(usize::try_from(count).unwrap_or(0));
    Ok(Reply::Array(newest.into_iter().map(|denial| entry(denial, now)).collect()))
}

fn entry(denial: Denial, now: u64) -> Reply {
    let text = Reply::text;
    let age_s = now.saturating_sub(denial.at) as f64 / 1000.0;
    Reply::Map(vec![
        (text("count"), Reply::Int(denial.count as i64)),
        (text("reason"), text("auth")),
        (text("context"), text("toplevel")),
        (text("object"), Reply::Bulk(denial.command.into())),
        (text("username"), Reply::Bulk(denial.user.into())),
        (text("age-seconds"), Reply::Double(age_s)),
        (text("client-info"), Reply::Bulk(denial.client.into())),
    ])
}

#[cfg(test)]
mod tests {
    use super::{Denials, KEPT_MAX};

    #[test]
    fn the_same_user_counts_up_for_a_minute() {
        let denials = Denials::default();
        [1_000, 2_000, 70_000]
            .iter()
            .for_each(|&now| denials.note(b"AUTH", b"eve", "".into(), now));
        denials.note(b"AUTH", b"mallory", "".into(), 70_000);
        let counts: Vec<u64> = denials.newest(9).iter().map(|denial| denial.count).collect();
        assert_eq!(counts, [1, 1, 2]);
        (0..200).for_each(|n| denials.note(b"AUTH", format!("{n}").as_bytes(), "".into(), 70_000));
        assert_eq!(denials.newest(999).len(), KEPT_MAX);
        denials.reset();
        assert!(denials.newest(9).is_empty());
    }
}
