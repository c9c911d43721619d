//! `file-del`: delete a shared file.

use clap::Args;
use serde::Serialize;

use super::file_get::no_such_file;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Delete a shared file; `file-restore` brings it back for a while
#[derive(Debug, Args)]
pub(crate) struct FileDel {
    /// What it is called
    #[arg(long)]
    key: String,
    /// Delete it in spite of another agent's lock
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Deleted {
    file_key: String,
    deleted: bool,
}

impl FileDel {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("DEL").arg(&self.key).arg("BY").arg(agent);
        if self.force {
            command.arg("FORCE");
        }
        if reply::count(&link.ask(&command)?)? == 0 {
            return Err(no_such_file(&self.key));
        }
        session.output.show(&Deleted { file_key: self.key, deleted: true })?;
        Ok(Exit::Ok)
    }
}

impl Report for Deleted {
    fn text(&self, page: &mut Page) {
        page.line(format_args!("deleted {}", clean(&self.file_key)));
    }
}
