//! `file-unlock`: give a shared file free.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::style::KIND;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Give a shared file free that this agent has locked
#[derive(Debug, Args)]
pub(crate) struct FileUnlock {
    /// What it is called
    #[arg(long)]
    key: String,
}

#[derive(Serialize)]
struct Unlocked {
    file_key: String,
    /// False if nobody held it.
    unlocked: bool,
}

impl FileUnlock {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("UNLOCK").arg(&self.key).arg("BY").arg(agent);
        let unlocked = reply::count(&link.ask(&command)?)? > 0;
        session.output.show(&Unlocked { file_key: self.key, unlocked })?;
        Ok(Exit::Ok)
    }
}

impl Report for Unlocked {
    fn text(&self, page: &mut Page) {
        let key = clean(&self.file_key);
        match self.unlocked {
            true => page.line(format_args!("unlocked {KIND}{key}{KIND:#}")),
            false => page.line(format_args!("{KIND}{key}{KIND:#} was not locked")),
        }
    }
}
