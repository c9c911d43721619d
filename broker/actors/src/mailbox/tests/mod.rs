//! Mailboxes against a model: what is sent is a tag, and every tag is in one place.

mod model;
mod rules;

use std::sync::Arc;

use clawlink_protocol::{Priority, TaskStatus};
use proptest::prelude::*;

use super::record::{self, Envelope, empty_object};
use super::{Answer, Delegated, Mailbox, Poll};
use model::{At, Model};

const AGENTS: [&str; 3] = ["ann", "ben", "cid"];
const DEFAULT_LEASE_MS: u64 = 600_000;

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
    Pass(u64),
    Release(usize),
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
        3 => (1..400_u64).prop_map(Step::Pass),
        1 => agent.prop_map(Step::Release),
        1 => Just(Step::DropQueued),
    ]
}

/// The mailbox and the model, driven side by side.
struct Pair {
    mailbox: Mailbox,
    model: Model,
    ids: usize,
}

fn new_id(ids: &mut usize, place: &str) -> String {
    *ids += 1;
    format!("{place}.t.{ids}")
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
        Self { mailbox, model: Model::default(), ids: 0 }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Delegate(lane) => self.delegate(lane),
            Step::Push => {
                let tag = self.model.enter(Priority::Normal as usize, None, true);
                self.mailbox
                    .lanes_mut()
                    .lane_mut(Priority::Normal)
                    .push_front(text(tag).as_bytes());
            }
            Step::Deliver => self.deliver(),
            Step::Poll { agent, count, lease_ms } => self.poll(agent, count, lease_ms),
            Step::GiveBack => self.give_back(),
            Step::PlainPop => self.plain_pop(),
            Step::Respond { which, agent, status } => self.respond(which, agent, status),
            Step::Acknowledge { which } => {
                let Some((tag, id)) = self.pick(which) else {
                    return;
                };
                assert_eq!(self.mailbox.acknowledge(&id), self.model.acknowledge(tag), "{id}");
            }
            Step::Pass(ms) => {
                self.model.now += ms;
                self.model.lapse();
                self.mailbox.lapse(self.model.now);
            }
            Step::Release(agent) => {
                self.model.release(agent);
                self.mailbox.release(AGENTS[agent]);
            }
            Step::DropQueued => {
                let tags = std::mem::take(&mut self.model.lanes).concat();
                tags.iter()
                    .for_each(|tag| self.model.acknowledge(*tag).then_some(()).expect("queued"));
                self.mailbox.drop_queued();
            }
        }
    }

    fn delegate(&mut self, lane: usize) {
        let id = new_id(&mut self.ids, "bob");
        let tag = self.model.enter(lane, Some(id.clone()), true);
        let priority = Priority::ALL[lane];
        let record =
            record::task(envelope_to_bob(&id), text(tag).as_bytes(), empty_object(), priority);
        let task = Delegated { id: &id, from: "alice".into(), record: &record, priority };
        self.mailbox.delegate(task);
    }

    fn deliver(&mut self) {
        let id = new_id(&mut self.ids, "bob");
        let tag = self.model.enter(Priority::Normal as usize, Some(id.clone()), false);
        let envelope = Envelope { message_id: "zoe.t.0", from: "zoe", to: "bob", timestamp: "now" };
        let record = record::response(envelope, &id, text(tag).as_bytes(), TaskStatus::Completed);
        self.mailbox.deliver(&id, &record);
    }

    fn poll(&mut self, agent: usize, count: usize, lease_ms: u64) {
        let poll = Poll { agent: AGENTS[agent], count, lease_ms };
        let ids = &mut self.ids;
        let records = self.mailbox.poll(&poll, self.model.now, |place| new_id(ids, place));
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
        self.mailbox.give_back(AGENTS[agent], &ids);
        self.model.back(|tag, at| {
            tags.contains(&tag) && matches!(at, At::With { agent: a, .. } if *a == agent)
        });
    }

    fn plain_pop(&mut self) {
        let popped = self.mailbox.lanes_mut().pop_next();
        let expected = self.model.next();
        assert_eq!(popped.as_ref().map(|(_, payload)| tag_of(payload)), expected);
        if let (Some((_, payload)), Some(tag)) = (popped, expected) {
            self.mailbox.forget_taken(&payload);
            let message = self.model.messages.get_mut(&tag).expect("a known message");
            let stays = message.is_task && message.id.is_some();
            message.at = if stays { At::Taken } else { At::Gone };
        }
    }

    fn respond(&mut self, which: usize, agent: usize, status: TaskStatus) {
        let Some((tag, id)) = self.pick(which) else {
            return;
        };
        let answer = Answer {
            id: &id,
            speaker: AGENTS[agent],
            text: b"done",
            status,
            lease_ms: DEFAULT_LEASE_MS,
        };
        let ids = &mut self.ids;
        let sent = self.mailbox.respond(&answer, self.model.now, |place| new_id(ids, place));
        let expected = self.model.respond(tag, agent, status);
        assert_eq!(sent.map(drop), expected);
    }

    fn pick(&self, which: usize) -> Option<(usize, String)> {
        let named: Vec<_> = self.model.messages.iter().filter(|(_, m)| m.id.is_some()).collect();
        let (tag, message) = named.get(which.checked_rem(named.len())?)?;
        Some((**tag, message.id.clone()?))
    }

    /// Every tag is where the model says, once.
    fn compare(&self) {
        let tags: Vec<usize> = self.mailbox.lanes().iter().map(tag_of).collect();
        let lanes = self.model.lanes.iter().flat_map(|lane| lane.iter().rev().copied());
        assert_eq!(tags, lanes.collect::<Vec<_>>());
        let with: Vec<_> = self
            .model
            .messages
            .values()
            .filter_map(|m| if let At::With { until, .. } = m.at { Some(until) } else { None })
            .collect();
        let ledger = self.mailbox.ledger();
        assert_eq!(ledger.map_or(0, |ledger| ledger.out_len()), with.len());
        assert_eq!(self.mailbox.next_lapse(), with.into_iter().flatten().min());
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
