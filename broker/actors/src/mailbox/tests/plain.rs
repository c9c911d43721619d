//! How plain clients and agents share an inbox, and what is counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_protocol::{Priority, TaskStatus};

use super::World;
use crate::Refusal;
use crate::directory::Directory;
use crate::limits::Limits;
use crate::mailbox::{Answer, Effect, Mailbox, Voice};

/// A mailbox and what is around it.
pub(super) struct Pair(pub(super) Mailbox, pub(super) World);

pub(super) fn mailbox(name: &str) -> Pair {
    Pair(Mailbox::new(name.as_bytes().into(), Arc::default()), World::default())
}

impl Pair {
    fn delegate(&mut self, id: &str) {
        self.1.delegate_text(&mut self.0, id, "work", Priority::Normal);
    }

    fn poll(&mut self) -> Vec<String> {
        self.1.poll(&mut self.0, "bob")
    }

    /// Completes a task; the response.
    fn respond(&mut self, id: &str) -> Result<String, Refusal> {
        let (voice, status) = (Voice::new(id, ""), TaskStatus::Completed);
        let answer = Answer { voice, text: b"done", status, fatal: false };
        self.1.make(&mut self.0, |mailbox, change| mailbox.respond(&answer, change))?;
        let task = self.0.task(id)?;
        let response = task.ended().map(|ended| ended.response.to_vec());
        Ok(String::from_utf8_lossy(&response.unwrap_or_default()).into_owned())
    }

    fn acknowledge(&mut self, id: &str) -> bool {
        self.1.make(&mut self.0, |mailbox, change| mailbox.acknowledge(id, change))
    }

    fn push(&mut self, payload: &[u8]) {
        self.0.lanes_mut().lane_mut(Priority::Normal).push_front(payload);
    }

    fn pop(&mut self) -> Vec<u8> {
        let (_, payload) = self.0.lanes_mut().pop_next().expect("a message");
        self.0.note_taken(&payload, u64::MAX);
        payload.to_vec()
    }
}

#[test]
fn what_is_handed_out_takes_room_too() {
    let limits = Limits::default();
    limits.inbox_messages_max.set(2);
    let mut bob = mailbox("bob");
    bob.delegate("bob.t.1");
    bob.delegate("bob.t.2");
    assert_eq!(bob.poll().len(), 2);
    assert_eq!(bob.0.check_room(1, &limits), Err(Refusal::InboxFull("bob".into(), 2)));
    assert!(bob.acknowledge("bob.t.1"));
    assert_eq!(bob.0.check_room(1, &limits), Ok(()));
    limits.inbox_bytes_max.set(1_000);
    assert_eq!(bob.0.check_room(1_000, &limits), Err(Refusal::InboxFullBytes("bob".into(), 1_000)));
}

