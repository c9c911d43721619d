//! Which task a verb is about.

use clap::Args;

/// The task's message id: alone, or behind `--msg-id`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The task's message id, or the receipt that `poll` printed
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// The same
    #[arg(long, value_name = "ID")]
    msg_id: Option<String>,
}

impl Which {
    /// The id.
    pub(crate) fn id(self) -> String {
        self.id.or(self.msg_id).unwrap_or_default()
    }
}
