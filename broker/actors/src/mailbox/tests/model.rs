//! A mailbox that anyone can see through.

use std::collections::BTreeMap;

use clawlink_protocol::TaskStatus;

use super::DEFAULT_LEASE_MS;
use crate::Refusal;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum At {
    Lane,
    With { agent: usize, until: Option<u64>, lease_ms: u64, turn: usize },
    Taken,
    Answered(TaskStatus),
    Gone,
}

#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: Option<String>,
    pub(super) is_task: bool,
    pub(super) lane: usize,
    pub(super) at: At,
}

/// The lanes hold tags from the right end, which is served first, to the left.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) lanes: [Vec<usize>; 4],
    pub(super) messages: BTreeMap<usize, Known>,
    pub(super) turns: usize,
    pub(super) now: u64,
    pub(super) last_poll: Option<(usize, Vec<usize>)>,
}

impl Model {
    pub(super) fn enter(&mut self, lane: usize, id: Option<String>, is_task: bool) -> usize {
        let tag = self.messages.len();
        self.lanes[lane].push(tag);
        self.messages.insert(tag, Known { id, is_task, lane, at: At::Lane });
        tag
    }

    pub(super) fn next(&mut self) -> Option<usize> {
        let lane = self.lanes.iter_mut().rev().find(|lane| !lane.is_empty())?;
        Some(lane.remove(0))
    }

    pub(super) fn out_of_lane(&mut self, tag: usize) {
        self.lanes.iter_mut().for_each(|lane| lane.retain(|other| *other != tag));
    }

    pub(super) fn give(&mut self, tag: usize, agent: usize, lease_ms: u64) {
        self.turns += 1;
        let (now, turn) = (self.now, self.turns);
        let message = self.messages.get_mut(&tag).expect("a known message");
        let until = message.is_task.then_some(now + lease_ms);
        message.at = At::With { agent, until, lease_ms, turn };
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

    /// Puts back what `wanted` picks, so that what was handed out first is first again.
    pub(super) fn back(&mut self, wanted: impl Fn(usize, &At) -> bool) {
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
            let message = self.messages.get_mut(&tag).expect("a known message");
            message.at = At::Lane;
            self.lanes[message.lane].insert(0, tag);
        }
    }

    pub(super) fn lapse(&mut self) {
        let now = self.now;
        self.back(|_, at| matches!(at, At::With { until: Some(until), .. } if *until <= now));
    }

    pub(super) fn release(&mut self, agent: usize) {
        self.back(|_, at| matches!(at, At::With { agent: a, .. } if *a == agent));
    }

    pub(super) fn respond(
        &mut self,
        tag: usize,
        agent: usize,
        status: TaskStatus,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let message = self.messages.get_mut(&tag).expect("a known message");
        let id: Box<str> = message.id.as_deref().unwrap_or_default().into();
        let open = message.is_task && message.at != At::Gone;
        if let At::Answered(status) = message.at {
            return Err(Refusal::Answered(id, status.word()));
        }
        if !open {
            return Err(Refusal::NoTask(id));
        }
        if status != TaskStatus::InProgress {
            message.at = At::Answered(status);
            self.out_of_lane(tag);
        } else if message.at == At::Lane {
            self.out_of_lane(tag);
            self.give(tag, agent, DEFAULT_LEASE_MS);
        } else if let At::With { agent: holder, until, lease_ms, .. } = &mut message.at
            && *holder == agent
        {
            *until = Some(now + *lease_ms);
        }
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, tag: usize) -> bool {
        let message = self.messages.get_mut(&tag).expect("a known message");
        if matches!(message.at, At::Gone | At::Answered(_)) {
            return false;
        }
        message.at = At::Gone;
        self.out_of_lane(tag);
        true
    }
}
