//! `file-get`: read a shared file.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use clawlink_protocol::FileEntry;
use redis::Value;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::message::who;
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

#[derive(Serialize)]
struct Got {
    #[serde(flatten)]
    entry: FileEntry,
    #[serde(flatten)]
    content: Content,
}

/// Where the content is. In JSON a field named for it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Content(String),
    ContentBase64(String),
    Output(String),
}

impl FileGet {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("GET").arg(&self.key);
        if let Some(version) = self.version {
            command.arg("VERSION").arg(version);
        }
        let reply = session.link()?.ask(&command)?;
        if reply == Value::Nil {
            return Err(no_such_file(&self.key));
        }
        let (entry, bytes) = split(reply)?;
        match self.output.as_deref() {
            Some(path) if path != "-" => {
                save(Path::new(path), &bytes)?;
                session.output.show(&Got {
                    entry,
                    content: Content::Output(path.to_owned()),
                })?;
            }
            _ if session.output.is_json() => {
                session.output.show(&Got {
                    entry,
                    content: encode(bytes),
                })?;
            }
            given => {
                refuse_to_garble(given.is_some(), &self.key, &bytes)?;
                session.output.raw(&bytes)?;
            }
        }
        Ok(Exit::Ok)
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
    for (name, value) in reply.into_map_iter().into_iter().flatten() {
        match reply::text(name.clone())?.as_str() {
            "content" => content = reply::bytes(value)?,
            _ => rest.push((name, value)),
        }
    }
    let mut entry: FileEntry = reply::record(Value::Map(rest))?;
    entry.size = content.len() as u64;
    Ok((entry, content))
}

fn encode(bytes: Vec<u8>) -> Content {
    match String::from_utf8(bytes) {
        Ok(text) => Content::Content(text),
        Err(error) => Content::ContentBase64(BASE64_STANDARD.encode(error.as_bytes())),
    }
}

/// Saves in one step, so that nobody reads half a file.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // A device or a pipe is written to; only a file can be replaced by another.
    let special = fs::metadata(path).is_ok_and(|there| !there.is_file());
    let saved = if special {
        fs::write(path, bytes)
    } else {
        replace(path, bytes)
    };
    saved.map_err(|error| Failure::local(format!("cannot save {}: {error}", path.display())))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = new_file(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    if let Ok(there) = fs::metadata(path) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

/// A file that others may read as the user's umask says; temporary files by default are private.
#[cfg(unix)]
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

#[cfg(not(unix))]
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(folder)
}

/// Bytes that are no text do not go to a terminal unless `--output -` says so.
fn refuse_to_garble(asked_for: bool, key: &str, bytes: &[u8]) -> Result<(), Failure> {
    if asked_for || !io::stdout().is_terminal() || std::str::from_utf8(bytes).is_ok() {
        return Ok(());
    }
    Err(
        Failure::local(format!("'{key}' is no text, and this is a terminal"))
            .next("save it with --output PATH, or insist with --output -"),
    )
}

impl Report for Got {
    fn text(&self, page: &mut Page) {
        let FileEntry {
            file_key,
            version,
            last_editor,
            updated_at,
            ..
        } = &self.entry;
        let (key, by, at) = (clean(file_key), who(last_editor), time(updated_at));
        let size = size(self.entry.size);
        let place = match &self.content {
            Content::Output(path) => path,
            Content::Content(_) | Content::ContentBase64(_) => "-",
        };
        page.line(format_args!(
            "{KIND}{key}{KIND:#} version {version} by {by}, {at}, {size}: saved as {}",
            clean(place)
        ));
    }
}
