//! The whole life of tasks against a model: whatever senders, agents and the time do to them, none is lost, none is with
//! two agents, every end is final and is told once.

mod compare;
mod deeds;
mod model;
mod pair;

use clawlink_protocol::TaskStatus;
use proptest::prelude::*;

use crate::mailbox::AttemptEnd;
use deeds::Deed;
use model::{At, Wishes};
use pair::Pair;

const AGENTS: &[&str] = &["ann", "ben", "cid"];
/// Those who send tasks; the last of them is nobody.
const SENDERS: [&str; 3] = ["sue", "tom", ""];

#[derive(Debug, Clone)]
enum Step {
    Delegate(usize, Wishes, bool),
    Push(usize),
    PlainPop,
    PushBack,
    Poll(usize, usize, Option<u64>, Option<usize>),
    GiveBack,
    Act(Pick, Who, Named, Deed),
    Cancel(Pick, bool),
    Answer(Pick),
    Requeue(Pick),
    Bury(Pick),
    Acknowledge(Pick),
    StartAnew(usize),
    Leave(usize),
    SignOfLife(usize),
    DropQueued,
    /// A plain client removes one of the messages in the lanes.
    Remove(usize),
    Pass(u64),
    /// Until the first moment at which time alone changes something.
    PassToNext,
    /// As `Pass`, but the alarm is late.
    Doze(u64),
}

/// Which task is meant: a share of those that are so.
#[derive(Debug, Clone, Copy)]
enum Pick {
    Held(usize),
    Dead(usize),
    Any(usize),
}

/// Who speaks.
#[derive(Debug, Clone, Copy)]
enum Who {
    Holder,
    Agent(usize),
    Nobody,
}

/// How a task is named.
#[derive(Debug, Clone, Copy)]
enum Named {
    ById,
    Newest,
    /// By a receipt that is so many attempts old.
    Old(u32),
    Forged(u32),
}

fn wishes() -> impl Strategy<Value = Wishes> {
    let seldom = |most: u64| prop_oneof![3 => Just(None), 1 => (1..most).prop_map(Some)];
    let attempts = prop_oneof![1 => Just(None), 2 => (1..4_u32).prop_map(Some)];
    let backoff = prop_oneof![2 => Just(0), 1 => 1..200_u64];
    let times = (seldom(500), seldom(2_000), seldom(300));
    (0..4_usize, times, attempts, backoff).prop_map(
        |(lane, (delay, deadline, lease_ms), attempts, backoff_ms)| Wishes {
            lane,
            delay,
            deadline,
            lease_ms,
            attempts,
            backoff_ms,
        },
    )
}

fn deed() -> impl Strategy<Value = Deed> {
    let respond = (prop::sample::select(TaskStatus::OF_RESPONSES.to_vec()), any::<bool>());
    prop_oneof![
        6 => respond.prop_map(|(status, fatal)| Deed::Respond(status, fatal)),
        3 => Just(Deed::Respond(TaskStatus::Failed, false)),
        1 => Just(Deed::Touch),
        1 => prop::option::of(1..300_u64).prop_map(Deed::Release),
        1 => Just(Deed::Progress),
    ]
}

fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        5 => any::<usize>().prop_map(Pick::Held),
        2 => any::<usize>().prop_map(Pick::Any),
        1 => any::<usize>().prop_map(Pick::Dead),
    ]
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        5 => Just(Who::Holder),
        2 => Just(Who::Nobody),
        1 => (0..AGENTS.len()).prop_map(Who::Agent),
    ]
}