#[test]
fn a_task_that_a_plain_client_took_can_be_answered_once() {
    let mut bob = mailbox("bob");
    bob.delegate("bob.t.1");
    bob.pop();
    let answer = bob.respond("bob.t.1").expect("an open task");
    assert!(
        answer.contains(r#""from_agent":"bob","to_agent":"alice","result":"done""#),
        "{answer}"
    );
    let again = bob.respond("bob.t.1");
    assert_eq!(again, Err(Refusal::Answered("bob.t.1".into(), "completed")));
}

#[test]
fn a_pusher_is_answered_under_its_own_id() {
    let mut bob = mailbox("bob");
    let pushed = br#"{"type":"task_delegation","message_id":"mine","from_agent":"zoe","task":"x"}"#;
    bob.push(pushed);
    let record = bob.poll().remove(0);
    assert!(record.contains(r#""message_id":"bob.t.1""#), "{record}");
    assert!(record.contains(r#""sender_message_id":"mine""#), "{record}");
    let answer = bob.respond("bob.t.1").expect("an open task");
    assert!(answer.contains(r#""message_id":"mine","response_id":"zoe.t.2""#), "{answer}");
}

/// A copy of a record that is already with somebody is another message.
#[test]
fn a_copied_record_is_no_second_lease_on_the_same_task() {
    let mut bob = mailbox("bob");
    bob.delegate("bob.t.7");
    let copy = bob.0.lanes().lane(Priority::Normal).front().expect("the task").to_vec();
    bob.push(&copy);
    let records = bob.poll();
    assert!(records[0].contains(r#""message_id":"bob.t.7""#));
    assert!(records[1].contains(r#""message_id":"bob.t.1""#));
    assert!(records[1].contains(r#""sender_message_id":"bob.t.7""#));
}

#[test]
fn a_pushed_response_is_no_task() {
    let mut bob = mailbox("bob");
    let pushed = br#"{"type":"task_response","message_id":"zoe.t.5","result":"ok"}"#;
    bob.push(pushed);
    let record = bob.poll().remove(0);
    assert!(record.contains(r#""response_id":"bob.t.1""#), "{record}");
    assert_eq!(bob.respond("bob.t.1"), Err(Refusal::NoTask("bob.t.1".into())));
    assert_eq!(bob.0.next_due(), None);
    assert!(bob.poll().is_empty(), "the second poll acknowledges it");
    assert!(!bob.acknowledge("bob.t.1"));
}

#[test]
fn nobody_speaks_for_a_capability() {
    let mut shared = mailbox("@rust");
    shared.delegate("@rust.t.1");
    shared.pop();
    let answer = shared.respond("@rust.t.1").expect("an open task");
    assert!(answer.contains(r#""from_agent":"","to_agent":"alice""#), "{answer}");
}

#[actix_rt::test]
async fn gauges_and_counters_show_what_there_is_and_results_are_bounded() {
    let limits = Limits::default();
    limits.results_max.set(2);
    let directory = Directory::start(actix_rt::Arbiter::current(), limits);
    let gauge = directory.open_mailbox(b"bob").expect("room for a mailbox").gauge;
    let mut bob = Pair(Mailbox::new(b"bob"[..].into(), gauge.clone()), World::default());
    let ids: Vec<String> = (1..=4).map(|number| format!("bob.t.{number}")).collect();
    ids.iter().for_each(|id| bob.delegate(id));
    bob.0.settle(&directory, 0);
    assert_eq!(gauge.queued.load(Ordering::Relaxed), 4);
    assert_eq!(bob.poll().len(), 4);
    bob.0.settle(&directory, 0);
    let counters = &directory.counters;
    let (queued, leased) = (&counters.queued, &counters.leased);
    assert_eq!((queued.load(Ordering::Relaxed), leased.load(Ordering::Relaxed)), (0, 4));
    for id in &ids {
        bob.respond(id).expect("an open task");
    }
    bob.0.settle(&directory, 0);
    assert_eq!(leased.load(Ordering::Relaxed), 0);
    assert_eq!(gauge.bytes.load(Ordering::Relaxed), 0);
    // The two that were answered first are forgotten.
    let known = |id: &String| bob.0.task(id).is_ok();
    assert_eq!(ids.iter().map(known).collect::<Vec<_>>(), [false, false, true, true]);
}

#[actix_rt::test]
async fn a_task_that_was_taken_and_has_no_room_to_be_remembered_ends() {
    let limits = Limits::default();
    limits.results_max.set(2);
    let directory = Directory::start(actix_rt::Arbiter::current(), limits);
    let gauge = directory.open_mailbox(b"bob").expect("room for a mailbox").gauge;
    let mut bob = Pair(Mailbox::new(b"bob"[..].into(), gauge), World::default());
    let ids: Vec<String> = (1..=3).map(|number| format!("bob.t.{number}")).collect();
    for id in &ids {
        bob.delegate(id);
        bob.pop();
    }
    bob.0.settle(&directory, 0);
    assert_eq!(bob.0.next_due(), Some(0));
    bob.1.pass(&mut bob.0, 0);
    let status = |id: &String| bob.0.task(id).map(|task| task.status()).expect("remembered");
    let delivered = TaskStatus::Delivered;
    assert_eq!(
        ids.iter().map(status).collect::<Vec<_>>(),
        [TaskStatus::Expired, delivered, delivered]
    );
    let woken = bob.1.effects.iter().filter(|e| matches!(e, Effect::Wake(id) if **id == *ids[0]));
    assert_eq!(woken.count(), 1);
    let told =
        bob.1.effects.iter().any(|e| matches!(e, Effect::Send { to, .. } if **to == *"alice"));
    assert!(told, "the sender learns the end");
}
