//! Tasks that anyone can see through: a plain list of them, no timers, no indexes. Whatever is asked is computed anew
//! from what each one is.

use clawlink_protocol::TaskStatus::{self, *};

use crate::mailbox::AttemptEnd;

/// For how long what is over is remembered by default, in milliseconds: a day.
pub(super) const KEEP_MS: u64 = 86_400_000;
/// For how long a task is leased by default, in milliseconds.
const LEASE_MS: u64 = 600_000;
/// How often a task is tried by default.
const ATTEMPTS: u32 = 3;

/// Where a task is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum At {
    /// It waits for this time; `turn` tells apart those that wait for the same.
    Delayed {
        until: u64,
        turn: u64,
    },
    Lane,
    With(Held),
    /// A plain pop took it; until then it can be answered.
    Taken {
        status: TaskStatus,
        until: u64,
    },
    Over {
        status: TaskStatus,
        reason: String,
        at: u64,
        listed: bool,
        until: u64,
    },
    /// Acknowledged, or remembered for long enough.
    Gone,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) agent: usize,
    pub(super) until: u64,
    pub(super) lease_ms: u64,
    pub(super) turn: u64,
    pub(super) status: TaskStatus,
}

/// What its sender wants.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    pub(super) lane: usize,
    pub(super) delay: Option<u64>,
    pub(super) deadline: Option<u64>,
    pub(super) lease_ms: Option<u64>,
    pub(super) attempts: Option<u32>,
    pub(super) backoff_ms: u64,
}

impl Wishes {
    /// Whether there are none but the lane and the delay.
    pub(super) fn is_usual(&self) -> bool {
        self.lease_ms.is_none() && self.attempts.is_none() && self.backoff_ms == 0
    }
}

#[derive(Debug)]
pub(super) struct Known {
    /// Empty until a message that was pushed is first handed out.
    pub(super) id: String,
    /// Empty: nobody.
    pub(super) from: &'static str,
    pub(super) wishes: Wishes,
    pub(super) at: At,
    pub(super) handed_out: u32,
    pub(super) counted: u32,
    /// Who had it, and how that ended.
    pub(super) past: Vec<(usize, AttemptEnd)>,
    /// The ends that its sender is to hear of.
    pub(super) told: Vec<TaskStatus>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) tasks: Vec<Known>,
    /// The numbers of the tasks in each lane, from the right end, which is served first, to the left.
    pub(super) lanes: [Vec<usize>; 4],
    pub(super) agents: &'static [&'static str],
    /// When each agent last gave a sign of life.
    pub(super) seen: Vec<u64>,
    pub(super) now: u64,
    turns: u64,
}

