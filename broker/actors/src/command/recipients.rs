//! Requests with several recipients.

use super::Command;
use crate::{Args, Pipeline, Refusal, Reply};

/// How a request with several recipients becomes one for each. All of them are done, or none.
#[derive(Debug)]
pub struct Recipients {
    /// The requests, in the order of the recipients. The name is a new one, for what they have in common.
    pub split: fn(&Args<'_>, &str) -> Result<Vec<Pipeline>, Refusal>,
    /// Refuses what the command would refuse, and does nothing.
    pub rehearsal: &'static Command,
    /// The reply, made of one request and of the replies to all.
    pub merge: fn(&Args<'_>, Vec<Reply>) -> Reply,
}
