//! What happens to tasks by itself: delays, deadlines and leases end.

use std::sync::Arc;

use ahash::AHashSet;
use clawlink_protocol::ReceiptEvent;

use crate::mailbox::Mailbox;
use crate::mailbox::attempts::AttemptEnd;
use crate::mailbox::effects::Change;
use crate::mailbox::task::Stage;
use crate::sequence::End;

/// How many tasks are looked at in one go: all other owners wait meanwhile, and ten thousand that die at once take a
/// tenth of a second.
const AT_ONCE: usize = 1_000;

/// Why a task ends that a plain pop took.
const NEVER_ANSWERED: &str = "taken by a plain client and never answered";

impl Mailbox {
    /// When there is next something to do, in milliseconds since 1970.
    pub fn next_due(&self) -> Option<u64> {
        let ledger = self.ledger.as_deref()?;
        let keys = ledger.keys.as_ref().and_then(|keys| keys.next());
        [ledger.timers.next(), ledger.closed.next(), keys].into_iter().flatten().min()
    }

    /// Does what is due. Whether messages have come into the lanes, or left them.
    pub fn catch_up(&mut self, change: &mut Change<'_>) -> bool {
        let due =
            self.ledger.as_deref().map(|ledger| ledger.timers.due_alarms(change.now, AT_ONCE));
        let due = due.unwrap_or_default();
        let mut expired = Vec::new();
        for id in &due {
            let Ok(task) = self.task(id) else { continue };
            if task.wants(|terms| terms.deadline).is_some_and(|at| at <= change.now) {
                expired.push(id.clone());
                continue;
            }
            match task.stage {
                Stage::Delayed(_) => self.end_delay(id, change),
                Stage::Taken { .. } => self.expire(id, None, NEVER_ANSWERED, change),
                _ => {}
            }
        }
        self.expire_all(&expired, change);
        self.lapse(change) || !due.is_empty()
    }

    /// The time of a delayed task has come.
    fn end_delay(&mut self, id: &str, change: &mut Change<'_>) {
        if self.enter_lane(id, End::Left, change) {
            self.send_receipt(id, ReceiptEvent::Queued, "", change);
        }
    }

    /// Ends tasks whose deadline has passed. One walk over the lanes finds all that are queued.
    fn expire_all(&mut self, ids: &[Arc<str>], change: &mut Change<'_>) {
        let is_queued =
            |id: &&Arc<str>| self.task(id).is_ok_and(|task| matches!(task.stage, Stage::Queued));
        let queued: AHashSet<&str> = ids.iter().filter(is_queued).map(|id| &**id).collect();
        let mut found = self.lanes.take_all(&queued);
        for id in ids {
            let record =
                if queued.contains(&**id) { found.remove(&**id) } else { self.take_record(id) };
            self.expire(id, record, "the deadline has passed", change);
        }
    }

    /// Tasks whose lease is over go back to the head of their lanes, unless whoever has one has given a sign of life
    /// since: then its lease runs on from there. Whether there were any that went back.
    pub fn lapse(&mut self, change: &mut Change<'_>) -> bool {
        let Some(ledger) = &mut self.ledger else { return false };
        let mut over = Vec::new();
        for id in ledger.timers.due_leases(change.now, AT_ONCE) {
            let Some(handed) = ledger.task(&id).and_then(|task| task.handed_out()) else {
                continue;
            };
            let renewed = (change.last_seen)(&handed.holder).saturating_add(handed.lease_ms);
            if renewed > change.now {
                ledger.renew(&id, renewed);
            } else {
                over.push((handed.turn, id));
            }
        }
        let lapsed = !over.is_empty();
        self.put_back(
            over,
            AttemptEnd::LeaseLost,
            "no sign of life for the time of its lease",
            change,
        );
        lapsed
    }
}
