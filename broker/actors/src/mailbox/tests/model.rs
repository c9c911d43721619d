//! A mailbox that anyone can see through.

use std::collections::BTreeMap;

use clawlink_protocol::TaskStatus;

use super::AGENTS;
use crate::Refusal;

/// What the broker's default is.
const ATTEMPTS: usize = 3;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum At {
    Lane,
    With { agent: usize, until: Option<u64>, lease_ms: u64, turn: usize, status: TaskStatus },
    Taken(TaskStatus),
    Ended(TaskStatus),
    Gone,
}

#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: Option<String>,
    pub(super) is_task: bool,
    pub(super) lane: usize,
    pub(super) at: At,
    pub(super) handed_out: u32,
    pub(super) counted: usize,
    /// How many final responses its sender was sent, if it is known.
    pub(super) ends: usize,
    delegated: bool,
    /// Why it was called off.
    reason: &'static str,
}

/// The lanes hold tags from the right end, which is served first, to the left.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) lanes: [Vec<usize>; 4],
    pub(super) messages: BTreeMap<usize, Known>,
    pub(super) turns: usize,
    pub(super) now: u64,
    pub(super) seen: [u64; AGENTS.len()],
    pub(super) last_poll: Option<(usize, Vec<usize>)>,
}

impl Known {
    pub(super) fn status(&self) -> Option<TaskStatus> {
        match self.at {
            At::Lane => Some(TaskStatus::Queued),
            At::With { status, .. } | At::Taken(status) | At::Ended(status) => Some(status),
            At::Gone => None,
        }
    }

    fn id(&self) -> Box<str> {
        self.id.as_deref().unwrap_or_default().into()
    }

    fn end(&mut self, status: TaskStatus) {
        self.at = At::Ended(status);
        self.ends += usize::from(self.delegated);
    }

    /// Refuses what cannot be done to a task that is over, or is none.
    fn check_open(&self, wanted: &'static str) -> Result<(), Refusal> {
        match self.at {
            _ if !self.is_task => Err(Refusal::NoTask(self.id())),
            At::Gone => Err(Refusal::NoTask(self.id())),
            At::Ended(TaskStatus::Canceled) => {
                Err(Refusal::Canceled(self.id(), self.reason.into()))
            }
            At::Ended(status @ (TaskStatus::Completed | TaskStatus::Failed)) => {
                Err(Refusal::Answered(self.id(), status.word()))
            }
            At::Ended(status) => Err(Refusal::BadState(self.id(), status.word(), wanted)),
            _ => Ok(()),
        }
    }

    fn check_held(&self, speaker: usize) -> Result<(), Refusal> {
        match &self.at {
            At::With { agent, .. } if *agent == speaker => Ok(()),
            At::With { agent, .. } => {
                Err(Refusal::NotHeld(self.id(), AGENTS[*agent].into(), self.handed_out))
            }
            _ => {
                let status = self.status().map_or("", TaskStatus::word);
                Err(Refusal::HeldByNobody(self.id(), status))
            }
        }
    }
}

impl Model {
    pub(super) fn enter(&mut self, lane: usize, id: Option<String>, is_task: bool) -> usize {
        let tag = self.messages.len();
        self.lanes[lane].push(tag);
        let delegated = is_task && id.is_some();
        let (at, handed_out, counted, ends, reason) = (At::Lane, 0, 0, 0, "");
        let known = Known { id, is_task, lane, at, handed_out, counted, ends, delegated, reason };
        self.messages.insert(tag, known);
        tag
    }

    pub(super) fn next(&mut self) -> Option<usize> {
        let lane = self.lanes.iter_mut().rev().find(|lane| !lane.is_empty())?;
        Some(lane.remove(0))
    }

    fn message(&mut self, tag: usize) -> &mut Known {
        self.messages.get_mut(&tag).expect("a known message")
    }

    fn out_of_lane(&mut self, tag: usize) {
        self.lanes.iter_mut().for_each(|lane| lane.retain(|other| *other != tag));
    }

    fn give(&mut self, tag: usize, agent: usize, lease_ms: u64) {
        self.turns += 1;
        let (now, turn) = (self.now, self.turns);
        let message = self.message(tag);
        let until = message.is_task.then_some(now + lease_ms);
        message.handed_out += 1;
        message.at = At::With { agent, until, lease_ms, turn, status: TaskStatus::Delivered };
    }

