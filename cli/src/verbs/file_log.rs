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

/// List the versions of a shared file that are kept, newest first
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

fn row(version: &FileVersion) -> Vec<String> {
    vec![
        version.version.to_string(),
        size(version.size),
        version.file_type.clone(),
        version.last_editor.clone(),
        time(&version.updated_at),
    ]
}
