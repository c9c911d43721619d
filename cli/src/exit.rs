//! How a command ends.

use std::process::ExitCode;

/// The exit codes, which `clawlink --help` and `docs/cli.md` promise. Never renumber them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// The broker refused, or has no such thing.
    Refused = 1,
    /// The command line is wrong. (clap itself exits with 2 too.)
    Usage = 2,
    /// No broker there, or the connection broke.
    NoBroker = 3,
    /// What was waited for did not come in time.
    TimedOut = 4,
    /// A local file or identity is missing, unreadable or ambiguous.
    Local = 5,
    /// The task that was waited for has failed, was canceled, has expired, or is dead.
    TaskFailed = 6,
    /// The task that was waited for waits for an answer to a question.
    InputRequired = 7,
    /// Two agents edited the same lines of a file: nothing was saved.
    Conflict = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The end of `clawlink --help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  refused by the broker, or no such thing there
  2  wrong usage
  3  no connection to a broker
  4  timed out: nothing came while waiting
  5  a local file or a stored identity is missing, unreadable or ambiguous
  6  the task that was waited for has failed, was canceled, has expired, or is dead
  7  the task that was waited for waits for an answer to a question
  8  others edited the same lines of the file: nothing was saved (`file-put --merge`)

One agent for each session on a machine: register it once, and every command acts as it. \
With several, say which with --as or CLAWLINK_AGENT.";
