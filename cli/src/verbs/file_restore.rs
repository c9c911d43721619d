//! `file-restore`: bring back an older version of a shared file.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::KIND;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Save an older version of a shared file anew, also of one that was deleted or moved
#[derive(Debug, Args)]
pub(crate) struct FileRestore {
    /// What it is called
    #[arg(long)]
    key: String,
    /// Which version, as `file-log` lists them
    #[arg(long, value_name = "N")]
    version: u64,
    /// In spite of another agent's lock
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Restored {
    file_key: String,
    restored: u64,
    version: u64,
}

impl FileRestore {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("RESTORE").arg(&self.key).arg(self.version).arg("BY").arg(agent);
        if self.force {
            command.arg("FORCE");
        }
        let version = reply::count(&link.ask(&command)?)?;
        let (file_key, restored) = (self.key, self.version);
        session.output.show(&Restored { file_key, restored, version })?;
        Ok(Exit::Ok)
    }
}

impl Report for Restored {
    fn text(&self, page: &mut Page) {
        let (key, old, new) = (clean(&self.file_key), self.restored, self.version);
        page.line(format_args!("restored {KIND}{key}{KIND:#} version {old} as version {new}"));
    }
}
