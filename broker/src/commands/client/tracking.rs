//! Client-side caching: `CLIENT TRACKING` and what belongs to it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::tracking::{Mode, Redirection, Tracker};
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::{OWN, by_id, on_or_off};
use crate::commands::{EdgeCommand, EdgeRun};
use crate::session::Session;

pub(super) static TRACKING: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|tracking",
        arity: -3,
        since: "6.0.0",
        complexity: "O(1); O(N) for N prefixes",
        summary: "Chooses whether the client, which keeps copies of what it reads, is told when that changes.",
        syntax: "(ON | OFF) [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
        ..OWN
    },
    run: EdgeRun::Now(tracking),
};

fn tracking(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let options = Options::parse(session, args)?;
    if on_or_off(args.word(2))? {
        let mode = options.mode(session.caching.tracker.as_ref().map(|tracker| &tracker.mode))?;
        let Options { redirection, ignores_own, .. } = options;
        let (client, outbox) = (session.client.id, session.client.outbox.clone());
        let is_broken = AtomicBool::new(false);
        session.start_tracking(Tracker {
            client,
            outbox,
            mode,
            ignores_own,
            redirection,
            is_broken,
        });
    } else {
        session.stop_tracking();
    }
    Ok(Reply::Ok)
}

#[derive(Default)]
struct Options {
    redirection: Option<Redirection>,
    prefixes: Vec<Bytes>,
    broadcast: bool,
    opt_in: bool,
    opt_out: bool,
    ignores_own: bool,
}

impl Options {
    fn parse(session: &Session, args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        args.seek(3);
        while !args.at_end() {
            let more = args.left() > 1;
            if more && args.accept("REDIRECT") {
                if options.redirection.is_some() {
                    return refuse("A client can only redirect to a single other client");
                }
                options.redirection = Some(redirection(session, args.next_word()?)?);
            } else if more && args.accept("PREFIX") {
                options.prefixes.push(Bytes::copy_from_slice(args.next_word()?));
            } else if args.accept("BCAST") {
                options.broadcast = true;
            } else if args.accept("OPTIN") {
                options.opt_in = true;
            } else if args.accept("OPTOUT") {
                options.opt_out = true;
            } else if args.accept("NOLOOP") {
                options.ignores_own = true;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Ok(options)
    }

    /// What the client is told of, if the options go together and with what it was told of until now.
    fn mode(&self, old: Option<&Mode>) -> Result<Mode, Refusal> {
        if !self.broadcast && !self.prefixes.is_empty() {
            return refuse("PREFIX option requires BCAST mode to be enabled");
        }
        if old.is_some_and(|old| old.remembers_reads() == self.broadcast) {
            return refuse(
                "You can't switch BCAST mode on/off before disabling tracking for this client, and then \
                 re-enabling it with a different mode.",
            );
        }
        if self.broadcast && (self.opt_in || self.opt_out) {
            return refuse("OPTIN and OPTOUT are not compatible with BCAST");
        }
        if self.opt_in && self.opt_out {
            return refuse("You can't specify both OPTIN mode and OPTOUT mode");
        }
        let switches = match old {
            Some(Mode::ChosenReads) => self.opt_out,
            Some(Mode::OtherReads) => self.opt_in,
            _ => false,
        };
        if switches {
            return refuse(
                "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then \
                 re-enabling it with a different mode.",
            );
        }
        Ok(match (self.broadcast, self.opt_in, self.opt_out) {
            (true, ..) => Mode::Prefixes(self.prefixes(old)?),
            (_, true, _) => Mode::ChosenReads,
            (.., true) => Mode::OtherReads,
            _ => Mode::Reads,
        })
    }

    /// The prefixes, with those that the client has named before; without any, every key is meant.
    fn prefixes(&self, old: Option<&Mode>) -> Result<BTreeSet<Bytes>, Refusal> {
        let mut all = match old {
            Some(Mode::Prefixes(old)) => old.clone(),
            _ => BTreeSet::new(),
        };
        for (at, prefix) in self.prefixes.iter().enumerate() {
            if let Some(other) = all.iter().find(|other| overlap(prefix, other)) {
                return Err(overlapping(prefix, "an existing", other));
            }
            if let Some(other) = self.prefixes[at + 1..].iter().find(|other| overlap(prefix, other))
            {
                return Err(overlapping(prefix, "another provided", other));
            }
        }
        if self.prefixes.is_empty() {
            all.insert(Bytes::new());
        }
        all.extend(self.prefixes.iter().cloned());
        Ok(all)
    }
}

/// The connection that is to be told in the place of this one.
fn redirection(session: &Session, word: &[u8]) -> Result<Redirection, Refusal> {
    let id = number::parse_i64(word).ok_or(Refusal::NotInteger)?;
    let Some(other) = by_id(&session.shared, id) else {
        return refuse("The client ID you want redirect to does not exist");
    };
    Ok(Redirection { client: other.id, outbox: other.outbox.clone() })
}

fn refuse<T>(text: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Fixed("ERR", text))
}

fn overlap(one: &[u8], other: &[u8]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn overlapping(prefix: &[u8], which: &str, other: &[u8]) -> Refusal {
    let (prefix, other) = (String::from_utf8_lossy(prefix), String::from_utf8_lossy(other));
    let text = format!(
        "Prefix '{prefix}' overlaps with {which} prefix '{other}'. Prefixes for a single client must not overlap."
    );
    Refusal::Custom("ERR", text.into())
}

pub(super) static TRACKINGINFO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|trackinginfo",
        arity: 2,
        since: "6.2.0",
        summary: "Says how the connection is told of changes.",
        ..OWN
    },
    run: EdgeRun::Now(|session, _| {
        let prefixes = session.caching.tracker.iter().flat_map(|tracker| tracker.prefixes());
        Ok(Reply::Map(vec![
            (Reply::text("flags"), Reply::Set(flags(session))),
            (Reply::text("redirect"), redirected_to(session)),
            (Reply::text("prefixes"), Reply::Array(prefixes.cloned().map(Reply::Bulk).collect())),
        ]))
    }),
};

