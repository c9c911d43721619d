//! Topics among the other owners: notices, blocked readers, and what files publish.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot::Receiver;

use super::{Kind, Notice, ReaderEvent};
use crate::call::Caller;
use crate::command::{self, Flags, Runs};
use crate::directory::Directory;
use crate::limits::Limits;
use crate::outbox::Subscriber;
use crate::owner::{Park, Served, Waiter};
use crate::{Command, Pipeline, Place, Reply};

/// The topics' part of a poll, with the flags that the whole has.
static POLL: Command = Command {
    name: "claw.poll",
    flags: Flags::WRITE,
    run: Runs { topics: Some(super::poll::poll), ..Runs::NONE },
    ..Command::BASE
};

static ACK: Command =
    Command { run: Runs { topics: Some(super::poll::ack), ..Runs::NONE }, ..Command::BASE };

/// A broker without an edge.
struct Desk {
    directory: Arc<Directory>,
    clients: u64,
}

impl Desk {
    fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
        actix_rt::System::new().block_on(async {
            let arbiter = actix_rt::Arbiter::current();
            let directory = Directory::start(arbiter, Limits::default());
            test(Self { directory, clients: 0 }).await;
        });
    }

    /// Asks an owner; the answer comes when there is something.
    fn ask(
        &mut self,
        command: &'static Command,
        place: Place<'_>,
        words: &str,
    ) -> Receiver<Served> {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        let request = Arc::new(Pipeline::of(Some(command), &words));
        self.clients += 1;
        let (waiter, answer) = Waiter::new(self.clients);
        let park = Park { request, caller: Caller::default(), waiter: Arc::new(waiter) };
        self.directory.owner(place, false).expect("it is a single owner").tell(park);
        answer
    }

    fn topics(&mut self, words: &str) -> Receiver<Served> {
        let name = words.split(' ').next().unwrap_or_default();
        let command = command::find(name.as_bytes(), b"").expect("a command");
        self.ask(command, Place::Topics, words)
    }

    fn joined(&self, agent: &str) {
        let (agent, event) = (agent.to_owned(), ReaderEvent::Joined);
        self.directory.tell_topics(Notice::Reader { agent, event });
    }

    fn publish(&self, topic: &str, from: &str, payload: &str) {
        self.directory.tell_topics(Notice::Publish {
            topic: topic.into(),
            from: from.into(),
            message_id: self.directory.message_id(&format!("#{topic}")),
            payload: payload.to_owned().into(),
        });
    }
}

async fn answer(answer: Receiver<Served>) -> Reply {
    let answered = tokio::time::timeout(Duration::from_secs(10), answer).await;
    answered.expect("an answer in time").expect("an answer").reply
}

