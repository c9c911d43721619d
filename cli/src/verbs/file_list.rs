//! `file-list`: which files are shared.

use clap::Args;
use clawlink_protocol::FileEntry;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::{size, time};
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// List the shared files
#[derive(Debug, Args)]
pub(crate) struct FileList {
    /// Only keys that match, as in `docs/*`
    pattern: Option<String>,
}

#[derive(Serialize)]
struct Files {
    files: Vec<FileEntry>,
    count: usize,
}

impl FileList {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("LIST").arg(self.pattern);
        let files: Vec<FileEntry> = reply::records(session.link()?.ask(&command)?)?;
        let count = files.len();
        session.output.show(&Files { files, count })?;
        Ok(Exit::Ok)
    }
}

const COLUMNS: [(&str, Column); 6] = [
    ("FILE", Column::Whole),
    ("VERSION", Column::Number),
    ("SIZE", Column::Number),
    ("TYPE", Column::Text),
    ("BY", Column::Text),
    ("SAVED", Column::Text),
];

impl Report for Files {
    fn text(&self, page: &mut Page) {
        if self.files.is_empty() {
            return page.line(format_args!("no files"));
        }
        let rows: Vec<_> = self.files.iter().map(row).collect();
        page.table(&COLUMNS, &rows);
    }
}

fn row(file: &FileEntry) -> Vec<String> {
    vec![
        file.file_key.clone(),
        file.version.to_string(),
        size(file.size),
        file.file_type.clone(),
        file.last_editor.clone(),
        time(&file.updated_at),
    ]
}