impl Model {
    pub(super) fn new(agents: &'static [&'static str]) -> Self {
        Self { agents, seen: vec![0; agents.len()], ..Self::default() }
    }

    pub(super) fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// A task comes in. Returns its number.
    pub(super) fn enter(&mut self, id: &str, from: &'static str, wishes: Wishes) -> usize {
        let number = self.tasks.len();
        let turn = self.turn();
        let at = match wishes.delay {
            Some(delay) => At::Delayed { until: self.now + delay, turn },
            None => At::Lane,
        };
        if at == At::Lane {
            self.lanes[wishes.lane].push(number);
        }
        let (id, past, told) = (id.to_owned(), vec![], vec![]);
        self.tasks.push(Known { id, from, wishes, at, handed_out: 0, counted: 0, past, told });
        number
    }

    pub(super) fn held(&self, number: usize) -> Option<&Held> {
        if let At::With(held) = &self.tasks[number].at { Some(held) } else { None }
    }

    /// The tasks that agents have, in the order they were handed out.
    pub(super) fn all_held(&self) -> Vec<usize> {
        let mut held: Vec<_> =
            (0..self.tasks.len()).filter_map(|n| Some((self.held(n)?.turn, n))).collect();
        held.sort_unstable();
        held.into_iter().map(|(_, number)| number).collect()
    }

    pub(super) fn status(&self, number: usize) -> Option<TaskStatus> {
        Some(match &self.tasks[number].at {
            At::Delayed { .. } => Delayed,
            At::Lane => Queued,
            At::With(held) => held.status,
            At::Taken { status, .. } | At::Over { status, .. } => *status,
            At::Gone => return None,
        })
    }

    pub(super) fn leave_lane(&mut self, number: usize) {
        self.lanes.iter_mut().for_each(|lane| lane.retain(|other| *other != number));
    }

    /// When the lease of a task that an agent has is over, if nothing more is heard of the agent.
    pub(super) fn lease_end(&self, held: &Held) -> u64 {
        held.until.max(self.seen[held.agent] + held.lease_ms)
    }

    /// Leases that are over.
    pub(super) fn lapse(&mut self) {
        let over = |n: &usize| self.held(*n).is_some_and(|held| self.lease_end(held) <= self.now);
        let over: Vec<usize> = self.all_held().into_iter().filter(over).collect();
        self.put_back(&over, AttemptEnd::LeaseLost);
    }

    /// Everything that the time brings.
    pub(super) fn tick(&mut self) {
        let now = self.now;
        let mut due = Vec::new();
        for number in 0..self.tasks.len() {
            let late = self.tasks[number].wishes.deadline.is_some_and(|at| at <= now)
                || matches!(self.tasks[number].at, At::Taken { until, .. } if until <= now);
            let open = self.status(number).is_some_and(|status| !status.is_end());
            match self.tasks[number].at {
                _ if late && open => self.end(number, Expired, AttemptEnd::Expired, "late", true),
                At::Delayed { until, turn } if until <= now => due.push((until, turn, number)),
                _ => {}
            }
        }
        due.sort_unstable();
        for (_, _, number) in due {
            self.queue(number);
        }
        self.lapse();
    }

    /// To the tail of its lane.
    pub(super) fn queue(&mut self, number: usize) {
        self.tasks[number].at = At::Lane;
        self.lanes[self.tasks[number].wishes.lane].push(number);
    }

    /// What is over for long enough is forgotten.
    pub(super) fn forget(&mut self) {
        for task in &mut self.tasks {
            if matches!(task.at, At::Over { listed: false, until, .. } if until <= self.now) {
                task.at = At::Gone;
            }
        }
    }

    /// The next task in the lanes.
    pub(super) fn pop(&mut self) -> Option<usize> {
        let lane = self.lanes.iter_mut().rev().find(|lane| !lane.is_empty())?;
        Some(lane.remove(0))
    }

    /// The next tasks: so many at most, and so many bytes of bodies. One that is larger by itself comes without its body.
    pub(super) fn pop_within(&mut self, count: usize, room: Option<usize>) -> Vec<(usize, bool)> {
        let (mut popped, mut taken) = (Vec::new(), 0);
        while popped.len() < count
            && let Some(number) = self.pop()
        {
            let body = format!("tag {number}{{}}").len();
            let is_whole = room.is_none_or(|room| body <= room);
            taken += if is_whole { body } else { 0 };
            if room.is_some_and(|room| taken > room) {
                self.lanes[self.tasks[number].wishes.lane].insert(0, number);
                break;
            }
            popped.push((number, is_whole));
        }
        popped
    }

    pub(super) fn take(&mut self, number: usize) {
        let known = !self.tasks[number].id.is_empty();
        let until = self.now + KEEP_MS;
        self.tasks[number].at =
            if known { At::Taken { status: Delivered, until } } else { At::Gone };
    }

    pub(super) fn give(&mut self, number: usize, agent: usize, lease_ms: Option<u64>) {
        let (now, turn) = (self.now, self.turn());
        let task = &mut self.tasks[number];
        task.handed_out += 1;
        let lease_ms = lease_ms.or(task.wishes.lease_ms).unwrap_or(LEASE_MS);
        let (until, status) = (now + lease_ms, Delivered);
        task.at = At::With(Held { agent, until, lease_ms, turn, status });
    }

    /// Back to the heads of their lanes: what was handed out first is first again.
    pub(super) fn put_back(&mut self, numbers: &[usize], end: AttemptEnd) {
        let mut held: Vec<_> =
            numbers.iter().filter_map(|n| Some((self.held(*n)?.turn, *n))).collect();
        held.sort_unstable();
        for (_, number) in held.into_iter().rev() {
            self.attempt_ends(number, end);
            if counts(end) && self.used_up(number) {
                self.end(number, Dead, end, "dead", true);
            } else {
                self.tasks[number].at = At::Lane;
                self.lanes[self.tasks[number].wishes.lane].insert(0, number);
            }
        }
    }

    pub(super) fn used_up(&self, number: usize) -> bool {
        let task = &self.tasks[number];
        task.counted >= task.wishes.attempts.unwrap_or(ATTEMPTS)
    }

    pub(super) fn attempt_ends(&mut self, number: usize, end: AttemptEnd) {
        let Some(agent) = self.held(number).map(|held| held.agent) else { return };
        let task = &mut self.tasks[number];
        // The attempt that a task dies of has been noted already.
        if task.past.len() < task.handed_out as usize {
            task.past.push((agent, end));
            task.counted += u32::from(counts(end));
        }
    }

    pub(super) fn end(
        &mut self,
        number: usize,
        status: TaskStatus,
        end: AttemptEnd,
        why: &str,
        tell: bool,
    ) {
        self.attempt_ends(number, end);
        self.leave_lane(number);
        let popped = matches!(self.tasks[number].at, At::Taken { .. });
        let (at, until) = (self.now, self.now + KEEP_MS);
        let task = &mut self.tasks[number];
        let listed = status == Dead && !popped;
        task.at = At::Over { status, reason: why.to_owned(), at, listed, until };
        if tell && !task.from.is_empty() {
            task.told.push(status);
        }
    }

    /// The inbox was deleted.
    pub(super) fn drop_queued(&mut self) {
        for number in self.lanes.iter().flatten().copied().collect::<Vec<_>>() {
            self.call_off(number, "its inbox was deleted");
        }
    }

    /// A plain client removed its message.
    pub(super) fn remove(&mut self, number: usize) {
        self.call_off(number, "it was removed from its inbox");
    }

    fn call_off(&mut self, number: usize, why: &str) {
        self.end(number, Canceled, AttemptEnd::Canceled, why, true);
        if self.tasks[number].id.is_empty() {
            self.tasks[number].at = At::Gone;
        }
    }

    /// The first moment at which time alone changes something.
    pub(super) fn next(&self) -> Option<u64> {
        let moment = |task: &Known| {
            let (deadline, other) = match &task.at {
                At::Gone | At::Over { .. } => return None,
                At::Delayed { until, .. } | At::Taken { until, .. } => {
                    (task.wishes.deadline, Some(*until))
                }
                At::With(held) => (task.wishes.deadline, Some(self.lease_end(held))),
                At::Lane => (task.wishes.deadline, None),
            };
            [deadline, other].into_iter().flatten().min()
        };
        self.tasks.iter().filter_map(moment).min()
    }
}

/// Whether an attempt that ended so counts: the task, or whoever had it, may be to blame.
fn counts(end: AttemptEnd) -> bool {
    end == AttemptEnd::Failed || end == AttemptEnd::LeaseLost || end == AttemptEnd::Resumed
}
