//! A mailbox beside its model.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clawlink_protocol::{Priority, TaskStatus};
use serde_json::Value;

use super::deeds::Deed;
use super::model::{At, Model, Wishes};
use crate::Refusal;
use crate::limits::Limits;
use crate::mailbox::record::{self, Envelope, empty_object};
use crate::mailbox::{
    Answer, AttemptEnd, Change, Delegated, Effect, Mailbox, Poll, Progress, Room, Terms, Voice,
};
use crate::sequence::{End, Sequence};

/// The inbox that everything happens in.
const INBOX: &str = "@work";

pub(super) struct Pair {
    pub(super) mailbox: Mailbox,
    pub(super) model: Model,
    limits: Limits,
    ids: Cell<u64>,
    /// The ends that were sent to somebody, by task.
    pub(super) heard: BTreeMap<String, Vec<TaskStatus>>,
    /// How many receipts said that a task was delivered.
    pub(super) delivered: BTreeMap<String, u32>,
    /// Who is known to hold what.
    pub(super) holds: BTreeSet<(String, String)>,
    /// The tasks that somebody was told to look at again, in this step.
    pub(super) woken: BTreeSet<String>,
    pub(super) statuses: Vec<Option<TaskStatus>>,
    /// The last poll: the agent, and the receipts that it got.
    last_poll: Option<(usize, Vec<(usize, u32)>)>,
    last_popped: Option<usize>,
}

