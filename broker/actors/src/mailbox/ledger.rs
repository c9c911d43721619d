//! What a mailbox knows of the messages that have an id. Every change of a task's stage goes through
//! [`Ledger::set_stage`], which keeps the timers, the counts and the memory of what is over in step with it.
//!
//! A raw message that a client pushed has no entry here until it is first polled. So an inbox that is used as a plain
//! list has no ledger at all.

use std::sync::Arc;

use ahash::AHashMap;

use super::closed::Closed;
use super::keys::Keys;
use super::notices::Notices;
use super::task::{Stage, Task};
use super::timers::Timers;
use super::transitions::may_follow;

/// The messages of a mailbox that have an id.
#[derive(Debug, Default)]
pub struct Ledger {
    tasks: AHashMap<Arc<str>, Task>,
    /// Responses and notices.
    pub notices: Notices,
    /// When tasks have something to do by themselves.
    pub timers: Timers,
    pub(super) closed: Closed,
    /// The keys under which senders may send a task again.
    pub keys: Option<Box<Keys>>,
    /// How many tasks of each sender are open.
    open: AHashMap<Arc<str>, u64>,
    /// The messages and bytes of tasks that are outside of their lanes and not over.
    room: (usize, usize),
    turns: u64,
}

impl Ledger {
    /// What is known of a task.
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.get(id)
    }

    /// What is known of a task, to be changed; its stage by [`Ledger::set_stage`] alone.
    pub fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.get_mut(id)
    }

    /// All tasks, in no order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// How many tasks there are.
    pub fn tasks_len(&self) -> usize {
        self.tasks.len()
    }

    /// The tasks that wait for a `REQUEUE` or a `BURY`, the last to die first.
    pub fn dead(&self) -> impl Iterator<Item = &Task> {
        self.closed.dead().filter_map(|id| self.tasks.get(id))
    }

    /// Messages that agents have.
    pub fn out_len(&self) -> usize {
        self.timers.leased_len() + self.notices.given_len()
    }

    /// The messages and bytes that take room in the inbox besides those in the lanes.
    pub fn room(&self) -> (usize, usize) {
        (self.room.0 + self.notices.given_len(), self.room.1 + self.notices.given_bytes())
    }

    /// How many tasks of this sender are open.
    pub fn open_of(&self, sender: &str) -> u64 {
        self.open.get(sender).copied().unwrap_or(0)
    }

    /// Whether it knows of nothing.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.notices.is_empty() && self.keys.is_none()
    }

    /// Estimate of the bytes of memory it holds.
    pub fn memory(&self) -> usize {
        // A map's slot, its id and the id's second home.
        let task = size_of::<(Arc<str>, Task)>() + 2 * size_of::<Arc<str>>() + 48;
        let notice = 128;
        let keys = self.keys.as_ref().map_or(0, |keys| keys.memory());
        let kept = self.tasks.len() * task + self.notices.len() * notice;
        size_of::<Self>() + kept + self.room().1 + self.closed.bytes() + keys
    }

    /// A number that grows with every use.
    pub fn next_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// Notes a task that comes in.
    pub fn add(&mut self, mut task: Task) {
        if !task.from.is_empty() {
            *self.open.entry(task.from.clone()).or_default() += 1;
        }
        let (messages, bytes) = task.stage.room();
        self.room = (self.room.0 + messages, self.room.1 + bytes);
        self.turns += 1;
        self.timers.arm(&mut task, self.turns);
        self.tasks.insert(task.id.clone(), task);
    }

    /// Brings a task to another stage, and returns the one it was in. `None`: there is no such task.
    pub fn set_stage(&mut self, id: &str, to: Stage) -> Option<Stage> {
        self.turns += 1;
        let task = self.tasks.get_mut(id)?;
        let (was, is) = (task.stage.status(), to.status());
        debug_assert!(was == is || may_follow(was, is), "{was:?} to {is:?}");
        let before = std::mem::replace(&mut task.stage, to);
        let ((messages, bytes), (more, more_bytes)) = (before.room(), task.stage.room());
        self.room = (self.room.0 + more - messages, self.room.1 + more_bytes - bytes);
        match (was.is_end(), is.is_end()) {
            (false, true) => less_by_one(&mut self.open, &task.from),
            (true, false) if !task.from.is_empty() => {
                *self.open.entry(task.from.clone()).or_default() += 1;
            }
            _ => {}
        }
        self.closed.changed(task, &before, self.turns);
        self.timers.arm(task, self.turns);
        Some(before)
    }

    /// The lease of a task ends at another time.
    pub fn renew(&mut self, id: &str, until: u64) {
        if let Some(task) = self.tasks.get_mut(id)
            && let Stage::Out(handed) = &mut task.stage
        {
            handed.until = until;
            self.timers.arm(task, 0);
        }
    }

    /// A dead task leaves the list of the dead. False if it does not stand there.
    pub fn bury(&mut self, id: &str, until: u64) -> bool {
        let turn = self.next_turn();
        self.tasks.get_mut(id).is_some_and(|task| self.closed.bury(task, until, turn))
    }

    /// Forgets a task.
    pub fn forget(&mut self, id: &str) -> Option<Task> {
        let task = self.tasks.remove(id)?;
        if !task.status().is_end() {
            less_by_one(&mut self.open, &task.from);
        }
        let (messages, bytes) = task.stage.room();
        self.room = (self.room.0 - messages, self.room.1 - bytes);
        self.closed.forgotten(&task);
        self.timers.disarm(&task);
        Some(task)
    }

    /// Forgets all messages that are in a lane, and returns the tasks among them.
    pub fn forget_queued(&mut self) -> Vec<Task> {
        self.notices.forget_queued();
        let queued = self.tasks.values().filter(|task| matches!(task.stage, Stage::Queued));
        let ids: Vec<_> = queued.map(|task| task.id.clone()).collect();
        ids.iter().filter_map(|id| self.forget(id)).collect()
    }

    /// Forgets what has been over for long enough, and what there is too much of. Returns the tasks. One that a plain pop
    /// took is not over: it is due to expire at once, so that whoever sent it or waits for it learns that.
    pub fn drop_closed(&mut self, now: u64, most: u64, most_bytes: u64) -> Vec<Task> {
        let mut dropped = Vec::new();
        while let Some((turn, id)) = self.closed.pop_over(now, most, most_bytes) {
            // A task that was taken and then answered, or died and was buried, stands there twice; the last time counts.
            let Some(task) = self.tasks.get_mut(&*id).filter(|task| task.closed == turn) else {
                continue;
            };
            match &mut task.stage {
                Stage::Ended(_) => dropped.extend(self.forget(&id)),
                Stage::Taken { until, .. } => {
                    *until = now.min(*until);
                    self.timers.arm(task, turn);
                }
                Stage::Delayed(_) | Stage::Queued | Stage::Out(_) => {}
            }
        }
        dropped
    }

    /// The tasks.
    pub fn into_tasks(self) -> impl Iterator<Item = Task> {
        self.tasks.into_values()
    }
}

/// One less of what is counted by name. Names without any are not kept.
fn less_by_one(counts: &mut AHashMap<Arc<str>, u64>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count -= 1;
        if *count == 0 {
            counts.remove(name);
        }
    }
}
