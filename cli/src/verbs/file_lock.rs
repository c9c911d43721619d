//! `file-lock`: reserve a shared file.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::seconds::Seconds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::KIND;
use crate::output::text::{clean, span};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Reserve a shared file: until the lock lapses only this agent changes it. Again: renew it
#[derive(Debug, Args)]
pub(crate) struct FileLock {
    /// What it is called; it need not exist yet
    #[arg(long)]
    key: String,
    /// For how long, at most a day [default: 300]
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<Seconds>,
}

/// A lock, as the broker tells of it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lock {
    pub(super) file_key: String,
    pub(super) holder: String,
    pub(super) locked_at: String,
    pub(super) lock_ends: String,
    pub(super) seconds_left: u64,
}

impl FileLock {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("LOCK").arg(&self.key).arg("BY").arg(agent);
        if let Some(ttl) = self.ttl {
            command.arg("TTL").arg(ttl.to_string());
        }
        let lock: Lock = reply::record(link.ask(&command)?)?;
        session.output.show(&lock)?;
        Ok(Exit::Ok)
    }
}

impl Report for Lock {
    fn text(&self, page: &mut Page) {
        let (key, by) = (clean(&self.file_key), clean(&self.holder));
        let left = span(self.seconds_left);
        page.line(format_args!("locked {KIND}{key}{KIND:#} for {by}, {left}"));
    }
}
