//! `CLIENT LIST` and `CLIENT INFO`: a line for each connection.

use std::sync::atomic::Ordering;

use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::owner::now_ms;
use clawlink_actors::tracking::Tracker;
use clawlink_actors::{Args, Outcome, Refusal, Reply};

use super::{Kind, OTHERS, OWN};
use crate::clients::Client;
use crate::commands::{EdgeCommand, EdgeRun};
use crate::session::Session;

const CHANGING: &[&str] = &["nondeterministic_output"];

pub(super) static INFO: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|info",
        arity: 2,
        since: "6.2.0",
        tips: CHANGING,
        summary: "Describes the connection in the form of CLIENT LIST.",
        ..OWN
    },
    run: EdgeRun::Now(|session, _| {
        let tracker = session.caching.tracker.as_deref();
        Ok(Reply::Verbatim(line(&session.client, tracker, now_ms()) + "\n"))
    }),
};

pub(super) static LIST: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|list",
        arity: -2,
        since: "2.4.0",
        complexity: "O(N), N being the number of connections",
        tips: CHANGING,
        summary: "Describes all connections, a line for each.",
        syntax: "[TYPE (NORMAL | MASTER | REPLICA | PUBSUB)] [ID client-id [client-id ...]]",
        ..OTHERS
    },
    run: EdgeRun::Now(list),
};

fn list(session: &mut Session, args: &mut Args<'_>) -> Outcome {
    let mut clients = session.shared.clients.all();
    args.seek(2);
    if args.left() == 2 && args.accept("TYPE") {
        let kind = Kind::parse(args.next_word()?)?;
        clients.retain(|client| Kind::of(client) == kind);
    } else if args.left() > 1 && args.accept("ID") {
        let mut ids = Vec::new();
        while let Some(word) = args.peek() {
            let id = number::parse_i64(word).ok_or(Refusal::Fixed("ERR", "Invalid client ID"))?;
            ids.push(id);
            args.next_word()?;
        }
        let found = ids.into_iter().filter_map(|id| super::by_id(&session.shared, id));
        clients = found.collect();
    } else {
        args.finish()?;
    }
    let now = now_ms();
    let tracking = &session.shared.directory.tracking;
    let lines =
        clients.iter().map(|client| line(client, tracking.get(client.id).as_deref(), now) + "\n");
    Ok(Reply::Verbatim(lines.collect()))
}

/// The line of one connection: the fields of Redis 7.0 in their order, then those of 7.2 that describe the client's
/// library, then the agent that it speaks as. An idle connection has no buffers.
pub(in crate::commands) fn line(client: &Client, tracker: Option<&Tracker>, now: u64) -> String {
    let seconds_since = |then: u64| now.saturating_sub(then) / 1000;
    let [sub, psub, ssub] = client.subscribed();
    let labels = client.labels();
    let sizes = &client.sizes;
    let output = sizes.output.get();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "id={} addr={} laddr={} fd=-1 name={} age={} idle={} flags={} db={} sub={sub} psub={psub} \
         ssub={ssub} multi={} qbuf={} qbuf-free={} argv-mem={} multi-mem={} rbs={} rbp={} obl={} \
         oll={} omem={} tot-mem={} events={} cmd={} user=default redir={} resp={} lib-name={} \
         lib-ver={} agent={}",
        client.id,
        client.peer,
        client.local,
        text(&labels.name),
        seconds_since(client.since),
        seconds_since(client.active.load(Ordering::Relaxed)),
        flags(client, tracker),
        client.db.load(Ordering::Relaxed),
        client.queued.load(Ordering::Relaxed),
        sizes.input.get(),
        sizes.input_free.get(),
        sizes.words.get(),
        sizes.queued.get(),
        sizes.output_room.get(),
        sizes.output_peak.get(),
        output,
        client.outbox.len(),
        client.outbox.bytes(),
        client.memory(),
        if output > 0 { "rw" } else { "r" },
        client.last_command.lock(),
        tracker.map_or(-1, |tracker| tracker.redirected_to().cast_signed()),
        client.protocol.load(Ordering::Relaxed),
        text(&labels.lib_name),
        text(&labels.lib_version),
        labels.agent.as_deref().unwrap_or_default(),
    )
}

/// Letters for what a connection does, in Redis's order.
fn flags(client: &Client, tracker: Option<&Tracker>) -> String {
    let waits = [&client.blocked, &client.held_back].iter().any(|is| is.load(Ordering::Relaxed));
    let letters = [
        ('O', client.monitor.load(Ordering::Relaxed)),
        ('P', client.is_subscribed()),
        ('x', client.queued.load(Ordering::Relaxed) >= 0),
        ('b', waits),
        ('t', tracker.is_some()),
        ('R', tracker.is_some_and(|tracker| tracker.is_broken.load(Ordering::Relaxed))),
        ('B', tracker.is_some_and(|tracker| !tracker.mode.remembers_reads())),
        ('U', client.is_local_socket()),
        ('e', client.no_evict.load(Ordering::Relaxed)),
        ('T', client.no_touch.load(Ordering::Relaxed)),
    ];
    let set: String = letters.iter().filter(|(_, is)| *is).map(|(letter, _)| letter).collect();
    if set.is_empty() { "N".into() } else { set }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::line;
    use crate::clients::Clients;

    #[test]
    fn a_line_has_the_fields_of_redis_and_ours_behind_them() {
        let clients = Clients::default();
        let client = clients.open("127.0.0.1:5".into(), "127.0.0.1:9077".into(), 1_000);
        client.subscriptions[1].store(2, Ordering::Relaxed);
        client.queued.store(3, Ordering::Relaxed);
        client.label(|labels| labels.agent = Some("bob".into()));
        let line = line(&client, None, 3_500);
        assert!(line.starts_with("id=1 addr=127.0.0.1:5 laddr=127.0.0.1:9077 "), "{line}");
        assert!(
            line.contains(" age=2 idle=2 flags=Px db=0 sub=0 psub=2 ssub=0 multi=3 "),
            "{line}"
        );
        assert!(line.ends_with(" lib-name= lib-ver= agent=bob"), "{line}");
    }
}
