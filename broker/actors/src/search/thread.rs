//! The thread that indexes and searches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::desk::{Asked, Desk, Notes, Work};
use super::index::Index;

/// Works until the broker stops.
pub(super) fn run(desk: &Desk) {
    let mut index = None;
    loop {
        match desk.wait() {
            Work::Stop => return,
            Work::Idle => index = None,
            Work::Some(notes, questions) => {
                // What panics costs the index alone: the next search begins with a new one.
                let attempt = || work(&mut index, notes, questions, desk);
                if catch_unwind(AssertUnwindSafe(attempt)).is_err() {
                    tracing::error!("the search index panicked; it was dropped");
                    desk.give_up();
                    index = None;
                }
            }
        }
    }
}

fn work(index: &mut Option<Index>, notes: Notes, questions: Vec<Asked>, desk: &Desk) {
    let index = index.get_or_insert_with(Index::new);
    index.take(notes, || desk.is_stopped());
    for (question, answer) in questions {
        // Who asked may have gone; then nobody is told.
        let _ = answer.send(index.search(&question));
    }
}
