//! `file-log`: which versions of a shared file are kept.

use clap::Args;
use clawlink_protocol::FileVersion;
use redis::Value;
use serde::Serialize;

use super::file_get::no_such_file;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::{size, time};
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// List the versions of a shared file that are kept, newest first, and when it was deleted or moved
#[derive(Debug, Args)]
pub(crate) struct FileLog {
    /// What it is called
    #[arg(long)]
    key: String,
}

#[derive(Serialize)]
struct Versions {
    file_key: String,
    versions: Vec<FileVersion>,
    count: usize,
}

impl FileLog {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let reply = session.link()?.ask(redis::cmd("CLAW.FILE").arg("LOG").arg(&self.key))?;
        if reply == Value::Nil {
            return Err(no_such_file(&self.key));
        }
        let versions: Vec<FileVersion> = reply::records(reply)?;
        let count = versions.len();
        session.output.show(&Versions { file_key: self.key, versions, count })?;
        Ok(Exit::Ok)
    }
}

const COLUMNS: [(&str, Column); 5] = [
    ("VERSION", Column::Number),
    ("SIZE", Column::Number),
    ("TYPE", Column::Text),
    ("BY", Column::Text),
    ("SAVED", Column::Text),
];

impl Report for Versions {
    fn text(&self, page: &mut Page) {
        let rows: Vec<_> = self.versions.iter().map(row).collect();
        page.table(&COLUMNS, &rows);
    }
}

fn row(entry: &FileVersion) -> Vec<String> {
    let what = match (&entry.moved_to, entry.deleted) {
        (Some(to), _) => format!("(moved to {to})"),
        (None, Some(_)) => "(deleted)".to_owned(),
        (None, None) => entry.file_type.clone().unwrap_or_default(),
    };
    vec![
        entry.version.to_string(),
        entry.size.map(size).unwrap_or_default(),
        what,
        entry.last_editor.clone(),
        time(&entry.updated_at),
    ]
}
