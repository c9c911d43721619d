//! The buffers of connections that are at work.
//!
//! Ten thousand idle connections would hold ten thousand read buffers. They hold none: a connection takes a set when
//! something arrives and gives it back when it has answered, so a few sets, warm in the cache, serve all.

use std::cell::RefCell;

use bytes::BytesMut;
use clawlink_actors::{Pipeline, Reply};

/// One connection's buffers, all empty.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// What was read.
    pub(super) input: BytesMut,
    /// What is to be written.
    pub(super) output: Vec<u8>,
    /// Room for decoded requests.
    pub(super) pipeline: Pipeline,
    /// Room for replies.
    pub(super) replies: Vec<Reply>,
}

/// How many sets a thread keeps.
const KEPT_MAX: usize = 64;
/// A set that has grown beyond this, in bytes or entries, is not kept.
const GROWN_MAX: usize = 64 * 1024;

thread_local! {
    static POOL: RefCell<Vec<Buffers>> = const { RefCell::new(Vec::new()) };
}

/// A set of buffers.
pub(super) fn take() -> Buffers {
    POOL.with_borrow_mut(|pool| pool.pop().unwrap_or_default())
}

/// Gives a set back.
pub(super) fn give(buffers: Buffers) {
    let unused = buffers.input.capacity() == 0;
    let grown = buffers.input.capacity().max(buffers.output.capacity()) > GROWN_MAX;
    POOL.with_borrow_mut(|pool| {
        if !unused && !grown && pool.len() < KEPT_MAX {
            pool.push(buffers);
        }
    });
}