fn records(records: &[&'static str]) -> Reply {
    Reply::Array(records.iter().map(|record| Reply::text(record)).collect())
}

#[test]
fn every_blocked_agent_gets_a_message_but_its_sender() {
    Desk::run(async |mut desk| {
        ["a", "b", "c"].iter().for_each(|agent| desk.joined(agent));
        let mut sender = desk.ask(&POLL, Place::Topics, "CLAW.POLL a");
        let others = ["b", "c"].map(|agent| {
            desk.ask(&POLL, Place::Topics, &format!("CLAW.POLL {agent} COUNT 5 BLOCK 0 LEASE 9"))
        });
        desk.publish("t", "a", "news");
        for other in others {
            assert_eq!(answer(other).await, records(&["news"]));
        }
        assert!(sender.try_recv().is_err(), "the sender still waits");
        desk.publish("t", "b", "answer");
        assert_eq!(answer(sender).await, records(&["answer"]));
    });
}

#[test]
fn an_acknowledgement_counts_once_and_only_what_topics_hold() {
    Desk::run(async |mut desk| {
        desk.joined("a");
        desk.directory.tell_topics(Notice::Publish {
            topic: "t".into(),
            from: String::new(),
            message_id: "#t.boot.1".into(),
            payload: "news".into(),
        });
        let words = "CLAW.ACK bob.boot.2 #t.boot.1 #t.boot.9 #nothing.boot.1 #t.boot.1 FROM a";
        assert_eq!(answer(desk.ask(&ACK, Place::Topics, words)).await, Reply::Int(1));
        let again = desk.ask(&ACK, Place::Topics, words);
        assert_eq!(answer(again).await, Reply::Int(0));
        let mut poll = desk.ask(&POLL, Place::Topics, "CLAW.POLL a");
        assert_eq!(answer(desk.topics("XLEN topic:t")).await, Reply::Int(1));
        assert!(poll.try_recv().is_err(), "what is acknowledged is not handed out");
        let nobody = answer(desk.ask(&ACK, Place::Topics, "CLAW.ACK #t.boot.1")).await;
        assert!(nobody.is_error());
    });
}

#[test]
fn a_reader_of_the_newest_waits_for_what_comes_after_it_asked() {
    Desk::run(async |mut desk| {
        desk.publish("t", "", "old");
        let first = desk.topics("XREAD BLOCK 0 STREAMS topic:t topic:u $ $");
        let second = desk.topics("XREAD COUNT 1 BLOCK 0 STREAMS topic:t $");
        desk.publish("v", "", "elsewhere");
        desk.publish("t", "", "new");
        for reader in [first, second] {
            let Reply::Named(streams) = answer(reader).await else { panic!("streams") };
            let shown = format!("{streams:?}");
            assert!(streams.len() == 1 && shown.contains("new"), "{shown}");
            assert!(!shown.contains("old") && !shown.contains("elsewhere"), "{shown}");
        }
    });
}

#[test]
fn a_subscriber_gets_what_is_published_behind_its_notice_until_it_falls_behind() {
    Desk::run(async |mut desk| {
        let subscriber = Subscriber { client: 7, outbox: Arc::default() };
        let outbox = subscriber.outbox.clone();
        let (kind, name) = (Kind::Channel, "c".into());
        desk.directory.tell_topics(Notice::Subscribe { kind, name, subscriber });
        assert_eq!(answer(desk.topics("PUBLISH c hello")).await, Reply::Int(1));
        let mut got = Vec::new();
        outbox.take(&mut got);
        assert_eq!(got.iter().map(|p| &p.payload[..]).collect::<Vec<_>>(), [b"hello"]);
        desk.directory.limits.outbox_bytes_max.set(10);
        assert_eq!(answer(desk.topics("PUBLISH c hello")).await, Reply::Int(1));
        assert_eq!(answer(desk.topics("PUBLISH c hello")).await, Reply::Int(0));
        assert_eq!(desk.directory.counters.slow_subscribers.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_topic_too_many_is_refused_and_the_others_go_on() {
    Desk::run(async |mut desk| {
        desk.directory.limits.topics_max.set(1);
        assert_eq!(answer(desk.topics("PUBLISH topic:a x")).await, Reply::Int(0));
        assert!(answer(desk.topics("PUBLISH topic:b x")).await.is_error());
        assert!(answer(desk.topics("CLAW.BROADCAST b x")).await.is_error());
        assert_eq!(answer(desk.topics("PUBLISH topic:a x")).await, Reply::Int(0));
        assert_eq!(answer(desk.topics("PUBLISH b x")).await, Reply::Int(0));
        assert_eq!(desk.directory.counters.topics.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn files_tell_the_topics_what_changed() {
    Desk::run(async |mut desk| {
        let put = command::find(b"claw.file", b"put").expect("a command");
        let saved = desk.ask(put, Place::Files, "CLAW.FILE PUT a/b text BY alice");
        assert_eq!(answer(saved).await, Reply::Int(1));
        let Reply::Named(streams) = answer(desk.topics("XREAD STREAMS topic:files 0")).await else {
            panic!("a record")
        };
        let record = format!("{streams:?}").replace('\\', "");
        for part in [r#""type":"file_updated""#, r#""file_key":"a/b","version":1"#, "alice"] {
            assert!(record.contains(part), "{record}");
        }
        assert_eq!(desk.directory.counters.file_bytes.load(Ordering::Relaxed), 4);
    });
}
