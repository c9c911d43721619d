//! `file-diff`: how two versions of a shared file differ.

use clap::Args;
use clawlink_protocol::FileEntry;
use redis::Value;
use serde::Serialize;

use super::file_get::no_such_file;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::link::Link;
use crate::reply;
use crate::session::Session;

/// Print how two versions of a shared file differ, as `diff -u` does
#[derive(Debug, Args)]
pub(crate) struct FileDiff {
    /// What it is called
    #[arg(long)]
    key: String,
    /// The older version
    #[arg(long, value_name = "VERSION")]
    from: u64,
    /// The newer version [default: the newest]
    #[arg(long, value_name = "VERSION")]
    to: Option<u64>,
}

#[derive(Serialize)]
struct Difference {
    file_key: String,
    from: u64,
    to: u64,
    diff: String,
}

impl FileDiff {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut link = session.link()?;
        let Self { key: file_key, from, to } = self;
        let to = match to {
            Some(to) => to,
            None => newest(&mut link, &file_key)?,
        };
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("DIFF").arg(&file_key).arg(from).arg(to);
        let diff = reply::text(link.ask(&command)?)?;
        let text = diff.clone();
        session.output.content(text.as_bytes(), &Difference { file_key, from, to, diff })?;
        Ok(Exit::Ok)
    }
}

/// The number of a file's newest version.
fn newest(link: &mut Link, key: &str) -> Result<u64, Failure> {
    match link.ask(redis::cmd("CLAW.FILE").arg("GET").arg(key).arg("LENGTH").arg(0))? {
        Value::Nil => Err(no_such_file(key)),
        reply => reply::record::<FileEntry>(reply).map(|entry| entry.version),
    }
}
