//! `file-put`: save a shared file.

use clap::Args;
use redis::{Cmd, Value};
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::link::Link;
use crate::output::message::who;
use crate::output::progress::Progress;
use crate::output::style::KIND;
use crate::output::text::{clean, plural, size};
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
    /// Merge with what others saved since --base. Where they edited the same lines nothing is saved: the file is
    /// printed with conflict markers, and the exit code is 8
    #[arg(long, requires = "base")]
    merge: bool,
    /// Save in spite of another agent's lock
    #[arg(long)]
    force: bool,
}

/// Contents larger than this are sent in parts of this size.
pub(crate) const PART_BYTES: usize = 1 << 20;

#[derive(Serialize)]
struct Saved {
    file_key: String,
    version: u64,
    size: usize,
    #[serde(flatten)]
    merge: Option<Merge>,
}

/// What the broker says of a merge.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Merge {
    status: String,
    #[serde(skip_serializing)]
    version: u64,
    base: u64,
    with_version: Option<u64>,
    with_editor: Option<String>,
    conflicts: u64,
    content: Option<String>,
}

impl FilePut {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let agent = session.agent()?;
        let content = input::file_or_stdin(&self.file)?;
        let (mut link, _) = session.link_as_agent()?;
        let reply = if content.len() > PART_BYTES {
            self.send_parts(&mut link, &agent, &content, session)?
        } else {
            link.ask(&self.command(&content, &agent))?
        };
        let saved = self.saved(reply, content.len())?;
        match &saved.merge {
            Some(merge) if merge.status == "conflict" => {
                session.output.remark(&merge.conflict(&saved.file_key));
                let text = merge.content.as_deref().unwrap_or_default();
                session.output.content(text.as_bytes(), &saved)?;
                Ok(Exit::Conflict)
            }
            _ => {
                session.output.show(&saved)?;
                Ok(Exit::Ok)
            }
        }
    }

    fn saved(&self, reply: Value, size: usize) -> Result<Saved, Failure> {
        let (version, size, merge) = if self.merge {
            let merge: Merge = reply::record(reply)?;
            let size = merge.content.as_ref().map_or(size, String::len);
            (merge.version, size, Some(merge))
        } else {
            (reply::count(&reply)?, size, None)
        };
        Ok(Saved { file_key: self.key.clone(), version, size, merge })
    }

    fn command(&self, content: &[u8], agent: &str) -> Cmd {
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("PUT").arg(&self.key).arg(content).arg("BY").arg(agent);
        if let Some(file_type) = &self.file_type {
            command.arg("TYPE").arg(file_type);
        }
        if let Some(base) = self.base {
            command.arg("BASE").arg(base);
        }
        if self.merge {
            command.arg("MERGE");
        }
        if self.force {
            command.arg("FORCE");
        }
        command
    }

    /// Sends a large content in parts; it becomes a version with the last.
    fn send_parts(
        &self,
        link: &mut Link,
        agent: &str,
        content: &[u8],
        session: &Session,
    ) -> Result<Value, Failure> {
        let progress = Progress::new(&session.output, &self.key, content.len());
        let (first, rest) = content.split_at(PART_BYTES.min(content.len()));
        let mut answer = link.ask(self.command(first, agent).arg("MORE"))?;
        let upload = reply::text(answer.clone())?;
        progress.advance(first.len());
        let mut parts = rest.chunks(PART_BYTES).peekable();
        while let Some(part) = parts.next() {
            let mut command = redis::cmd("CLAW.FILE");
            command.arg("APPEND").arg(&self.key).arg(part).arg("BY").arg(agent);
            command.arg("UPLOAD").arg(&upload);
            if parts.peek().is_some() {
                command.arg("MORE");
            }
            answer = link.ask(&command)?;
            progress.advance(part.len());
        }
        Ok(answer)
    }
}

impl Merge {
    fn conflict(&self, key: &str) -> String {
        let with = self.with_editor.as_deref().unwrap_or_default();
        format!(
            "conflict: nothing was saved. {} of {} with version {} by {}; solve what stands between the markers and \
             put it with --base {} --merge",
            plural(self.conflicts, "conflict"),
            clean(key),
            self.version,
            who(with),
            self.version,
        )
    }
}

impl Report for Saved {
    fn text(&self, page: &mut Page) {
        let (key, version) = (clean(&self.file_key), self.version);
        let size = size(self.size as u64);
        let merge = self.merge.as_ref();
        let merged = merge.and_then(|merge| merge.with_version.zip(merge.with_editor.as_deref()));
        let merged = merged.map(|(at, by)| format!(", merged with version {at} by {}", who(by)));
        let merged = merged.unwrap_or_default();
        page.line(format_args!("saved {KIND}{key}{KIND:#} version {version}, {size}{merged}"));
    }
}
