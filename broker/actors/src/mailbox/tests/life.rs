//! The rules of a task's life that the model does not know, one by one.

use clawlink_protocol::TaskStatus::{self, Canceled, Completed, Dead, Failed, InputRequired};
use serde_json::Value;

use super::plain::{Pair, mailbox};
use crate::Refusal;
use crate::mailbox::{Answer, Effect, Mailbox, Poll, Progress, Room, Task, Terms, Voice};

const LEASE_MS: u64 = 600_000;

impl Pair {
    fn send(&mut self, delay_ms: u64, terms: Terms) -> String {
        self.1.delegate(&mut self.0, delay_ms, terms)
    }

    fn take(&mut self, agent: &str) -> Vec<String> {
        self.1.poll(&mut self.0, agent)
    }

    fn pass(&mut self, ms: u64) {
        self.1.pass(&mut self.0, ms);
    }

    fn say(&mut self, word: &str, speaker: &str, status: TaskStatus) -> Result<String, Refusal> {
        let (voice, text, fatal) = (Voice::new(word, speaker), b"so", false);
        let answer = Answer { voice, text, status, fatal };
        self.1.make(&mut self.0, |mailbox, change| mailbox.respond(&answer, change))
    }

    fn status(&self, id: &str) -> Option<TaskStatus> {
        self.0.task(id).ok().map(Task::status)
    }

    /// What the agent was sent since this was last asked for any agent: the type, or the event, or the status.
    fn told(&mut self, agent: &str) -> Vec<String> {
        let sent = self.1.sent_to(agent).into_iter().map(|record| {
            let record: Value = serde_json::from_str(&record).expect("a record");
            let kinds = ["event", "status", "type"];
            let kind = kinds.iter().find_map(|kind| record[kind].as_str());
            kind.expect("a kind").to_owned()
        });
        sent.collect()
    }
}

fn receipts() -> Terms {
    Terms { receipts: true, ..Terms::default() }
}

#[test]
fn a_delayed_task_waits_for_its_time_and_takes_room_meanwhile() {
    let mut bob = mailbox("bob");
    let id = bob.send(500, receipts());
    assert_eq!(bob.0.next_due(), Some(500));
    assert!(bob.take("bob").is_empty());
    bob.1.limits.inbox_messages_max.set(1);
    assert_eq!(bob.0.check_room(1, &bob.1.limits), Err(Refusal::InboxFull("bob".into(), 1)));
    bob.pass(499);
    assert_eq!(bob.status(&id), Some(TaskStatus::Delayed));
    assert!(bob.told("alice").is_empty());
    bob.pass(1);
    assert_eq!(bob.told("alice"), ["queued"]);
    assert_eq!(bob.take("bob").len(), 1);
    assert_eq!(bob.told("alice"), ["delivered"]);
}

#[test]
fn a_sign_of_life_renews_the_lease_without_touching_it() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms::default());
    bob.take("bob");
    bob.pass(LEASE_MS - 1);
    bob.1.saw("bob");
    bob.pass(1);
    assert_eq!(bob.status(&id), Some(TaskStatus::Delivered));
    assert_eq!(bob.0.next_due(), Some(2 * LEASE_MS - 1));
    bob.pass(LEASE_MS - 1);
    assert_eq!(bob.status(&id), Some(TaskStatus::Queued));
}

