//! What is remembered of tasks that have left the inbox, and for how long.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::task::{Stage, Task};

/// The tasks that have left the inbox: answered, taken by a plain pop, or dead.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// Oldest first: until when it is remembered, its turn and its id. An id may have come back since; the turn tells
    /// whether this is still about the same end.
    queue: VecDeque<(u64, u64, Arc<str>)>,
    /// Those that wait for somebody to look at them, by turn.
    dead: BTreeMap<u64, Arc<str>>,
    bytes: usize,
    /// How many of the bytes are those of the dead.
    dead_bytes: usize,
}

impl Closed {
    /// Bytes of the records and responses of tasks that are over.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The dead that wait, the last to die first.
    pub(super) fn dead(&self) -> impl Iterator<Item = &Arc<str>> {
        self.dead.values().rev()
    }

    /// When the next one is forgotten.
    pub(super) fn next(&self) -> Option<u64> {
        self.queue.front().map(|(until, ..)| *until)
    }

    /// A task has come from the stage `before` to the one it is in.
    pub(super) fn changed(&mut self, task: &mut Task, before: &Stage, turn: u64) {
        self.bytes = self.bytes + task.stage.kept_bytes() - before.kept_bytes();
        self.dead_bytes = self.dead_bytes + task.stage.listed_bytes() - before.listed_bytes();
        if matches!(before, Stage::Ended(ended) if ended.listed) {
            self.dead.remove(&task.closed);
        }
        match &task.stage {
            Stage::Ended(ended) if ended.listed => {
                self.dead.insert(turn, task.id.clone());
                task.closed = turn;
            }
            Stage::Ended(ended) => {
                self.remember(task.id.clone(), ended.until, turn, &mut task.closed);
            }
            // How far a task is that was taken may change; that it was taken is one event.
            Stage::Taken { until, .. } if !matches!(before, Stage::Taken { .. }) => {
                self.remember(task.id.clone(), *until, turn, &mut task.closed);
            }
            _ => {}
        }
    }

    fn remember(&mut self, id: Arc<str>, until: u64, turn: u64, closed: &mut u64) {
        *closed = turn;
        self.queue.push_back((until, turn, id));
    }

    /// A dead task leaves the list. False if it does not stand there.
    pub(super) fn bury(&mut self, task: &mut Task, until: u64, turn: u64) -> bool {
        let listed_bytes = task.stage.listed_bytes();
        let Stage::Ended(ended) = &mut task.stage else { return false };
        if !std::mem::take(&mut ended.listed) {
            return false;
        }
        ended.until = until;
        self.dead_bytes -= listed_bytes;
        self.dead.remove(&task.closed);
        self.remember(task.id.clone(), until, turn, &mut task.closed);
        true
    }

    /// A task was forgotten.
    pub(super) fn forgotten(&mut self, task: &Task) {
        self.bytes -= task.stage.kept_bytes();
        self.dead_bytes -= task.stage.listed_bytes();
        if task.ended().is_some_and(|ended| ended.listed) {
            self.dead.remove(&task.closed);
        }
    }

    /// Takes off what is to be forgotten, if there is something: older than it may be, or there are more than `most`, or
    /// more bytes. The newest that is over stays whatever its size: somebody may be waiting for it right now. The dead
    /// are as many, and as many bytes, again at most.
    pub(super) fn pop_over(
        &mut self,
        now: u64,
        most: u64,
        most_bytes: u64,
    ) -> Option<(u64, Arc<str>)> {
        let too_many_dead = self.dead.len() as u64 > most || self.dead_bytes as u64 > most_bytes;
        if too_many_dead && self.dead.len() > 1 {
            return self.dead.pop_first();
        }
        let (until, ..) = self.queue.front()?;
        let over_bytes = self.bytes - self.dead_bytes;
        let too_many = self.queue.len() as u64 > most || over_bytes as u64 > most_bytes;
        if *until <= now || (too_many && self.queue.len() > 1) {
            return self.queue.pop_front().map(|(_, turn, id)| (turn, id));
        }
        None
    }
}

impl Stage {
    /// The bytes that are kept of a task that is listed as dead.
    fn listed_bytes(&self) -> usize {
        let listed = matches!(self, Self::Ended(ended) if ended.listed);
        if listed { self.kept_bytes() } else { 0 }
    }
}
