//! The owners that keep sequences: the keyspace a list at each key, a mailbox its inbox alone.

use super::{End, Sequence, push_word};
use crate::Refusal;
use crate::call::Call;
use crate::collections::List;
use crate::keyspace::Keyspace;
use crate::mailbox::{Lanes, Mailbox, lane_of};
use crate::place::INBOX;

/// The first word that is an element in `LPUSH key element …`.
const FIRST_ELEMENT: usize = 2;

/// An owner on which list commands run.
pub trait ListOwner: Sized {
    /// What it keeps.
    type List: Sequence;

    /// Whether it must be told of each element that leaves.
    const KEEPS_RECORDS: bool;

    /// The sequence at `key`. `None`: there is none, or it is empty, which is the same to every
    /// command.
    fn list(&mut self, key: &[u8], call: &Call<'_>) -> Result<Option<&Self::List>, Refusal>;

    /// As [`list`](Self::list), to be changed.
    fn list_mut(&mut self, key: &[u8], call: &Call<'_>)
    -> Result<Option<&mut Self::List>, Refusal>;

    /// Pushes all elements of a call, or none if it is refused. Returns the length afterwards.
    fn push(&mut self, key: &[u8], end: End, call: &Call<'_>) -> Result<usize, Refusal>;

    /// The sequence at `key` has become empty.
    fn emptied(&mut self, key: &[u8], call: &Call<'_>);

    /// An element was put in the place of another.
    fn replaced(&mut self, _old: &[u8], _new: &[u8], _call: &mut Call<'_>) {}

    /// A client was given an element, which has left for good.
    fn left(&mut self, _element: &[u8], _call: &Call<'_>) {}

    /// An element was removed, and nobody was given it.
    fn dropped(&mut self, _element: &[u8], _call: &mut Call<'_>) {}
}

impl ListOwner for Keyspace {
    type List = List;

    const KEEPS_RECORDS: bool = false;

    fn list(&mut self, key: &[u8], call: &Call<'_>) -> Result<Option<&List>, Refusal> {
        self.find(call, key)
    }

    fn list_mut(&mut self, key: &[u8], call: &Call<'_>) -> Result<Option<&mut List>, Refusal> {
        self.find_mut(call, key)
    }

    fn push(&mut self, key: &[u8], end: End, call: &Call<'_>) -> Result<usize, Refusal> {
        let list = self.open::<List>(call, key)?;
        for index in FIRST_ELEMENT..call.len() {
            push_word(list, end, call, index);
        }
        Ok(list.len())
    }

    fn emptied(&mut self, key: &[u8], call: &Call<'_>) {
        self.db(call).remove(key);
    }
}

impl ListOwner for Mailbox {
    type List = Lanes;

    const KEEPS_RECORDS: bool = true;

    fn list(&mut self, key: &[u8], _call: &Call<'_>) -> Result<Option<&Lanes>, Refusal> {
        check_inbox(key)?;
        Ok(Some(self.lanes()).filter(|lanes| !lanes.is_empty()))
    }

    fn list_mut(&mut self, key: &[u8], _call: &Call<'_>) -> Result<Option<&mut Lanes>, Refusal> {
        check_inbox(key)?;
        Ok(Some(self.lanes_mut()).filter(|lanes| !lanes.is_empty()))
    }

    fn push(&mut self, key: &[u8], end: End, call: &Call<'_>) -> Result<usize, Refusal> {
        check_inbox(key)?;
        for index in FIRST_ELEMENT..call.len() {
            let payload = call.word(index);
            if let Err(full) = self.admit(payload, call) {
                // A sender that is refused must be able to send all of it again.
                for pushed in (FIRST_ELEMENT..index).rev() {
                    self.lanes_mut().lane_mut(lane_of(call.word(pushed))).pop(end);
                    self.taken(call.word(pushed), call);
                }
                return Err(full);
            }
            push_word(self.lanes_mut(), end, call, index);
            self.pushed(payload, call);
        }
        Ok(self.lanes().len())
    }

    fn emptied(&mut self, _key: &[u8], _call: &Call<'_>) {}

    fn replaced(&mut self, old: &[u8], new: &[u8], call: &mut Call<'_>) {
        // A task whose record was changed in its place is the same task.
        if !self.is_same_task(old, new) {
            self.removed(old, call);
            self.pushed(new, call);
        }
    }

    fn left(&mut self, element: &[u8], call: &Call<'_>) {
        self.taken(element, call);
    }

    fn dropped(&mut self, element: &[u8], call: &mut Call<'_>) {
        self.removed(element, call);
    }
}

/// A mailbox also owns the records of its tasks, which are no lists.
fn check_inbox(key: &[u8]) -> Result<(), Refusal> {
    if key.starts_with(INBOX.as_bytes()) { Ok(()) } else { Err(Refusal::WrongType) }
}
