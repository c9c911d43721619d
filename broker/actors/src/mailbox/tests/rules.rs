//! The rules that the model does not know, one by one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_protocol::{Priority, TaskStatus};

use super::{envelope_to_bob, new_id};
use crate::Refusal;
use crate::directory::Directory;
use crate::limits::Limits;
use crate::mailbox::record::{self, empty_object};
use crate::mailbox::{Answer, Delegated, Mailbox, Poll};

fn mailbox(name: &str) -> Mailbox {
    Mailbox::new(name.as_bytes().into(), Arc::default())
}

fn delegate(mailbox: &mut Mailbox, id: &str) {
    let record = record::task(envelope_to_bob(id), b"work", empty_object(), Priority::Normal);
    let from = "alice".into();
    mailbox.delegate(Delegated { id, from, record: &record, priority: Priority::Normal });
}

fn poll(mailbox: &mut Mailbox, now: u64) -> Vec<String> {
    let mut ids = 0;
    let poll = Poll { agent: "bob", count: 10, lease_ms: 100 };
    let records = mailbox.poll(&poll, now, |place| new_id(&mut ids, place));
    records.iter().map(|record| String::from_utf8_lossy(record).into_owned()).collect()
}

fn done(id: &str) -> Answer<'_> {
    Answer { id, speaker: "", text: b"done", status: TaskStatus::Completed, lease_ms: 100 }
}

fn respond(mailbox: &mut Mailbox, id: &str) -> Result<String, Refusal> {
    let sent = mailbox.respond(&done(id), 0, |place| format!("{place}.t.99"))?;
    Ok(String::from_utf8_lossy(&sent.record).into_owned())
}

#[test]
fn what_is_handed_out_takes_room_too() {
    let limits = Limits::default();
    limits.inbox_messages_max.set(2);
    let mut bob = mailbox("bob");
    delegate(&mut bob, "bob.t.1");
    delegate(&mut bob, "bob.t.2");
    assert_eq!(poll(&mut bob, 0).len(), 2);
    assert_eq!(bob.check_room(1, &limits), Err(Refusal::InboxFull("bob".into(), 2)));
    assert!(bob.acknowledge("bob.t.1"));
    assert_eq!(bob.check_room(1, &limits), Ok(()));
    limits.inbox_bytes_max.set(1_000);
    assert_eq!(bob.check_room(1_000, &limits), Err(Refusal::InboxFullBytes("bob".into(), 1_000)));
}

#[test]
fn a_task_that_a_plain_client_took_can_be_answered_once() {
    let mut bob = mailbox("bob");
    delegate(&mut bob, "bob.t.1");
    let (_, payload) = bob.lanes_mut().pop_next().expect("the task");
    bob.forget_taken(&payload);
    let answer = respond(&mut bob, "bob.t.1").expect("an open task");
    assert!(
        answer.contains(r#""from_agent":"bob","to_agent":"alice","result":"done""#),
        "{answer}"
    );
    let again = respond(&mut bob, "bob.t.1");
    assert_eq!(again, Err(Refusal::Answered("bob.t.1".into(), "completed")));
}

#[test]
fn a_pusher_is_answered_under_its_own_id() {
    let mut bob = mailbox("bob");
    let pushed = br#"{"type":"task_delegation","message_id":"mine","from_agent":"zoe","task":"x"}"#;
    bob.lanes_mut().lane_mut(Priority::Normal).push_front(pushed);
    let record = poll(&mut bob, 0).remove(0);
    assert!(record.contains(r#""message_id":"bob.t.1""#), "{record}");
    assert!(record.contains(r#""sender_message_id":"mine""#), "{record}");
    let answer = respond(&mut bob, "bob.t.1").expect("an open task");
    assert!(answer.contains(r#""message_id":"mine","response_id":"zoe.t.99""#), "{answer}");
}

/// A copy of a record that is already with somebody is another message.
#[test]
fn a_copied_record_is_no_second_lease_on_the_same_task() {
    let mut bob = mailbox("bob");
    delegate(&mut bob, "bob.t.7");
    let copy = bob.lanes().lane(Priority::Normal).front().expect("the task").to_vec();
    bob.lanes_mut().lane_mut(Priority::Normal).push_front(&copy);
    let records = poll(&mut bob, 0);
    assert!(records[0].contains(r#""message_id":"bob.t.7""#));
    assert!(records[1].contains(r#""message_id":"bob.t.1""#));
    assert!(records[1].contains(r#""sender_message_id":"bob.t.7""#));
}

#[test]
fn a_pushed_response_is_no_task() {
    let mut bob = mailbox("bob");
    let pushed = br#"{"type":"task_response","message_id":"zoe.t.5","result":"ok"}"#;
    bob.lanes_mut().lane_mut(Priority::Normal).push_front(pushed);
    let record = poll(&mut bob, 0).remove(0);
    assert!(record.contains(r#""response_id":"bob.t.1""#), "{record}");
    assert_eq!(respond(&mut bob, "bob.t.1"), Err(Refusal::NoTask("bob.t.1".into())));
    assert_eq!(bob.next_lapse(), None);
    assert!(poll(&mut bob, 1).is_empty(), "the second poll acknowledges it");
    assert!(!bob.acknowledge("bob.t.1"));
}

#[test]
fn nobody_speaks_for_a_capability() {
    let mut shared = mailbox("@rust");
    delegate(&mut shared, "@rust.t.1");
    let answer = respond(&mut shared, "@rust.t.1").expect("an open task");
    assert!(answer.contains(r#""from_agent":"","to_agent":"alice""#), "{answer}");
}

#[actix_rt::test]
async fn gauges_and_counters_show_what_there_is_and_results_are_bounded() {
    let limits = Limits::default();
    limits.results_max.set(2);
    let directory = Directory::start(actix_rt::Arbiter::current(), limits);
    let gauge = directory.open_mailbox(b"bob").expect("room for a mailbox").gauge;
    let mut bob = Mailbox::new(b"bob"[..].into(), gauge.clone());
    let ids: Vec<String> = (1..=4).map(|number| format!("bob.t.{number}")).collect();
    ids.iter().for_each(|id| delegate(&mut bob, id));
    bob.settle(&directory);
    assert_eq!(gauge.queued.load(Ordering::Relaxed), 4);
    assert_eq!(poll(&mut bob, 0).len(), 4);
    bob.settle(&directory);
    let counters = &directory.counters;
    let (queued, leased) = (&counters.queued, &counters.leased);
    assert_eq!((queued.load(Ordering::Relaxed), leased.load(Ordering::Relaxed)), (0, 4));
    for id in &ids {
        respond(&mut bob, id).expect("an open task");
    }
    bob.settle(&directory);
    assert_eq!(leased.load(Ordering::Relaxed), 0);
    assert_eq!(gauge.bytes.load(Ordering::Relaxed), 0);
    // The two that were answered first are forgotten.
    let known = |id: &String| bob.task(id).is_ok();
    assert_eq!(ids.iter().map(known).collect::<Vec<_>>(), [false, false, true, true]);
}
