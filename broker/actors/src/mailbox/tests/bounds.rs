//! What is kept of tasks has its bounds.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::TaskStatus;

use super::world::World;
use crate::mailbox::task::Talk;
use crate::mailbox::{Answer, Mailbox, Terms, Voice};

/// Bob has a task, and says how far it is.
fn fail(bob: &mut Mailbox, world: &mut World, text: &[u8]) -> String {
    let id = world.delegate(bob, 0, Terms { attempts: Some(1), ..Terms::default() });
    world.poll(bob, "bob");
    let voice = Voice::new(&id, "bob");
    let answer = Answer { voice, text, status: TaskStatus::Failed, fatal: false };
    world.make(bob, |bob, change| bob.respond(&answer, change)).expect("bob has it");
    id
}

#[test]
fn the_dead_have_a_bound_of_their_own_in_number_and_in_bytes() {
    let mut bob = Mailbox::new(b"bob"[..].into(), Arc::default());
    let mut world = World::default();
    let text = [b'x'; 1_000];
    let ids: Vec<String> = (0..4).map(|_| fail(&mut bob, &mut world, &text)).collect();
    let known = |bob: &Mailbox| ids.iter().map(|id| bob.task(id).is_ok()).collect::<Vec<_>>();
    let drop = |bob: &mut Mailbox, most, most_bytes| {
        let ledger = bob.ledger.as_mut().expect("a ledger");
        ledger.drop_closed(0, most, most_bytes);
    };
    drop(&mut bob, 3, u64::MAX);
    assert_eq!(known(&bob), [false, true, true, true]);
    drop(&mut bob, 3, 3_000);
    assert_eq!(known(&bob), [false, false, true, true]);
    // The last to die stays, whatever its size.
    drop(&mut bob, 0, 0);
    assert_eq!(known(&bob), [false, false, false, true]);
}

#[test]
fn results_are_not_forgotten_for_the_sake_of_the_dead() {
    let mut bob = Mailbox::new(b"bob"[..].into(), Arc::default());
    let mut world = World::default();
    let id = world.delegate(&mut bob, 0, Terms::default());
    world.poll(&mut bob, "bob");
    let voice = Voice::new(&id, "bob");
    let answer = Answer { voice, text: b"done", status: TaskStatus::Completed, fatal: false };
    world.make(&mut bob, |bob, change| bob.respond(&answer, change)).expect("bob has it");
    let other = world.delegate(&mut bob, 0, Terms::default());
    world.make(&mut bob, |bob, change| bob.cancel(&other, "", "alice", change)).expect("open");
    fail(&mut bob, &mut world, &[b'x'; 1_000]);
    bob.ledger.as_mut().expect("a ledger").drop_closed(0, 10, 1_000);
    assert_eq!(bob.task(&id).map(|task| task.status()), Ok(TaskStatus::Completed));
}

#[test]
fn large_questions_push_out_those_before_them() {
    let mut talk = Talk::default();
    for _ in 0..20 {
        talk.ask(Bytes::from_static(b"small"));
    }
    assert_eq!(talk.questions.len(), 16);
    talk.ask(vec![b'x'; 2 << 20].into());
    assert_eq!(talk.questions.len(), 1);
    talk.ask(Bytes::from_static(b"small"));
    assert_eq!(talk.questions.back().map(|asked| asked.record.len()), Some(5));
    assert_eq!(talk.questions.len(), 1);
}
