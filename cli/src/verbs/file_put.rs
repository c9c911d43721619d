//! `file-put`: save a shared file.

use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::style::KIND;
use crate::output::text::{clean, size};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Save a file for all agents, as a new version
#[derive(Debug, Args)]
pub(crate) struct FilePut {
    /// What to call it; `/` is allowed
    #[arg(long)]
    key: String,
    /// The file to save; `-` is standard input
    #[arg(long, value_name = "PATH")]
    file: String,
    /// What it holds, for whoever reads it [default: text]
    #[arg(long = "type", value_name = "TYPE")]
    file_type: Option<String>,
    /// Save only if the newest version is still this one (0: if the file does not exist)
    #[arg(long, value_name = "VERSION")]
    base: Option<u64>,
}

#[derive(Serialize)]
struct Saved {
    file_key: String,
    version: u64,
    size: usize,
}

impl FilePut {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let agent = session.agent()?;
        let content = input::file_or_stdin(&self.file)?;
        let (mut link, _) = session.link_as_agent()?;
        let bytes = content.len();
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("PUT").arg(&self.key).arg(content).arg("BY").arg(agent);
        if let Some(file_type) = &self.file_type {
            command.arg("TYPE").arg(file_type);
        }
        if let Some(base) = self.base {
            command.arg("BASE").arg(base);
        }
        let version = reply::count(&link.ask(&command)?)?;
        session.output.show(&Saved { file_key: self.key, version, size: bytes })?;
        Ok(Exit::Ok)
    }
}

impl Report for Saved {
    fn text(&self, page: &mut Page) {
        let (key, version) = (clean(&self.file_key), self.version);
        let size = size(self.size as u64);
        page.line(format_args!("saved {KIND}{key}{KIND:#} version {version}, {size}"));
    }
}
