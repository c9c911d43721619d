//! How messages are handed out, and given back by a poll whose client was gone.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use clawlink_protocol::{Priority, ReceiptEvent, TaskStatus};

use super::split_receipt;
use crate::mailbox::Mailbox;
use crate::mailbox::attempts::AttemptEnd;
use crate::mailbox::effects::{Change, Effect};
use crate::mailbox::notices::Given;
use crate::mailbox::record::{self, Envelope, Handed, Head};
use crate::mailbox::task::{HandedOut, Stage, Task, Terms};

/// What a poll asks for.
#[derive(Debug)]
pub struct Poll<'a> {
    /// The agent that will have the messages.
    pub agent: &'a str,
    /// How many at most.
    pub count: usize,
    /// For how long tasks are leased, in milliseconds, whatever their sender wants.
    pub lease_ms: Option<u64>,
    /// The bytes that the bodies may have together.
    pub bytes: Option<Bytes2>,
}

/// How many bytes of bodies a poll gives.
#[derive(Debug, Clone, Copy)]
pub struct Bytes2 {
    /// At most so many.
    pub most: usize,
    /// So many has it given, from other inboxes.
    pub given: usize,
}