fn flags(session: &Session) -> Vec<Reply> {
    let Some(tracker) = &session.caching.tracker else { return vec![Reply::text("off")] };
    let said = session.caching.is_said;
    let flags = [
        ("on", true),
        ("bcast", !tracker.mode.remembers_reads()),
        ("optin", tracker.mode == Mode::ChosenReads),
        ("caching-yes", said && tracker.mode == Mode::ChosenReads),
        ("optout", tracker.mode == Mode::OtherReads),
        ("caching-no", said && tracker.mode == Mode::OtherReads),
        ("noloop", tracker.ignores_own),
        ("broken_redirect", tracker.is_broken.load(Ordering::Relaxed)),
    ];
    flags.iter().filter(|(_, is)| *is).map(|(flag, _)| Reply::text(flag)).collect()
}

/// The id of the connection that is told in the place of this one; 0 if none is, -1 if nobody is told.
fn redirected_to(session: &Session) -> Reply {
    let tracker = session.caching.tracker.as_ref();
    Reply::Int(tracker.map_or(-1, |tracker| tracker.redirected_to().cast_signed()))
}

pub(super) static CACHING: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|caching",
        arity: 3,
        since: "6.0.0",
        summary: "Chooses whether what the next command reads is remembered.",
        syntax: "(YES | NO)",
        ..OWN
    },
    run: EdgeRun::Now(caching),
};

fn caching(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let mode = session.caching.tracker.as_ref().map(|tracker| &tracker.mode);
    let opts_in = match mode {
        Some(Mode::ChosenReads) => true,
        Some(Mode::OtherReads) => false,
        _ => {
            return refuse(
                "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or \
                 OPTOUT mode enabled",
            );
        }
    };
    let yes = args.word(2).eq_ignore_ascii_case(b"YES");
    if !yes && !args.word(2).eq_ignore_ascii_case(b"NO") {
        return Err(Refusal::Syntax);
    }
    match (yes, opts_in) {
        (true, false) => {
            refuse("CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
        }
        (false, true) => {
            refuse("CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
        }
        _ => {
            session.say_caching(true);
            Ok(Reply::Ok)
        }
    }
}

pub(super) static GETREDIR: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|getredir",
        arity: 2,
        since: "6.0.0",
        summary: "Answers which connection is told of changes in the place of this one.",
        ..OWN
    },
    run: EdgeRun::Now(|session, _| Ok(redirected_to(session))),
};
