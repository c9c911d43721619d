//! What verbs report that do one thing to one task.

use serde::Serialize;

use crate::output::style::ID;
use crate::output::text::clean;
use crate::output::{Report, page::Page};

/// What was done to a task.
#[derive(Serialize)]
pub(crate) struct Done {
    /// The task's id, or the receipt that was given.
    pub(crate) message_id: String,
    /// The verb's past participle.
    pub(crate) status: &'static str,
}

impl Report for Done {
    fn text(&self, page: &mut Page) {
        let (status, id) = (self.status, clean(&self.message_id));
        page.line(format_args!("{status} {ID}{id}{ID:#}"));
    }
}
