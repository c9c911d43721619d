//! The buffers of connections that are at work.
//!
//! Ten thousand idle connections would hold ten thousand read buffers. They hold none: a connection takes a set when
//! something arrives and gives it back when it has answered, so a few sets, warm in the cache, serve all.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::BytesMut;
use clawlink_actors::Pipeline;
use clawlink_actors::outbox::Publication;
use clawlink_actors::owner::Answer;

use super::output::Output;
use crate::clients::Sizes;

/// A set of buffers.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// What was read and is not decoded.
    pub(super) input: BytesMut,
    /// What is to be written.
    pub(super) output: Output,
    /// Room for decoded requests, unless they are being run.
    pub(super) pipeline: Option<Arc<Pipeline>>,
    /// Room for an answer, unless one is being waited for.
    pub(super) answer: Answer,
    /// Room for publications on their way from the outbox to the output.
    pub(super) published: Vec<Arc<Publication>>,
}

/// How many sets a thread keeps.
const KEPT_MAX: usize = 64;
/// A set that has grown beyond this, in bytes, is not kept.
const GROWN_MAX: usize = 64 * 1024;

thread_local! {
    #[expect(clippy::vec_box, reason = "a set changes hands twice for each request")]
    static POOL: RefCell<Vec<Box<Buffers>>> = const { RefCell::new(Vec::new()) };
}

/// The set that a connection holds while it is at work.
#[derive(Debug, Default)]
pub(super) struct Held(Option<Box<Buffers>>);

impl Held {
    /// The set, taken from the pool if the connection holds none.
    pub(super) fn get(&mut self) -> &mut Buffers {
        self.0.get_or_insert_with(|| POOL.with_borrow_mut(Vec::pop).unwrap_or_default())
    }

    /// Whether nothing was read that is not decoded.
    pub(super) fn has_no_input(&self) -> bool {
        self.0.as_ref().is_none_or(|held| held.input.is_empty())
    }

    /// Whether nothing waits to be written.
    pub(super) fn has_no_output(&self) -> bool {
        self.0.as_ref().is_none_or(|held| held.output.is_empty())
    }

    /// Shows others how much is in the set. `running`: the bytes of the requests that have been taken out of it and are
    /// being run.
    pub(super) fn show(&self, running: usize, sizes: &Sizes) {
        let held = self.0.as_deref();
        // A connection at rest holds nothing, and mostly it is known already.
        if held.is_none() && sizes.total() == 0 {
            return;
        }
        let figure = |size: fn(&Buffers) -> usize| held.map_or(0, size);
        let output = figure(|held| held.output.len());
        sizes.input.set(figure(|held| held.input.len()) + running);
        sizes.input_free.set(figure(|held| held.input.capacity() - held.input.len()));
        sizes.words.set(0);
        sizes.output.set(output);
        sizes.output_room.set(figure(|held| held.output.capacity()));
        if output > sizes.output_peak.get() {
            sizes.output_peak.set(output);
        }
    }

    /// Gives the set back if there is nothing in it.
    pub(super) fn release(&mut self) {
        if self.has_no_input()
            && self.has_no_output()
            && let Some(held) = self.0.take()
            && held.input.capacity().max(held.output.capacity()) <= GROWN_MAX
        {
            POOL.with_borrow_mut(|pool| {
                if pool.len() < KEPT_MAX {
                    pool.push(held);
                }
            });
        }
    }
}
