//! `file-move`: give a shared file another key.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::KIND;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Give a shared file another key; its log stays where it was and says where it went
#[derive(Debug, Args)]
pub(crate) struct FileMove {
    /// What it is called
    #[arg(long)]
    key: String,
    /// What it shall be called
    #[arg(long, value_name = "KEY")]
    to: String,
    /// In spite of another agent's lock, and as the next version of a file that has the new key already
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Moved {
    file_key: String,
    moved_to: String,
    version: u64,
}

impl FileMove {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("MOVE").arg(&self.key).arg(&self.to).arg("BY").arg(agent);
        if self.force {
            command.arg("FORCE");
        }
        let version = reply::count(&link.ask(&command)?)?;
        session.output.show(&Moved { file_key: self.key, moved_to: self.to, version })?;
        Ok(Exit::Ok)
    }
}

impl Report for Moved {
    fn text(&self, page: &mut Page) {
        let (key, to, version) = (clean(&self.file_key), clean(&self.moved_to), self.version);
        page.line(format_args!("moved {key} to {KIND}{to}{KIND:#} version {version}"));
    }
}