#[test]
fn an_old_receipt_is_refused_and_says_who_has_the_task() {
    let mut shared = mailbox("@rust");
    let id = shared.send(0, Terms::default());
    let (first, second) = (format!("{id}#1"), format!("{id}#2"));
    assert!(shared.take("bob")[0].contains(&format!(r#""attempt":1,"receipt":"{first}""#)));
    shared.pass(LEASE_MS);
    let nobody = Refusal::HeldByNobody(id.as_str().into(), "queued");
    assert_eq!(shared.say(&first, "bob", Completed), Err(nobody));
    assert!(shared.take("zoe")[0].contains(&second));
    let zoe = Refusal::NotHeld(id.as_str().into(), "zoe".into(), 2);
    for (word, speaker) in [(&first, "bob"), (&first, ""), (&id, "bob"), (&second, "bob")] {
        assert_eq!(shared.say(word, speaker, Completed), Err(zoe.clone()), "{word} {speaker}");
        let touched = shared.0.touch(Voice::new(word, speaker), 0);
        assert_eq!(touched, Err(zoe.clone()), "{word} {speaker}");
    }
    assert_eq!(shared.0.touch(Voice::new(&second, ""), 0), Ok(LEASE_MS));
    assert!(shared.say(&second, "zoe", Completed).is_ok());
    let answered = Refusal::Answered(id.as_str().into(), "completed");
    assert_eq!(shared.say(&second, "zoe", Completed), Err(answered));
}

#[test]
fn the_last_attempt_is_the_end_and_a_dead_task_can_be_queued_again() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms { attempts: Some(2), ..receipts() });
    bob.take("bob");
    let receipt = bob.say(&id, "bob", Failed);
    assert_eq!(receipt, Ok(format!("{id}#1")));
    assert_eq!(bob.told("alice"), ["queued", "delivered", "failed"]);
    bob.take("bob");
    bob.pass(LEASE_MS);
    assert_eq!(bob.told("alice"), ["delivered", "dead", "dead"]);
    assert_eq!(bob.status(&id), Some(Dead));
    let dead = Refusal::BadState(id.as_str().into(), "dead", "completed");
    assert_eq!(bob.say(&id, "", Completed), Err(dead));
    let listed = |bob: &Pair| bob.0.ledger().map_or(0, |ledger| ledger.dead().count());
    assert_eq!(listed(&bob), 1);
    let requeue =
        |bob: &mut Pair| bob.1.make(&mut bob.0, |mailbox, change| mailbox.requeue(&id, change));
    assert_eq!(requeue(&mut bob), Ok(()));
    assert_eq!((listed(&bob), bob.status(&id)), (0, Some(TaskStatus::Queued)));
    assert!(bob.take("bob")[0].contains(r#""attempt":3"#));
    for _ in 0..2 {
        bob.say(&id, "bob", Failed).expect("bob has it");
        bob.take("bob");
    }
    assert_eq!(listed(&bob), 1);
    let bury = |bob: &mut Pair| bob.1.make(&mut bob.0, |mailbox, change| mailbox.bury(&id, change));
    assert_eq!(bury(&mut bob), Ok(()));
    assert_eq!((listed(&bob), bob.status(&id)), (0, Some(Dead)));
    let buried = Refusal::BadState(id.as_str().into(), "buried", "queued");
    assert_eq!(requeue(&mut bob), Err(buried));
}

#[test]
fn each_failure_rests_twice_as_long() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms { attempts: Some(9), backoff_ms: 100, ..Terms::default() });
    for rest in [100, 200, 400] {
        assert_eq!(bob.take("bob").len(), 1);
        bob.say(&id, "bob", Failed).expect("bob has it");
        assert_eq!(bob.0.next_due(), Some(bob.1.now + rest));
        bob.pass(rest);
    }
}

#[test]
fn what_is_given_back_is_first_again_and_counts_as_nothing() {
    let mut bob = mailbox("bob");
    let first = bob.send(0, Terms { attempts: Some(1), ..Terms::default() });
    let second = bob.send(0, Terms::default());
    for attempt in 1..=5 {
        let records = bob.take("bob");
        assert!(records[0].contains(&format!(r#""receipt":"{first}#{attempt}""#)), "{records:?}");
        // The one that is given back last is first again.
        for id in [&second, &first] {
            let voice = Voice::new(id, "bob");
            let back = bob
                .1
                .make(&mut bob.0, |mailbox, change| mailbox.release(voice, None, "busy", change));
            assert_eq!(back, Ok(()));
        }
    }
    assert_eq!(bob.0.task(&first).map(|task| task.attempts.counted()), Ok(0));
}

#[test]
fn a_deadline_ends_a_task_wherever_it_is() {
    let mut bob = mailbox("bob");
    let terms = || Terms { deadline: Some(1_000), ..receipts() };
    let held = bob.send(0, terms());
    bob.take("bob");
    let queued: Vec<_> = (0..3).map(|_| bob.send(0, terms())).collect();
    let late = bob.send(5_000, terms());
    let other = bob.send(0, Terms::default());
    bob.1.effects.clear();
    bob.pass(1_000);
    for id in queued.iter().chain([&held, &late]) {
        assert_eq!(bob.status(id), Some(TaskStatus::Expired), "{id}");
    }
    let effects = bob.1.effects.clone();
    assert_eq!(bob.told("bob"), ["task_expired"]);
    bob.1.effects = effects;
    let told = bob.told("alice");
    assert_eq!(told, ["expired"; 10]);
    assert_eq!(bob.0.lanes().len(), 1);
    assert_eq!(bob.status(&other), Some(TaskStatus::Queued));
    let expired = Refusal::BadState(held.as_str().into(), "expired", "completed");
    assert_eq!(bob.say(&held, "bob", Completed), Err(expired));
}

#[test]
fn whoever_has_a_task_that_is_called_off_is_told_and_the_one_who_does_is_not() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms::default());
    bob.take("bob");
    let cancel = |bob: &mut Pair, by| {
        bob.1.make(&mut bob.0, |mailbox, change| mailbox.cancel(&id, "no need", by, change))
    };
    assert_eq!(cancel(&mut bob, "alice"), Ok(()));
    let effects = bob.1.effects.clone();
    assert_eq!(bob.told("bob"), ["task_canceled"]);
    bob.1.effects = effects;
    assert!(bob.told("alice").is_empty());
    assert_eq!(bob.status(&id), Some(Canceled));
    let canceled = Refusal::Canceled(id.as_str().into(), "no need".into());
    assert_eq!(bob.say(&id, "bob", Completed), Err(canceled.clone()));
    assert_eq!(cancel(&mut bob, "alice"), Err(canceled));
}

#[test]
fn a_question_waits_for_one_answer() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms { reply_to: Some("carol".into()), ..Terms::default() });
    let answer = |bob: &mut Pair| {
        bob.1.make(&mut bob.0, |mailbox, change| mailbox.answer(&id, b"blue", "carol", change))
    };
    bob.take("bob");
    let not_asked = Refusal::BadState(id.as_str().into(), "delivered", "answered");
    assert_eq!(answer(&mut bob), Err(not_asked));
    bob.say(&id, "bob", InputRequired).expect("bob has it");
    assert_eq!(bob.told("carol"), ["input_required"]);
    assert!(bob.0.task(&id).expect("a task").question().is_some());
    answer(&mut bob).expect("it was asked");
    assert_eq!(bob.told("bob"), ["task_answer"]);
    assert_eq!(bob.status(&id), Some(TaskStatus::InProgress));
    assert!(answer(&mut bob).is_err());
    bob.say(&id, "bob", Completed).expect("bob has it");
    assert_eq!(bob.told("carol"), ["completed"]);
}

