//! Mailboxes against a model: what is sent is a tag, and every tag is in one place.

mod bounds;
mod life;
mod lives;
mod model;
mod plain;
mod world;

use std::sync::Arc;

use clawlink_protocol::{Priority, TaskStatus};
use proptest::prelude::*;

use super::attempts::AttemptEnd;
use super::record::{self, Envelope};
use super::{Answer, Mailbox, Poll, Stage, Task, Voice};
use model::{At, Model};
use world::World;

const AGENTS: [&str; 3] = ["ann", "ben", "cid"];

#[derive(Debug, Clone)]
enum Step {
    Delegate(usize),
    Push,
    Deliver,
    Poll {
        agent: usize,
        count: usize,
        lease_ms: u64,
    },
    /// The last poll's client died before it was told.
    GiveBack,
    PlainPop,
    /// The task, as a share of all messages that have an id.
    Respond {
        which: usize,
        agent: usize,
        status: TaskStatus,
    },
    Acknowledge {
        which: usize,
    },
    Cancel {
        which: usize,
    },
    /// The agent gives back one task.
    Release {
        which: usize,
        agent: usize,
    },
    Requeue {
        which: usize,
    },
    Pass(u64),
    /// The agent gives a sign of life.
    Seen(usize),
    /// The agent registers anew.
    Resume(usize),
    DropQueued,
}

fn step() -> impl Strategy<Value = Step> {
    let agent = 0..AGENTS.len();
    let status = prop::sample::select(TaskStatus::OF_RESPONSES.to_vec());
    prop_oneof![
        6 => (0..4_usize).prop_map(Step::Delegate),
        3 => Just(Step::Push),
        3 => Just(Step::Deliver),
        6 => (agent.clone(), 0..5_usize, 1..500_u64)
            .prop_map(|(agent, count, lease_ms)| Step::Poll { agent, count, lease_ms }),
        1 => Just(Step::GiveBack),
        2 => Just(Step::PlainPop),
        5 => (any::<usize>(), agent.clone(), status)
            .prop_map(|(which, agent, status)| Step::Respond { which, agent, status }),
        2 => any::<usize>().prop_map(|which| Step::Acknowledge { which }),
        1 => any::<usize>().prop_map(|which| Step::Cancel { which }),
        2 => (any::<usize>(), agent.clone()).prop_map(|(which, agent)| Step::Release { which, agent }),
        1 => any::<usize>().prop_map(|which| Step::Requeue { which }),
        3 => (1..400_u64).prop_map(Step::Pass),
        1 => agent.clone().prop_map(Step::Seen),
        1 => agent.prop_map(Step::Resume),
        1 => Just(Step::DropQueued),
    ]
}

/// The mailbox and the model, driven side by side.
struct Pair {
    mailbox: Mailbox,
    model: Model,
    world: World,
}

/// What a payload says, whatever its form.
fn tag_of(payload: &[u8]) -> usize {
    let value = serde_json::from_slice::<serde_json::Value>(payload).unwrap_or_default();
    let text = value["task"].as_str().or(value["result"].as_str()).map(str::to_owned);
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(payload).into_owned());
    text.trim_start_matches("tag ").parse().expect("a tag")
}

fn id_of(payload: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(payload).expect("a record");
    value["response_id"].as_str().or(value["message_id"].as_str()).expect("an id").to_owned()
}

impl Pair {
    fn new() -> Self {
        let mailbox = Mailbox::new(Arc::from(&b"bob"[..]), Arc::default());
        Self { mailbox, model: Model::default(), world: World::default() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Delegate(lane) => self.delegate(lane),
            Step::Push => {
                let tag = self.model.enter(Priority::Normal as usize, None, true);
                let lane = self.mailbox.lanes_mut().lane_mut(Priority::Normal);
                lane.push_front(text(tag).as_bytes());
            }
            Step::Deliver => self.deliver(),
            Step::Poll { agent, count, lease_ms } => self.poll(agent, count, lease_ms),
            Step::GiveBack => self.give_back(),
            Step::PlainPop => self.plain_pop(),
            Step::Respond { which, agent, status } => self.respond(which, agent, status),
            Step::Acknowledge { which } => self.on(which, |pair, tag, id| {
                let known = pair.make(|mailbox, change| mailbox.acknowledge(id, change));
                assert_eq!(known, pair.model.acknowledge(tag), "{id}");
            }),
            Step::Cancel { which } => self.on(which, |pair, tag, id| {
                let canceled =
                    pair.make(|mailbox, change| mailbox.cancel(id, "late", "zoe", change));
                assert_eq!(canceled, pair.model.cancel(tag), "{id}");
            }),
            Step::Release { which, agent } => self.on(which, |pair, tag, id| {
                let voice = Voice::new(id, AGENTS[agent]);
                let released =
                    pair.make(|mailbox, change| mailbox.release(voice, None, "", change));
                assert_eq!(released, pair.model.release(tag, agent), "{id}");
            }),
            Step::Requeue { which } => self.on(which, |pair, tag, id| {
                let requeued = pair.make(|mailbox, change| mailbox.requeue(id, change));
                assert_eq!(requeued, pair.model.requeue(tag), "{id}");
            }),
            Step::Pass(ms) => {
                self.world.now += ms;
                self.model.now += ms;
                self.model.lapse();
                self.make(|mailbox, change| mailbox.catch_up(change));
            }
            Step::Seen(agent) => {
                self.world.saw(AGENTS[agent]);
                self.model.seen[agent] = self.model.now;
            }
            Step::Resume(agent) => {
                self.model.resume(agent);
                self.make(|mailbox, change| {
                    mailbox.release_all(AGENTS[agent], AttemptEnd::Resumed, "", change);
                });
            }
            Step::DropQueued => {
                self.model.drop_queued();
                self.make(|mailbox, change| mailbox.drop_queued(change));
            }
        }
    }