fn named() -> impl Strategy<Value = Named> {
    prop_oneof![
        2 => Just(Named::ById),
        4 => Just(Named::Newest),
        2 => (1..4_u32).prop_map(Named::Old),
        1 => (1..4_u32).prop_map(Named::Forged),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let agent = || 0..AGENTS.len();
    let lease = prop_oneof![2 => Just(None), 3 => (1..400_u64).prop_map(Some)];
    // The bodies have from 7 to 9 bytes.
    let room = prop_oneof![3 => Just(None), 1 => (6..24_usize).prop_map(Some)];
    let passes = || prop_oneof![12 => 1..400_u64, 3 => 1..3_000_000_u64, 1 => 1..300_000_000_u64];
    prop_oneof![
        7 => (0..3_usize, wishes(), any::<bool>())
            .prop_map(|(from, wishes, receipts)| Step::Delegate(from, wishes, receipts)),
        1 => (0..4_usize).prop_map(Step::Push),
        1 => Just(Step::PlainPop),
        1 => Just(Step::PushBack),
        9 => (agent(), 0..4_usize, lease, room)
            .prop_map(|(agent, count, lease, room)| Step::Poll(agent, count, lease, room)),
        1 => Just(Step::GiveBack),
        12 => (pick(), who(), named(), deed())
            .prop_map(|(pick, who, named, deed)| Step::Act(pick, who, named, deed)),
        1 => (pick(), any::<bool>()).prop_map(|(pick, own)| Step::Cancel(pick, own)),
        1 => pick().prop_map(Step::Answer),
        2 => any::<usize>().prop_map(|share| Step::Requeue(Pick::Dead(share))),
        1 => pick().prop_map(Step::Requeue),
        1 => pick().prop_map(Step::Bury),
        1 => pick().prop_map(Step::Acknowledge),
        2 => agent().prop_map(Step::StartAnew),
        1 => agent().prop_map(Step::Leave),
        2 => agent().prop_map(Step::SignOfLife),
        1 => Just(Step::DropQueued),
        1 => any::<usize>().prop_map(Step::Remove),
        7 => passes().prop_map(Step::Pass),
        3 => Just(Step::PassToNext),
        2 => passes().prop_map(Step::Doze),
    ]
}

impl Pick {
    /// The task's number; `None` if there is none such that has an id.
    fn find(self, pair: &Pair) -> Option<usize> {
        let tasks = pair.model.tasks.iter().enumerate().filter(|(_, task)| !task.id.is_empty());
        let (share, wanted): (_, fn(&At) -> bool) = match self {
            Self::Held(share) => (share, |at| matches!(at, At::With(_))),
            Self::Dead(share) => (share, |at| matches!(at, At::Over { listed: true, .. })),
            Self::Any(share) => (share, |_| true),
        };
        let found: Vec<usize> =
            tasks.filter(|(_, task)| wanted(&task.at)).map(|(number, _)| number).collect();
        Some(found[share.checked_rem(found.len())?])
    }
}

impl Pair {
    fn take(&mut self, step: Step) {
        match step {
            Step::Delegate(from, wishes, receipts) => {
                self.delegate(SENDERS[from], wishes, receipts);
            }
            Step::Push(lane) => self.push(lane),
            Step::PlainPop => self.plain_pop(),
            Step::PushBack => self.push_back(),
            Step::Poll(agent, count, lease, room) => self.poll(agent, count, lease, room),
            Step::GiveBack => self.give_back(),
            Step::StartAnew(agent) => self.release_all(agent, AttemptEnd::Resumed),
            Step::Leave(agent) => self.release_all(agent, AttemptEnd::Unregistered),
            Step::SignOfLife(agent) => self.sign_of_life(agent),
            Step::DropQueued => self.drop_queued(),
            Step::Remove(share) => self.remove(share),
            Step::Pass(ms) => {
                self.model.now += ms;
                self.tick();
            }
            Step::PassToNext => {
                self.model.now = self.model.next().unwrap_or(0).max(self.model.now);
                self.tick();
            }
            Step::Doze(ms) => self.model.now += ms,
            Step::Act(pick, ..)
            | Step::Cancel(pick, _)
            | Step::Answer(pick)
            | Step::Requeue(pick)
            | Step::Bury(pick)
            | Step::Acknowledge(pick) => {
                if let Some(number) = pick.find(self) {
                    self.take_on(number, &step);
                }
            }
        }
    }

    /// A step that is about one task.
    fn take_on(&mut self, number: usize, step: &Step) {
        match *step {
            Step::Act(_, who, named, deed) => {
                let task = &self.model.tasks[number];
                let attempt = match named {
                    Named::ById => None,
                    Named::Newest => Some(task.handed_out),
                    Named::Old(age) => Some(task.handed_out.saturating_sub(age)),
                    Named::Forged(more) => Some(task.handed_out + more),
                };
                let agent = match who {
                    Who::Holder => self.model.held(number).map(|held| held.agent),
                    Who::Agent(agent) => Some(agent),
                    Who::Nobody => None,
                };
                self.act(number, agent, attempt, deed);
            }
            Step::Cancel(_, own) => {
                let by = if own { self.model.tasks[number].from } else { "zoe" };
                self.decide(
                    number,
                    |mailbox, id, change| mailbox.cancel(id, "no need", by, change),
                    |model, number| model.cancel(number, by, "no need"),
                );
            }
            Step::Answer(_) => self.decide(
                number,
                |mailbox, id, change| mailbox.answer(id, b"blue", "sue", change).map(drop),
                |model, number| model.answer(number),
            ),
            Step::Requeue(_) => self.decide(
                number,
                |mailbox, id, change| mailbox.requeue(id, change),
                |model, number| model.requeue(number),
            ),
            Step::Bury(_) => self.decide(
                number,
                |mailbox, id, change| mailbox.bury(id, change),
                |model, number| model.bury(number),
            ),
            Step::Acknowledge(_) => self.acknowledge(number),
            _ => {}
        }
    }

    /// One agent does whatever there is to do, as long as it takes.
    fn drain(&mut self) {
        const DILIGENT: usize = 0;
        // Longer than any lease, any delay and any rest.
        const ROUND_MS: u64 = 700_000;
        for _ in 0..100 {
            let open = |number: &usize| self.model.status(*number).is_some_and(|s| !s.is_end());
            if !(0..self.model.tasks.len()).any(|number| open(&number)) {
                return;
            }
            self.model.now += ROUND_MS;
            self.tick();
            self.compare();
            self.poll(DILIGENT, 10, None, None);
            self.compare();
            for number in 0..self.model.tasks.len() {
                let (agent, receipt) = match &self.model.tasks[number].at {
                    At::With(held) if held.agent == DILIGENT => {
                        (Some(DILIGENT), Some(self.model.tasks[number].handed_out))
                    }
                    // Whoever took it without a lease answers as well.
                    At::Taken { .. } => (None, None),
                    _ => continue,
                };
                self.act(number, agent, receipt, Deed::Respond(TaskStatus::Completed, false));
                self.compare();
            }
        }
        panic!("some task is still open: {:?}", self.model.tasks);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_task_is_lost_or_held_twice_and_every_end_is_told_once(
        steps in prop::collection::vec(step(), 1..150)
    ) {
        let mut pair = Pair::new(AGENTS);
        // Times are far from zero, as they are in earnest.
        pair.model.now = 1_700_000_000_000;
        for step in steps {
            pair.take(step);
            pair.compare();
        }
        pair.drain();
    }
}
