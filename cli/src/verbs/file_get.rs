//! `file-get`: read a shared file.

use std::io::{self, IsTerminal};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use clawlink_protocol::FileEntry;
use redis::Value;
use serde::Serialize;

use super::file_put::PART_BYTES;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::link::Link;
use crate::output::file;
use crate::output::message::who;
use crate::output::progress::Progress;
use crate::output::style::KIND;
use crate::output::text::{clean, size, time};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Print a shared file, or save it here
#[derive(Debug, Args)]
pub(crate) struct FileGet {
    /// What it is called
    #[arg(long)]
    key: String,
    /// Where to save it; `-` is standard output, also for what is no text
    #[arg(long, value_name = "PATH")]
    output: Option<String>,
    /// An older version, as `file-log` lists them [default: the newest]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
}

/// A file that was saved here.
#[derive(Serialize)]
struct Saved {
    #[serde(flatten)]
    entry: FileEntry,
    output: String,
}

/// A file with its content, as `--json` prints it. JSON strings hold text, so other bytes go in
/// base64.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    entry: FileEntry,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_base64: Option<String>,
}

impl FileGet {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut link = session.link()?;
        // In parts only for somebody who watches: a program wants the content with one question.
        let progress = Progress::new(&session.output, &self.key, 0);
        let (entry, bytes) = if self.output.is_some() && progress.is_shown() {
            self.fetch_parts(&mut link, &progress)?
        } else {
            self.fetch(&mut link, &[], self.version)?
        };
        drop(progress);
        match self.output.as_deref() {
            Some(path) if path != "-" => {
                file::save(Path::new(path), &bytes)?;
                session.output.show(&Saved { entry, output: path.to_owned() })?;
            }
            given => {
                if given.is_none() && !session.output.is_json() {
                    refuse_to_garble(&self.key, &bytes)?;
                }
                session.output.content(&bytes, &whole(entry, &bytes))?;
            }
        }
        Ok(Exit::Ok)
    }
}

impl FileGet {
    fn fetch(
        &self,
        link: &mut Link,
        part: &[(&str, usize)],
        version: Option<u64>,
    ) -> Result<(FileEntry, Vec<u8>), Failure> {
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("GET").arg(&self.key);
        if let Some(version) = version {
            command.arg("VERSION").arg(version);
        }
        for (option, bytes) in part {
            command.arg(option).arg(bytes);
        }
        match link.ask(&command)? {
            Value::Nil => Err(no_such_file(&self.key)),
            reply => split(reply),
        }
    }

    /// Reads a file part by part, all of one version.
    fn fetch_parts(
        &self,
        link: &mut Link,
        progress: &Progress,
    ) -> Result<(FileEntry, Vec<u8>), Failure> {
        let length = ("LENGTH", PART_BYTES);
        let (entry, mut content) = self.fetch(link, &[length], self.version)?;
        progress.expect(entry.size);
        progress.advance(content.len());
        while (content.len() as u64) < entry.size {
            let part = [("OFFSET", content.len()), length];
            let (_, part) = self.fetch(link, &part, Some(entry.version))?;
            progress.advance(part.len());
            if part.is_empty() {
                break;
            }
            content.extend(part);
        }
        Ok((entry, content))
    }
}

/// What a file command says when there is no such file.
pub(crate) fn no_such_file(key: &str) -> Failure {
    Failure::new(Exit::Refused, format!("there is no file '{key}'"))
        .next("see which there are with `clawlink file-list`")
}

/// Takes the content out of the reply: it is bytes, the rest is a record.
fn split(reply: Value) -> Result<(FileEntry, Vec<u8>), Failure> {
    let (mut content, mut rest) = (Vec::new(), Vec::new());
    for (name, value) in reply::fields(reply)? {
        match reply::text(name.clone())?.as_str() {
            "content" => content = reply::bytes(value)?,
            _ => rest.push((name, value)),
        }
    }
    let mut entry: FileEntry = reply::record(Value::Map(rest))?;
    if entry.size == 0 {
        // Older brokers do not say.
        entry.size = content.len() as u64;
    }
    Ok((entry, content))
}

fn whole(entry: FileEntry, bytes: &[u8]) -> Whole {
    let content = std::str::from_utf8(bytes).ok().map(str::to_owned);
    let content_base64 = content.is_none().then(|| BASE64_STANDARD.encode(bytes));
    Whole { entry, content, content_base64 }
}

/// Bytes that are no text do not go to a terminal unless `--output -` says so.
fn refuse_to_garble(key: &str, bytes: &[u8]) -> Result<(), Failure> {
    if !io::stdout().is_terminal() || std::str::from_utf8(bytes).is_ok() {
        return Ok(());
    }
    Err(Failure::local(format!("'{key}' is no text, and this is a terminal"))
        .next("save it with --output PATH, or insist with --output -"))
}

impl Report for Saved {
    fn text(&self, page: &mut Page) {
        let FileEntry { file_key, version, last_editor, updated_at, .. } = &self.entry;
        let (key, by, at) = (clean(file_key), who(last_editor), time(updated_at));
        let (size, path) = (size(self.entry.size), clean(&self.output));
        page.line(format_args!(
            "{KIND}{key}{KIND:#} version {version} by {by}, {at}, {size}: saved as {path}"
        ));
    }
}
