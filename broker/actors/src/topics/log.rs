//! The log of all topics: every kept message by its sequence number.
//!
//! Messages arrive in order, and mostly leave in order too: so they stand in a queue, and one that
//! leaves from its middle leaves a hole. Holes never outnumber the messages for long.

use std::collections::VecDeque;
use std::sync::Arc;

use super::message::Message;

/// A place in the log; without its message it is a hole.
#[derive(Debug)]
struct Slot {
    sequence: u64,
    message: Option<Arc<Message>>,
}

/// The kept messages of all topics.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// In order of sequence. The first is never a hole.
    slots: VecDeque<Slot>,
    holes: usize,
}

/// So few holes are not worth closing.
const HOLES_KEPT: usize = 64;

impl Log {
    /// Adds a message, whose number is greater than that of every other.
    pub(super) fn push(&mut self, message: Arc<Message>) {
        self.slots.push_back(Slot { sequence: message.sequence, message: Some(message) });
    }

    /// Forgets a message, if it is kept. Amortised, that costs a search.
    pub(super) fn remove(&mut self, sequence: u64) {
        let place = self.place(sequence);
        let Some(slot) = self.slots.get_mut(place).filter(|slot| slot.sequence == sequence) else {
            return;
        };
        self.holes += usize::from(slot.message.take().is_some());
        while self.slots.front().is_some_and(|slot| slot.message.is_none()) {
            self.slots.pop_front();
            self.holes -= 1;
        }
        if self.holes > HOLES_KEPT + self.len() {
            self.slots.retain(|slot| slot.message.is_some());
            self.holes = 0;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The kept messages behind this sequence number, oldest first.
    pub(super) fn after(&self, sequence: u64) -> impl Iterator<Item = &Arc<Message>> {
        let from = self.place(sequence.saturating_add(1));
        self.slots.range(from..).filter_map(|slot| slot.message.as_ref())
    }

    /// Whether the message with this sequence number is kept.
    pub(super) fn contains(&self, sequence: u64) -> bool {
        let slot = self.slots.get(self.place(sequence));
        slot.is_some_and(|slot| slot.sequence == sequence && slot.message.is_some())
    }

    /// The number of kept messages.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.holes
    }

    /// Where the first slot of this number or a greater one is.
    fn place(&self, sequence: u64) -> usize {
        match self.slots.front() {
            // The oldest message is the one that leaves most often.
            Some(first) if sequence <= first.sequence => 0,
            _ => self.slots.partition_point(|slot| slot.sequence < sequence),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::StreamId;
    use super::super::message::Body;
    use super::*;

    fn message(sequence: u64) -> Arc<Message> {
        let body = Body::Record("".into(), "".into());
        let (topic, from) = (b"t".as_slice().into(), "".into());
        Arc::new(Message { sequence, id: StreamId::MIN, topic, from, body, labels: None })
    }

    #[test]
    fn an_old_message_does_not_hold_the_places_of_those_after_it() {
        let mut log = Log::default();
        log.push(message(1));
        for sequence in 2..10_000 {
            log.push(message(sequence));
            log.remove(sequence);
            assert!(log.slots.len() <= HOLES_KEPT + 3);
        }
        assert!(log.len() == 1 && log.contains(1) && !log.contains(2));
    }

    proptest! {
        /// The model: a set of numbers. More come than go, and what goes is chosen anywhere.
        #[test]
        fn behaves_as_a_set_of_messages(goes in prop::collection::vec(any::<(u16, bool)>(), 0..600)) {
            let (mut log, mut model) = (Log::default(), BTreeSet::new());
            for (last, (at, two)) in (1..).zip(goes) {
                log.push(message(last));
                model.insert(last);
                let any = u64::from(at) % (last + 2);
                for gone in [Some(any), model.iter().nth(1).copied().filter(|_| two)] {
                    gone.inspect(|gone| log.remove(*gone));
                    gone.inspect(|gone| { model.remove(gone); });
                }
                prop_assert_eq!(log.len(), model.len());
                prop_assert_eq!(log.contains(any), model.contains(&any));
                prop_assert!(log.holes <= HOLES_KEPT + log.len());
                let after: Vec<u64> = log.after(any).map(|message| message.sequence).collect();
                prop_assert_eq!(after, model.range(any + 1..).copied().collect::<Vec<_>>());
            }
        }
    }
}
