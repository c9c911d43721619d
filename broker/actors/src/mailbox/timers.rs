//! When tasks have something to do by themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::task::Task;

/// A moment, in milliseconds since 1970, and a number that tells apart what happens at the same one.
pub type At = (u64, u64);

/// The moments of all tasks of a mailbox. A task that is handed out stands once in `leases`, one that is delayed or has
/// a deadline once in `alarms`; most tasks need no alarm. The owner sets one timer for the first moment of all.
#[derive(Debug, Default)]
pub struct Timers {
    leases: BTreeMap<At, Arc<str>>,
    alarms: BTreeMap<At, Arc<str>>,
}

/// Where a task stands in the timers.
#[derive(Debug, Default, Clone, Copy)]
pub struct Armed {
    lease: Option<At>,
    alarm: Option<At>,
}

impl Timers {
    /// The first moment at which there may be something to do.
    pub fn next(&self) -> Option<u64> {
        let first = |moments: &BTreeMap<At, _>| moments.first_key_value().map(|((at, _), _)| *at);
        match (first(&self.leases), first(&self.alarms)) {
            (Some(lease), Some(alarm)) => Some(lease.min(alarm)),
            (lease, alarm) => lease.or(alarm),
        }
    }

    /// Sets a task's moments as its stage and its deadline say. `turn`: a number that no other task has had.
    pub fn arm(&mut self, task: &mut Task, turn: u64) {
        let lease = task.handed_out().map(|handed| (handed.until, handed.turn));
        if lease != task.armed.lease {
            replace(&mut self.leases, task.armed.lease, lease, &task.id);
            task.armed.lease = lease;
        }
        let alarm = task.alarm().map(|at| (at, turn));
        if alarm.map(|(at, _)| at) != task.armed.alarm.map(|(at, _)| at) {
            replace(&mut self.alarms, task.armed.alarm, alarm, &task.id);
            task.armed.alarm = alarm;
        }
    }

    /// Forgets a task.
    pub fn disarm(&mut self, task: &Task) {
        let Armed { lease, alarm } = task.armed;
        lease.map(|moment| self.leases.remove(&moment));
        alarm.map(|moment| self.alarms.remove(&moment));
    }

    /// The tasks whose delay or deadline is over, in that order; at most so many.
    pub fn due_alarms(&self, now: u64, most: usize) -> Vec<Arc<str>> {
        self.alarms.range(..=(now, u64::MAX)).take(most).map(|(_, id)| id.clone()).collect()
    }

    /// The tasks whose lease is over by its own account; at most so many.
    pub fn due_leases(&self, now: u64, most: usize) -> Vec<Arc<str>> {
        self.leases.range(..=(now, u64::MAX)).take(most).map(|(_, id)| id.clone()).collect()
    }

    /// The tasks that agents have.
    pub fn leased(&self) -> impl Iterator<Item = &Arc<str>> {
        self.leases.values()
    }

    /// How many tasks agents have.
    pub fn leased_len(&self) -> usize {
        self.leases.len()
    }
}

fn replace(moments: &mut BTreeMap<At, Arc<str>>, old: Option<At>, new: Option<At>, id: &Arc<str>) {
    old.map(|moment| moments.remove(&moment));
    new.map(|moment| moments.insert(moment, id.clone()));
}