impl Pair {
    pub(super) fn new(agents: &'static [&'static str]) -> Self {
        Self {
            mailbox: Mailbox::new(INBOX.as_bytes().into(), Arc::default()),
            model: Model::new(agents),
            limits: Limits::default(),
            ids: Cell::default(),
            heard: BTreeMap::new(),
            delivered: BTreeMap::new(),
            holds: BTreeSet::new(),
            woken: BTreeSet::new(),
            statuses: Vec::new(),
            last_poll: None,
            last_popped: None,
        }
    }

    /// Changes the mailbox, and notes what that entails.
    fn make<T>(&mut self, make: impl FnOnce(&mut Mailbox, &mut Change<'_>) -> T) -> T {
        let (ids, model) = (&self.ids, &self.model);
        let mint = |place: &str| {
            ids.set(ids.get() + 1);
            format!("{place}.t.{}", ids.get())
        };
        let seen = |agent: &str| {
            let index = model.agents.iter().position(|known| *known == agent);
            index.map_or(0, |index| model.seen[index])
        };
        let (now, limits) = (model.now, &self.limits);
        let mut change = Change { now, limits, mint: &mint, last_seen: &seen, effects: Vec::new() };
        let made = make(&mut self.mailbox, &mut change);
        let effects = change.effects;
        effects.into_iter().for_each(|effect| self.note(effect));
        made
    }

    fn note(&mut self, effect: Effect) {
        match effect {
            Effect::Wake(id) => drop(self.woken.insert(id.to_string())),
            Effect::Holds { agent, id, .. } => {
                let fresh = self.holds.insert((agent.to_string(), id.to_string()));
                assert!(fresh, "{agent} was handed {id}, which it had");
            }
            Effect::LetsGo { agent, id } => {
                let held = self.holds.remove(&(agent.to_string(), id.to_string()));
                assert!(held, "{agent} let go of {id}, which it did not have");
            }
            Effect::Send { record, .. } => self.sent(&record),
            _ => {}
        }
    }

    fn sent(&mut self, record: &[u8]) {
        let record: Value = serde_json::from_slice(record).expect("a record");
        let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
        let status = TaskStatus::from_word(text("status").as_bytes());
        match text("type").as_str() {
            "task_response" if status.is_some_and(TaskStatus::is_end) => {
                self.heard.entry(text("message_id")).or_default().extend(status);
            }
            "task_receipt" if text("event") == "delivered" => {
                *self.delivered.entry(text("message_id")).or_default() += 1;
            }
            _ => {}
        }
    }

    pub(super) fn delegate(&mut self, from: &'static str, wishes: Wishes, receipts: bool) {
        self.ids.set(self.ids.get() + 1);
        let id = format!("{INBOX}.t.{}", self.ids.get());
        let deadline = wishes.deadline.map(|after| self.model.now + after);
        let wishes = Wishes { deadline, ..wishes };
        let number = self.model.enter(&id, from, wishes.clone());
        let priority = Priority::ALL[wishes.lane];
        let envelope = Envelope { message_id: &id, from, to: INBOX, timestamp: "then" };
        let text = format!("tag {number}");
        let record = record::task(envelope, text.as_bytes(), empty_object(), priority, None);
        let due = wishes.delay.map(|delay| self.model.now + delay);
        let terms = Terms {
            deadline,
            lease_ms: wishes.lease_ms,
            attempts: wishes.attempts,
            backoff_ms: wishes.backoff_ms,
            receipts,
            ..Terms::default()
        };
        let usual = !receipts && deadline.is_none() && wishes.is_usual();
        let terms = (!usual).then(|| Box::new(terms));
        let (id, from, record) = (id.into(), from.into(), &record);
        self.make(|mailbox, change| {
            mailbox.delegate(Delegated { id, from, record, priority, due, terms }, change);
        });
    }

    /// A plain client pushes a text.
    pub(super) fn push(&mut self, lane: usize) {
        let number = self.model.enter("", "", Wishes { lane, ..Wishes::default() });
        self.push_payload(lane, format!("tag {number}").as_bytes());
    }

    fn push_payload(&mut self, lane: usize, payload: &[u8]) {
        self.mailbox.lanes_mut().lane_mut(Priority::ALL[lane]).push_front(payload);
        self.mailbox.note_pushed(payload);
    }

    pub(super) fn plain_pop(&mut self) {
        let popped = self.mailbox.lanes_mut().pop_next();
        let expected = self.model.pop();
        assert_eq!(popped.as_ref().map(|(_, payload)| tag_of(payload)), expected);
        if let (Some((_, payload)), Some(number)) = (popped, expected) {
            let until = self.model.now + self.limits.results_keep_ms.get();
            self.mailbox.note_taken(&payload, until);
            self.model.take(number);
            self.last_popped = Some(number);
        }
    }

    /// The client of the last plain pop pushes back what it got, if the task waits for an answer.
    pub(super) fn push_back(&mut self) {
        let Some(number) = self.last_popped.take() else { return };
        let task = &self.model.tasks[number];
        if let At::Taken { .. } = task.at {
            let (lane, id) = (task.wishes.lane, task.id.clone());
            let envelope = Envelope { message_id: &id, from: task.from, to: INBOX, timestamp: "" };
            let text = format!("tag {number}");
            let priority = Priority::ALL[lane];
            let record = record::task(envelope, text.as_bytes(), empty_object(), priority, None);
            self.push_payload(lane, &record);
            self.model.queue(number);
        }
    }

    /// `room`: for so many bytes of bodies.
    pub(super) fn poll(
        &mut self,
        agent: usize,
        count: usize,
        lease_ms: Option<u64>,
        room: Option<usize>,
    ) {
        self.sign_of_life(agent);
        let name = self.model.agents[agent];
        let whole = room.map(|bytes| Room { bytes, taken: 0 });
        let poll = Poll { agent: name, count, lease_ms, room: whole };
        let records = self.make(|mailbox, change| mailbox.poll(&poll, change));
        self.model.lapse();
        let numbers = self.model.pop_within(count, room);
        assert_eq!(records.len(), numbers.len(), "{numbers:?}");
        let mut receipts = Vec::new();
        for (record, (number, is_whole)) in records.iter().zip(numbers) {
            self.model.give(number, agent, lease_ms);
            let task = &mut self.model.tasks[number];
            let record: Value = serde_json::from_slice(record).expect("a record");
            let id = record["message_id"].as_str().expect("an id");
            let text = is_whole.then(|| format!("tag {number}"));
            assert_eq!(record["task"].as_str(), text.as_deref());
            assert_eq!(record["task_ref"].as_str(), (!is_whole).then_some(id));
            // Once a message has an identity it keeps it, however often it is handed out.
            if task.id.is_empty() {
                task.id = id.to_owned();
            }
            assert_eq!(task.id, id);
            assert_eq!(record["attempt"], task.handed_out);
            assert_eq!(record["receipt"], format!("{id}#{}", task.handed_out));
            receipts.push((number, task.handed_out));
        }
        self.last_poll = Some((agent, receipts));
    }

    /// The client of the last poll was gone before it could be told.
    pub(super) fn give_back(&mut self) {
        let Some((agent, receipts)) = self.last_poll.take() else { return };
        let word = |(number, attempt): &(usize, u32)| {
            format!("{}#{attempt}", self.model.tasks[*number].id)
        };
        let words: Vec<String> = receipts.iter().map(word).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = self.model.agents[agent];
        self.make(|mailbox, change| mailbox.give_back(name, &words, change));
        let still = |(number, attempt): &&(usize, u32)| {
            let held = self.model.held(*number).is_some_and(|held| held.agent == agent);
            held && self.model.tasks[*number].handed_out == *attempt
        };
        let numbers: Vec<usize> =
            receipts.iter().filter(still).map(|(number, _)| *number).collect();
        self.model.put_back(&numbers, AttemptEnd::Undelivered);
    }

    /// An agent starts anew, or leaves.
    pub(super) fn release_all(&mut self, agent: usize, end: AttemptEnd) {
        let name = self.model.agents[agent];
        self.make(|mailbox, change| mailbox.release_all(name, end, "", change));
        let numbers = self.model.all_held().into_iter();
        let its = |n: &usize| self.model.held(*n).is_some_and(|held| held.agent == agent);
        let numbers: Vec<usize> = numbers.filter(its).collect();
        self.model.put_back(&numbers, end);
    }

    pub(super) fn sign_of_life(&mut self, agent: usize) {
        self.model.seen[agent] = self.model.now;
    }

    /// Somebody does something to a task. `agent`: who says so; nobody if it is `None`.
    pub(super) fn act(
        &mut self,
        number: usize,
        agent: Option<usize>,
        attempt: Option<u32>,
        deed: Deed,
    ) {
        let id = self.model.tasks[number].id.clone();
        agent.into_iter().for_each(|agent| self.sign_of_life(agent));
        let speaker = agent.map_or("", |agent| self.model.agents[agent]);
        let word = attempt.map_or_else(|| id.clone(), |attempt| format!("{id}#{attempt}"));
        let voice = Voice::new(&word, speaker);
        let now = self.model.now;
        let done = self.make(|mailbox, change| match deed {
            Deed::Respond(status, fatal) => {
                let answer = Answer { voice, text: b"so", status, fatal };
                mailbox.respond(&answer, change).map(drop)
            }
            Deed::Touch => mailbox.touch(voice, now).map(drop),
            Deed::Release(delay) => {
                mailbox.release(voice, delay.map(|delay| now + delay), "", change)
            }
            Deed::Progress => {
                let progress = Progress { voice, note: b"half", percent: Some(50) };
                mailbox.progress(&progress, change).map(drop)
            }
        });
        assert_eq!(done, self.model.act(number, speaker, attempt, deed), "{deed:?} {word}");
    }

    /// Something is done to a task that needs nobody to have it.
    pub(super) fn decide(
        &mut self,
        number: usize,
        decide: impl FnOnce(&mut Mailbox, &str, &mut Change<'_>) -> Result<(), Refusal>,
        expected: impl FnOnce(&mut Model, usize) -> Result<(), Refusal>,
    ) {
        let id = self.model.tasks[number].id.clone();
        let done = self.make(|mailbox, change| decide(mailbox, &id, change));
        assert_eq!(done, expected(&mut self.model, number), "{id}");
    }

    pub(super) fn acknowledge(&mut self, number: usize) {
        let id = self.model.tasks[number].id.clone();
        let gone = self.make(|mailbox, change| mailbox.acknowledge(&id, change));
        assert_eq!(gone, self.model.acknowledge(number), "{id}");
    }

    pub(super) fn drop_queued(&mut self) {
        self.make(Mailbox::drop_queued);
        self.model.drop_queued();
    }

    /// Removes one of the messages in the lanes.
    pub(super) fn remove(&mut self, share: usize) {
        let lanes = self.mailbox.lanes_mut();
        let Some(index) = share.checked_rem(lanes.len()) else { return };
        let payload = lanes.get(index).expect("a message").to_vec();
        assert_eq!(lanes.remove_equal(&payload, 1, End::Left), 1);
        if let Some(id) = record::task_id(&payload) {
            self.make(|mailbox, change| mailbox.call_off(id, change));
        }
        self.model.remove(tag_of(&payload));
    }

    /// Does what is due, as the owner's alarm would.
    pub(super) fn tick(&mut self) {
        let mut rings = 0;
        while self.mailbox.next_due().is_some_and(|due| due <= self.model.now) {
            self.make(Mailbox::catch_up);
            self.drop_closed();
            rings += 1;
            assert!(rings < 100, "the alarm goes on ringing");
        }
        self.model.tick();
    }

    pub(super) fn drop_closed(&mut self) {
        if let Some(ledger) = &mut self.mailbox.ledger {
            ledger.drop_closed(self.model.now, u64::MAX, u64::MAX);
        }
    }
}

pub(super) fn tag_of(payload: impl AsRef<[u8]>) -> usize {
    let text = String::from_utf8_lossy(payload.as_ref()).into_owned();
    let (_, tag) = text.split_once("tag ").expect("a tag");
    let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}
