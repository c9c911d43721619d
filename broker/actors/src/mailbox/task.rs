//! A task: who sent it on which terms, where it is, and what was tried.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::{Priority, TaskStatus};

use super::attempts::Attempts;
use super::timers::Armed;

/// A task that has an id.
#[derive(Debug)]
pub struct Task {
    /// Its id.
    pub id: Arc<str>,
    /// Who sent it; empty if nobody said.
    pub from: Arc<str>,
    /// Where it is.
    pub stage: Stage,
    /// Who has had it.
    pub attempts: Attempts,
    /// What its sender wants otherwise than usual. Most want nothing.
    pub terms: Option<Box<Terms>>,
    /// What was said about it while an agent had it.
    pub talk: Option<Box<Talk>>,
    pub(super) armed: Armed,
    /// The turn in which it left the inbox.
    pub(super) closed: u64,
}

/// What the sender of a task wants otherwise than usual.
#[derive(Debug, Default, Clone)]
pub struct Terms {
    /// Who gets the response in place of the sender.
    pub reply_to: Option<Arc<str>>,
    /// The group whose results the sender gathers.
    pub group: Option<Arc<str>>,
    /// The task that this one is a part of.
    pub parent: Option<Arc<str>>,
    /// How many tasks there are above it.
    pub hops: u64,
    /// When it is over, done or not, in milliseconds since 1970.
    pub deadline: Option<u64>,
    /// For how long it is leased, in milliseconds, unless a poll says otherwise.
    pub lease_ms: Option<u64>,
    /// How often it is tried.
    pub attempts: Option<u32>,
    /// How long it rests after its first failure, in milliseconds; after each further one twice as long.
    pub backoff_ms: u64,
    /// Whether the sender is told what happens on the way.
    pub receipts: bool,
    /// The id that the sender knows it by, if that is another one.
    pub sender_id: Option<Box<str>>,
}

/// Where a task is.
#[derive(Debug)]
pub enum Stage {
    /// It waits for its time.
    Delayed(Box<Delayed>),
    /// In its lane.
    Queued,
    /// With an agent.
    Out(Box<HandedOut>),
    /// Taken by a plain pop: delivered at most once and leased to nobody, but it can still be answered.
    Taken {
        /// How far it is.
        status: TaskStatus,
        /// Until when an answer is waited for, in milliseconds since 1970.
        until: u64,
    },
    /// Over.
    Ended(Box<Ended>),
}

/// A task that waits for its time.
#[derive(Debug)]
pub struct Delayed {
    /// The lane it enters then.
    pub lane: Priority,
    /// Its record.
    pub record: Bytes,
    /// When that is, in milliseconds since 1970.
    pub until: u64,
}

/// A task that an agent has.
#[derive(Debug)]
pub struct HandedOut {
    /// The lane that it goes back to.
    pub lane: Priority,
    /// The record, as it goes back.
    pub record: Bytes,
    /// The agent.
    pub holder: Arc<str>,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// When the lease ends unless the agent gives a sign of life.
    pub until: u64,
    /// For how long it is leased, in milliseconds.
    pub lease_ms: u64,
    /// `Delivered`, `InProgress` or `InputRequired`.
    pub status: TaskStatus,
    /// When it was handed out, among all that the mailbox hands out.
    pub turn: u64,
}

/// A task that is over.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: TaskStatus,
    /// The response, which everybody who asks gets.
    pub response: Bytes,
    /// Why, if that is not the response itself.
    pub reason: Box<str>,
    /// Its lane, should it be queued again.
    pub lane: Priority,
    /// Its record; empty if a plain pop took it.
    pub record: Bytes,
    /// Whether it stands in the list of the dead.
    pub listed: bool,
    /// When it ended, in milliseconds since 1970.
    pub at: u64,
    /// Until when it is remembered, if it is not listed.
    pub until: u64,
}

/// What is said about a task while an agent has it.
#[derive(Debug, Default)]
pub struct Talk {
    /// The number of the last report of progress.
    pub reports: u64,
    /// The last reports, oldest first.
    pub progress: VecDeque<Report>,
    /// The last questions, oldest first.
    pub questions: VecDeque<Question>,
}

/// A report of progress.
#[derive(Debug)]
pub struct Report {
    /// Its number; the first is 1.
    pub seq: u64,
    /// Its `task_progress` record.
    pub record: Bytes,
}

/// A question of the agent that has a task.
#[derive(Debug)]
pub struct Question {
    /// The `task_response` that asks.
    pub record: Bytes,
    /// The `task_answer`, once there is one.
    pub answer: Option<Bytes>,
}

/// Of so many reports and questions the last are kept with a task.
const TALK_KEPT: usize = 16;
/// Bytes of questions and answers that are kept with a task beside the last question (1 MiB): documents may be asked about.
const ASKED_BYTES_KEPT: usize = 1 << 20;