    fn make<T>(&mut self, make: impl FnOnce(&mut Mailbox, &mut super::Change<'_>) -> T) -> T {
        self.world.make(&mut self.mailbox, make)
    }

    /// Does something with one of the messages that have an id, if there is any.
    fn on(&mut self, which: usize, act: impl FnOnce(&mut Self, usize, &str)) {
        let named: Vec<_> = self.model.messages.iter().filter(|(_, m)| m.id.is_some()).collect();
        let Some(which) = which.checked_rem(named.len()) else { return };
        let (tag, message) = named[which];
        if let (tag, Some(id)) = (*tag, message.id.clone()) {
            act(self, tag, &id);
        }
    }

    fn delegate(&mut self, lane: usize) {
        let id = self.world.mint("bob");
        let tag = self.model.enter(lane, Some(id.clone()), true);
        self.world.delegate_text(&mut self.mailbox, &id, &text(tag), Priority::ALL[lane]);
    }

    fn deliver(&mut self) {
        let id = self.world.mint("bob");
        let tag = self.model.enter(Priority::Normal as usize, Some(id.clone()), false);
        let envelope = Envelope { message_id: "zoe.t.0", from: "zoe", to: "bob", timestamp: "now" };
        let record = record::response(envelope, &id, text(tag).as_bytes(), TaskStatus::Completed);
        self.mailbox.deliver(&id, &record);
    }

    fn poll(&mut self, agent: usize, count: usize, lease_ms: u64) {
        self.world.saw(AGENTS[agent]);
        self.model.seen[agent] = self.model.now;
        let poll = Poll { agent: AGENTS[agent], count, lease_ms: Some(lease_ms), room: None };
        let records = self.make(|mailbox, change| mailbox.poll(&poll, change));
        let expected = self.model.poll(agent, count, lease_ms);
        let tags: Vec<usize> = records.iter().map(|record| tag_of(record)).collect();
        assert_eq!(tags, expected);
        for (tag, record) in tags.iter().zip(&records) {
            let known = self.model.messages.get_mut(tag).expect("a known message");
            // Once it has an identity it keeps it, however often it is handed out.
            assert_eq!(*known.id.get_or_insert_with(|| id_of(record)), id_of(record));
        }
        self.model.last_poll = Some((agent, tags));
    }

    fn give_back(&mut self) {
        let Some((agent, tags)) = self.model.last_poll.take() else {
            return;
        };
        let ids: Vec<String> =
            tags.iter().filter_map(|tag| self.model.messages[tag].id.clone()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.make(|mailbox, change| mailbox.give_back(AGENTS[agent], &ids, change));
        self.model.back(false, |tag, at| {
            tags.contains(&tag) && matches!(at, At::With { agent: a, .. } if *a == agent)
        });
    }

    fn plain_pop(&mut self) {
        let popped = self.mailbox.lanes_mut().pop_next();
        let expected = self.model.next();
        assert_eq!(popped.as_ref().map(|(_, payload)| tag_of(payload)), expected);
        if let (Some((_, payload)), Some(tag)) = (popped, expected) {
            self.mailbox.note_taken(&payload, u64::MAX);
            let message = self.model.messages.get_mut(&tag).expect("a known message");
            let stays = message.is_task && message.id.is_some();
            message.at = if stays { At::Taken(TaskStatus::Delivered) } else { At::Gone };
        }
    }

    fn respond(&mut self, which: usize, agent: usize, status: TaskStatus) {
        self.on(which, |pair, tag, id| {
            let voice = Voice::new(id, AGENTS[agent]);
            let answer = Answer { voice, text: b"done", status, fatal: false };
            let sent = pair.make(|mailbox, change| mailbox.respond(&answer, change));
            let expected = pair.model.respond(tag, agent, status);
            assert_eq!(sent.map(drop), expected);
        });
    }

    /// Every tag is where the model says, once, and has the state that the model says.
    fn compare(&self) {
        let tags: Vec<usize> = self.mailbox.lanes().iter().map(tag_of).collect();
        let lanes = self.model.lanes.iter().flat_map(|lane| lane.iter().rev().copied());
        assert_eq!(tags, lanes.collect::<Vec<_>>());
        let messages = self.model.messages.values();
        let with = messages.clone().filter(|m| matches!(m.at, At::With { .. })).count();
        let ledger = self.mailbox.ledger();
        assert_eq!(ledger.map_or(0, |ledger| ledger.out_len()), with);
        for message in messages.filter(|message| message.is_task) {
            let Some(id) = &message.id else { continue };
            let task = self.mailbox.task(id).ok();
            assert_eq!(task.map(Task::status), message.status(), "{id}");
            let lane = task.is_some_and(|task| matches!(task.stage, Stage::Queued));
            assert_eq!(lane, message.at == At::Lane, "{id}");
        }
        let ended: Vec<_> = self.world.responses().collect();
        for message in self.model.messages.values() {
            let of_this = ended.iter().filter(|id| Some(&**id) == message.id.as_ref()).count();
            assert_eq!(of_this, message.ends, "{message:?}");
        }
    }
}

fn envelope_to_bob(message_id: &str) -> Envelope<'_> {
    Envelope { message_id, from: "alice", to: "bob", timestamp: "now" }
}

fn text(tag: usize) -> String {
    format!("tag {tag}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn nothing_is_lost_and_nothing_is_given_twice(steps in prop::collection::vec(step(), 1..120)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.take(step);
            pair.compare();
        }
    }
}
