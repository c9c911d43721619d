//! What must be so after every step.

use std::collections::BTreeSet;

use clawlink_protocol::TaskStatus;

use super::model::At;
use super::pair::{Pair, tag_of};
use crate::mailbox::Voice;

/// The attempts that are kept of a task, all of them or fewer.
const PAST_KEPT: usize = 32;

impl Pair {
    /// Everything is as the model says. To be called after every step.
    pub(super) fn compare(&mut self) {
        self.compare_wakes();
        self.drop_closed();
        self.model.forget();
        self.statuses = (0..self.model.tasks.len()).map(|n| self.model.status(n)).collect();
        let tags: Vec<usize> = self.mailbox.lanes().iter().map(tag_of).collect();
        let lanes = self.model.lanes.iter().flat_map(|lane| lane.iter().rev().copied());
        assert_eq!(tags, lanes.collect::<Vec<_>>());
        for number in 0..self.model.tasks.len() {
            self.compare_task(number);
        }
        self.compare_sums();
    }

    /// Who waits for a task, or watches it, is told to look when there is something to see.
    fn compare_wakes(&mut self) {
        let woken = std::mem::take(&mut self.woken);
        for (number, task) in self.model.tasks.iter().enumerate() {
            let status = self.model.status(number);
            let looked_for = status.is_none_or(|s| s.is_end() || s == TaskStatus::InputRequired);
            let before = self.statuses.get(number).copied().unwrap_or(Some(TaskStatus::Queued));
            if looked_for && before != status && !task.id.is_empty() {
                assert!(woken.contains(&task.id), "nobody looks at {}: {status:?}", task.id);
            }
        }
    }

    fn compare_task(&self, number: usize) {
        let known = &self.model.tasks[number];
        if known.id.is_empty() {
            return;
        }
        let heard = self.heard.get(&known.id).map_or(&[][..], Vec::as_slice);
        assert_eq!(heard, known.told, "{} as its sender hears of it", known.id);
        let task = self.mailbox.task(&known.id);
        assert_eq!(task.as_ref().ok().map(|task| task.status()), self.model.status(number));
        let Ok(task) = task else { return };
        assert_eq!(task.attempts.handed_out(), known.handed_out, "{}", known.id);
        assert_eq!(task.attempts.counted(), known.counted, "{}", known.id);
        let past = task.attempts.past().iter().map(|past| (&*past.agent, past.end));
        let expected = known.past.iter().map(|(agent, end)| (self.model.agents[*agent], *end));
        if known.past.len() <= PAST_KEPT {
            assert_eq!(past.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{}", known.id);
        }
        if let Some(delivered) = self.delivered.get(&known.id) {
            assert_eq!(*delivered, known.handed_out, "{}", known.id);
        }
        // The newest receipt is good while somebody has the task, and no other ever is.
        for attempt in 0..=known.handed_out + 1 {
            for (index, agent) in self.model.agents.iter().enumerate() {
                let voice = Voice { id: &known.id, attempt: Some(attempt), speaker: agent };
                let good = attempt == known.handed_out
                    && self.model.held(number).is_some_and(|held| held.agent == index);
                assert_eq!(voice.held(task).is_ok(), good, "{}#{attempt}, {agent}", known.id);
            }
        }
    }

    fn compare_sums(&self) {
        let held = self.model.all_held();
        let ledger = self.mailbox.ledger();
        assert_eq!(ledger.map_or(0, |ledger| ledger.out_len()), held.len());
        let stages: Vec<_> =
            ledger.into_iter().flat_map(|ledger| ledger.tasks()).map(|task| &task.stage).collect();
        let rooms = stages.iter().map(|stage| stage.room());
        let room = rooms.fold((0, 0), |sum, room| (sum.0 + room.0, sum.1 + room.1));
        assert_eq!(ledger.map_or((0, 0), |ledger| ledger.room()), room);
        let kept: usize = stages.iter().map(|stage| stage.kept_bytes()).sum();
        assert_eq!(ledger.map_or(0, |ledger| ledger.closed.bytes()), kept);
        let holds = held.iter().map(|number| {
            let agent = self.model.held(*number).map_or("", |held| self.model.agents[held.agent]);
            (agent.to_owned(), self.model.tasks[*number].id.clone())
        });
        assert_eq!(self.holds, holds.collect());
        let dead: Option<BTreeSet<String>> =
            ledger.map(|ledger| ledger.dead().map(|task| task.id.to_string()).collect());
        let listed =
            self.model.tasks.iter().filter(|task| matches!(task.at, At::Over { listed: true, .. }));
        let listed: BTreeSet<String> = listed.map(|task| task.id.clone()).collect();
        assert_eq!(dead.unwrap_or_default(), listed);
        for sender in ["sue", "tom"] {
            let open = self.model.tasks.iter().enumerate().filter(|(number, task)| {
                let open = self.model.status(*number).is_some_and(|status| !status.is_end());
                task.from == sender && open
            });
            let known = ledger.map_or(0, |ledger| ledger.open_of(sender));
            assert_eq!(known, open.count() as u64, "{sender}'s open tasks");
        }
        // The alarm may ring too early, when a lease was renewed meanwhile, and never too late.
        if let Some(next) = self.model.next() {
            let due = self.mailbox.next_due();
            assert!(due.is_some_and(|due| due <= next), "due {due:?}, not {next}");
        }
    }
}