impl Task {
    /// A task that enters the mailbox.
    pub fn new(id: Arc<str>, from: Arc<str>, stage: Stage, terms: Option<Box<Terms>>) -> Self {
        let (attempts, armed) = (Attempts::default(), Armed::default());
        Self { id, from, stage, attempts, terms, talk: None, armed, closed: 0 }
    }

    /// How far it is.
    pub fn status(&self) -> TaskStatus {
        self.stage.status()
    }

    /// The agent that has it, and since when and until when.
    pub fn handed_out(&self) -> Option<&HandedOut> {
        if let Stage::Out(handed) = &self.stage { Some(handed) } else { None }
    }

    /// How it ended.
    pub fn ended(&self) -> Option<&Ended> {
        if let Stage::Ended(ended) = &self.stage { Some(ended) } else { None }
    }

    /// What its sender wants, if that is something.
    pub fn wants<T>(&self, field: impl FnOnce(&Terms) -> Option<T>) -> Option<T> {
        self.terms.as_deref().and_then(field)
    }

    /// How many tasks there are above it.
    pub fn hops(&self) -> u64 {
        self.terms.as_ref().map_or(0, |terms| terms.hops)
    }

    /// Who gets the response; empty if nobody does.
    pub fn reply_to(&self) -> &Arc<str> {
        let other = self.terms.as_ref().and_then(|terms| terms.reply_to.as_ref());
        other.unwrap_or(&self.from)
    }

    /// The id that its sender knows it by.
    pub fn known_as(&self) -> &str {
        let own = self.terms.as_ref().and_then(|terms| terms.sender_id.as_deref());
        own.unwrap_or(&self.id)
    }

    /// When it has something to do by itself, whoever has it.
    pub fn alarm(&self) -> Option<u64> {
        let deadline = self.wants(|terms| terms.deadline);
        match &self.stage {
            Stage::Delayed(delayed) => {
                Some(deadline.map_or(delayed.until, |at| at.min(delayed.until)))
            }
            Stage::Taken { until, .. } => Some(deadline.map_or(*until, |at| at.min(*until))),
            Stage::Ended(_) => None,
            Stage::Queued | Stage::Out(_) => deadline,
        }
    }

    /// The receipt of the present attempt: `<id>#<attempt>`.
    pub fn receipt(&self) -> String {
        format!("{}#{}", self.id, self.attempts.handed_out())
    }

    /// What is said about it, to be added to.
    pub fn talk_mut(&mut self) -> &mut Talk {
        self.talk.get_or_insert_default()
    }

    /// The question that waits for an answer.
    pub fn question(&self) -> Option<&Bytes> {
        let asks = self.status() == TaskStatus::InputRequired;
        let last = self.talk.as_ref().filter(|_| asks)?.questions.back()?;
        Some(&last.record)
    }

    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        let terms = self.terms.as_ref().map_or(0, |_| size_of::<Terms>());
        let talk = self.talk.as_ref().map_or(0, |talk| talk.memory());
        let stage = self.stage.room().1 + self.stage.kept_bytes();
        size_of::<Self>() + self.from.len() + stage + self.attempts.memory() + terms + talk
    }
}

impl Stage {
    /// How far a task is.
    pub fn status(&self) -> TaskStatus {
        match self {
            Self::Delayed(_) => TaskStatus::Delayed,
            Self::Queued => TaskStatus::Queued,
            Self::Out(handed) => handed.status,
            Self::Taken { status, .. } => *status,
            Self::Ended(ended) => ended.status,
        }
    }

    /// The messages and the bytes that a task outside of its lane takes in the inbox.
    pub(super) fn room(&self) -> (usize, usize) {
        match self {
            Self::Delayed(delayed) => (1, delayed.record.len()),
            Self::Out(handed) => (1, handed.record.len()),
            Self::Queued | Self::Taken { .. } | Self::Ended(_) => (0, 0),
        }
    }

    /// The bytes that are kept of a task that is over.
    pub(super) fn kept_bytes(&self) -> usize {
        if let Self::Ended(ended) = self { ended.response.len() + ended.record.len() } else { 0 }
    }
}

impl Talk {
    /// Keeps a report.
    pub fn report(&mut self, record: Bytes) {
        push(&mut self.progress, Report { seq: self.reports, record });
    }

    /// Keeps a question. Those before it are kept only as long as all of them are small.
    pub fn ask(&mut self, record: Bytes) {
        push(&mut self.questions, Question { record, answer: None });
        while self.questions.len() > 1 && self.asked_bytes() > ASKED_BYTES_KEPT {
            self.questions.pop_front();
        }
    }

    fn asked_bytes(&self) -> usize {
        let answer = |asked: &Question| asked.answer.as_ref().map_or(0, Bytes::len);
        self.questions.iter().map(|asked| asked.record.len() + answer(asked)).sum()
    }

    fn memory(&self) -> usize {
        let reports: usize = self.progress.iter().map(|report| report.record.len()).sum();
        size_of::<Self>() + reports + self.asked_bytes()
    }
}

fn push<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() >= TALK_KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}