    pub(super) fn poll(&mut self, agent: usize, count: usize, lease_ms: u64) -> Vec<usize> {
        self.lapse();
        for message in self.messages.values_mut() {
            if matches!(message.at, At::With { agent: a, until: None, .. } if a == agent) {
                message.at = At::Gone;
            }
        }
        let tags: Vec<usize> = (0..count).map_while(|_| self.next()).collect();
        tags.iter().for_each(|tag| self.give(*tag, agent, lease_ms));
        tags
    }

    /// Puts back what `wanted` picks, so that what was handed out first is first again. `counts`: whether that is one of
    /// the attempts that a task has.
    pub(super) fn back(&mut self, counts: bool, wanted: impl Fn(usize, &At) -> bool) {
        let turn = |at: &At| {
            if let At::With { turn, .. } = at { Some(*turn) } else { None }
        };
        let mut tags: Vec<_> = self
            .messages
            .iter()
            .filter(|(tag, message)| wanted(**tag, &message.at))
            .filter_map(|(tag, message)| Some((turn(&message.at)?, *tag)))
            .collect();
        tags.sort_unstable();
        for (_, tag) in tags.into_iter().rev() {
            let message = self.message(tag);
            message.counted += usize::from(counts && message.is_task);
            if message.counted >= ATTEMPTS {
                message.end(TaskStatus::Dead);
                continue;
            }
            message.at = At::Lane;
            let lane = message.lane;
            self.lanes[lane].insert(0, tag);
        }
    }

    pub(super) fn lapse(&mut self) {
        let (now, seen) = (self.now, self.seen);
        for message in self.messages.values_mut() {
            if let At::With { agent, until: Some(until), lease_ms, .. } = &mut message.at
                && *until <= now
            {
                *until = (*until).max(seen[*agent] + *lease_ms);
            }
        }
        self.back(true, |_, at| matches!(at, At::With { until: Some(until), .. } if *until <= now));
    }

    pub(super) fn resume(&mut self, agent: usize) {
        self.back(true, |_, at| matches!(at, At::With { agent: a, .. } if *a == agent));
    }

    pub(super) fn release(&mut self, tag: usize, agent: usize) -> Result<(), Refusal> {
        let message = self.message(tag);
        message.check_open("queued")?;
        message.check_held(agent)?;
        self.back(false, |other, _| other == tag);
        Ok(())
    }

    pub(super) fn respond(
        &mut self,
        tag: usize,
        agent: usize,
        new: TaskStatus,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let message = self.message(tag);
        message.check_open(new.word())?;
        let taken = matches!(message.at, At::Taken(_));
        if !taken || new == TaskStatus::InputRequired {
            message.check_held(agent)?;
        }
        match &mut message.at {
            At::With { until, lease_ms, status, .. } if !new.is_end() => {
                *until = Some(now + *lease_ms);
                *status = new;
            }
            At::Taken(status) if !new.is_end() => *status = new,
            At::With { .. } if new == TaskStatus::Failed => {
                message.counted += 1;
                if message.counted >= ATTEMPTS {
                    message.end(TaskStatus::Dead);
                } else {
                    message.at = At::Lane;
                    let lane = message.lane;
                    self.lanes[lane].push(tag);
                }
            }
            _ => message.end(new),
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self, tag: usize) -> Result<(), Refusal> {
        let message = self.message(tag);
        message.check_open("canceled")?;
        message.end(TaskStatus::Canceled);
        message.reason = "late";
        self.out_of_lane(tag);
        Ok(())
    }

    pub(super) fn requeue(&mut self, tag: usize) -> Result<(), Refusal> {
        let message = self.message(tag);
        if message.at != At::Ended(TaskStatus::Dead) {
            message.check_open("queued")?;
            let status = message.status().map_or("", TaskStatus::word);
            return Err(Refusal::BadState(message.id(), status, "queued"));
        }
        message.at = At::Lane;
        message.counted = 0;
        let lane = message.lane;
        self.lanes[lane].push(tag);
        Ok(())
    }

    pub(super) fn drop_queued(&mut self) {
        for tag in std::mem::take(&mut self.lanes).concat() {
            let message = self.message(tag);
            message.reason = "its inbox was deleted";
            if message.is_task && message.id.is_some() {
                message.end(TaskStatus::Canceled);
            } else {
                message.at = At::Gone;
            }
        }
    }

    pub(super) fn acknowledge(&mut self, tag: usize) -> bool {
        let message = self.message(tag);
        if matches!(message.at, At::Gone | At::Ended(_)) {
            return false;
        }
        message.at = At::Gone;
        self.out_of_lane(tag);
        true
    }
}
