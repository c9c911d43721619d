//! `file-locks`: which shared files are reserved, and by whom.

use clap::Args;
use serde::Serialize;

use super::file_lock::Lock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text::{span, time};
use crate::output::{
    Report,
    page::{Column, Page},
};
use crate::reply;
use crate::session::Session;

/// List the locks on shared files
#[derive(Debug, Args)]
pub(crate) struct FileLocks {
    /// Only keys that match, as in `docs/*`
    pattern: Option<String>,
}

#[derive(Serialize)]
struct Locks {
    locks: Vec<Lock>,
    count: usize,
}

impl FileLocks {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("LOCKS").arg(self.pattern);
        let locks: Vec<Lock> = reply::records(session.link()?.ask(&command)?)?;
        let count = locks.len();
        session.output.show(&Locks { locks, count })?;
        Ok(Exit::Ok)
    }
}

const COLUMNS: [(&str, Column); 4] = [
    ("FILE", Column::Whole),
    ("HOLDER", Column::Whole),
    ("LEFT", Column::Number),
    ("SINCE", Column::Text),
];

impl Report for Locks {
    fn text(&self, page: &mut Page) {
        if self.locks.is_empty() {
            return page.line(format_args!("no locks"));
        }
        let rows: Vec<_> = self.locks.iter().map(row).collect();
        page.table(&COLUMNS, &rows);
    }
}

fn row(lock: &Lock) -> Vec<String> {
    let left = span(lock.seconds_left);
    vec![lock.file_key.clone(), lock.holder.clone(), left, time(&lock.locked_at)]
}