#[test]
fn reports_are_numbered_and_the_last_sixteen_are_kept() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms::default());
    let report = |bob: &mut Pair, speaker| {
        let voice = Voice::new(&id, speaker);
        let progress = Progress { voice, note: b"on", percent: Some(7) };
        bob.1.make(&mut bob.0, |mailbox, change| mailbox.progress(&progress, change))
    };
    let queued = Refusal::HeldByNobody(id.as_str().into(), "queued");
    assert_eq!(report(&mut bob, "bob"), Err(queued));
    bob.take("bob");
    for number in 1..=20 {
        assert_eq!(report(&mut bob, "bob"), Ok(number));
    }
    let held = Refusal::NotHeld(id.as_str().into(), "bob".into(), 1);
    assert_eq!(report(&mut bob, "zoe"), Err(held));
    let task = bob.0.task(&id).expect("a task");
    let kept: Vec<u64> = task.talk.iter().flat_map(|talk| &talk.progress).map(|r| r.seq).collect();
    assert_eq!(kept, (5..=20).collect::<Vec<_>>());
}

#[test]
fn a_poll_gives_no_more_bytes_than_it_may() {
    let mut bob = mailbox("bob");
    for _ in 0..3 {
        bob.send(0, Terms::default());
    }
    // Each body is `work` and `{}`.
    let mut poll = |bytes| {
        let room = Some(Room { bytes, taken: 0 });
        let poll = Poll { agent: "bob", count: 10, lease_ms: None, room };
        let records = bob.1.make(&mut bob.0, |mailbox, change| mailbox.poll(&poll, change));
        records.iter().map(|r| String::from_utf8_lossy(r).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(poll(11).len(), 1);
    let rest = poll(5);
    assert_eq!(rest.len(), 2, "{rest:?}");
    assert!(rest[0].contains(r#""task_bytes":6"#) && !rest[0].contains("work"), "{rest:?}");
    assert!(rest[0].contains(r#""task_ref":"bob.t.2""#), "{rest:?}");
    assert!(rest[0].contains(r#""receipt":"bob.t.2#1""#), "{rest:?}");
}

#[test]
fn a_task_is_held_from_the_poll_to_its_end() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms { hops: 3, group: Some("g".into()), ..Terms::default() });
    bob.take("bob");
    bob.say(&id, "bob", Completed).expect("bob has it");
    let names = bob.1.effects.iter().map(|effect| match effect {
        Effect::Joined { .. } => "joined",
        Effect::Hops(_, 3) => "hops",
        Effect::Holds { hops: 3, .. } => "holds",
        Effect::LetsGo { .. } => "lets go",
        Effect::Ended { .. } => "ended",
        Effect::Send { .. } => "sent",
        Effect::Wake(_) => "wake",
        _ => "other",
    });
    let expected = ["joined", "hops", "holds", "lets go", "ended", "sent", "wake"];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn open_tasks_are_counted_by_sender() {
    let mut bob = mailbox("bob");
    let ids: Vec<_> = (0..3).map(|_| bob.send(0, Terms::default())).collect();
    let open = |bob: &Pair| bob.0.ledger().map_or(0, |ledger| ledger.open_of("alice"));
    assert_eq!(open(&bob), 3);
    bob.take("bob");
    bob.say(&ids[0], "bob", Completed).expect("bob has it");
    assert_eq!(open(&bob), 2);
    assert!(bob.1.make(&mut bob.0, |mailbox, change| mailbox.acknowledge(&ids[1], change)));
    assert_eq!(open(&bob), 1);
    bob.1.make(&mut bob.0, Mailbox::flush);
    assert_eq!(open(&bob), 0);
}

#[test]
fn a_task_that_a_plain_client_took_expires_if_nobody_ever_answers() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms::default());
    let (_, payload) = bob.0.lanes_mut().pop_next().expect("the task");
    bob.0.note_taken(&payload, 1_000);
    assert_eq!(bob.status(&id), Some(TaskStatus::Delivered));
    bob.pass(1_000);
    assert_eq!(bob.status(&id), Some(TaskStatus::Expired));
    assert_eq!(bob.told("alice"), ["expired"]);
}

#[test]
fn what_a_plain_client_puts_back_is_the_same_task() {
    let mut bob = mailbox("bob");
    let id = bob.send(0, Terms::default());
    let (lane, payload) = bob.0.lanes_mut().pop_next().expect("the task");
    bob.0.note_taken(&payload, 1_000);
    bob.0.lanes_mut().lane_mut(lane).push_back(&payload);
    bob.0.note_pushed(&payload);
    assert_eq!(bob.status(&id), Some(TaskStatus::Queued));
    assert!(bob.take("bob")[0].contains(&format!(r#""receipt":"{id}#1""#)));
}
