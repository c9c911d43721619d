//! `file-watch`: wait for changes of shared files.

use std::time::{Duration, Instant};

use clap::Args;
use redis::Value;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::message::who;
use crate::output::style::{FAINT, KIND};
use crate::output::text::{clean, time};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Print changes of shared files as they come; with --json one on each line
#[derive(Debug, Args)]
pub(crate) struct FileWatch {
    /// Which: a key, or a pattern as in `docs/*`
    #[arg(long, value_name = "PATTERN")]
    key: String,
    /// The version that is known here (0: there is no such file): say at once if there is another. For one key only
    #[arg(long, value_name = "VERSION")]
    since: Option<u64>,
    /// End after so many changes [default: never]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Wait up to so many seconds in all (0: for ever), and exit with 4 if fewer changes than --count come, or none
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

/// One question waits so long at most, so that a broker that has vanished is noticed.
const STEP: Duration = Duration::from_secs(3_600);

/// A change, as the broker tells of it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Change {
    r#type: String,
    file_key: String,
    version: u64,
    last_editor: String,
    timestamp: String,
    moved_to: Option<String>,
    change: u64,
    missed: u64,
}

impl FileWatch {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut link = session.link()?;
        let wait = (self.wait > 0).then(|| Duration::from_secs(self.wait));
        let until = wait.and_then(|wait| Instant::now().checked_add(wait));
        let (mut after, mut seen) = (None, 0);
        while self.count.is_none_or(|count| seen < count) {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let step = left.unwrap_or(STEP).min(STEP);
            if step.is_zero() {
                return self.over(seen);
            }
            let command = self.command(after, step);
            let reply = link.ask_waiting(&command, step)?;
            if reply != Value::Nil {
                let change: Change = reply::record(reply)?;
                (after, seen) = (Some(change.change), seen + 1);
                session.output.show(&change)?;
            }
        }
        Ok(Exit::Ok)
    }

    fn command(&self, after: Option<u64>, step: Duration) -> redis::Cmd {
        let mut command = redis::cmd("CLAW.FILE");
        command.arg("WATCH").arg(&self.key);
        match (after, self.since) {
            (Some(after), _) => command.arg("AFTER").arg(after),
            (None, Some(since)) => command.arg("SINCE").arg(since),
            (None, None) => &mut command,
        };
        // Rounded up to a millisecond: 0 would be for ever.
        command.arg("TIMEOUT").arg(format!("{:.3}", step.as_secs_f64().max(0.001)));
        command
    }

    /// How it ends when the time is over.
    fn over(&self, seen: u64) -> Result<Exit, Failure> {
        if self.count.is_none() && seen > 0 {
            return Ok(Exit::Ok);
        }
        let said = format!("{seen} changes of {} in {} s", self.key, self.wait);
        Err(Failure::new(Exit::TimedOut, said).next("wait longer with --wait"))
    }
}

impl Report for Change {
    fn text(&self, page: &mut Page) {
        let (key, version, by) = (clean(&self.file_key), self.version, who(&self.last_editor));
        let what = match (&self.moved_to, self.r#type.as_str()) {
            (Some(to), _) => format!("moved to {}", clean(to)),
            (None, "file_deleted") => "deleted".to_owned(),
            (None, _) => "saved".to_owned(),
        };
        let at = time(&self.timestamp);
        if self.missed > 0 {
            page.line(format_args!("{FAINT}missed {} changes of files{FAINT:#}", self.missed));
        }
        page.line(format_args!(
            "{KIND}{key}{KIND:#} {what}, version {version} by {by} {FAINT}{at}{FAINT:#}"
        ));
    }
}
