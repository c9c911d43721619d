//! Why a command ended without doing what it was told.

use std::io::{self, Write};

use serde_json::json;

use crate::exit::Exit;
use crate::output::{style, text::clean};

/// What went wrong, and what to do about it.
///
/// One struct and not an enum of causes: whoever reads it needs the exit code, the sentence and the
/// next step, and nobody in the program acts on more than the exit code and the broker's error code.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// The broker's error code, such as `NOAGENT`, when the broker refused.
    code: Option<String>,
    said: String,
    next: Option<String>,
}

impl Failure {
    /// A failure that ends the program with `exit`.
    pub(crate) fn new(exit: Exit, said: impl Into<String>) -> Self {
        Self { exit, code: None, said: said.into(), next: None }
    }

    /// What the broker refused, under its error code.
    pub(crate) fn refused(code: &str, said: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::new(Exit::Refused, said) }
    }

    /// A problem with a local file or identity.
    pub(crate) fn local(said: impl Into<String>) -> Self {
        Self::new(Exit::Local, said)
    }

    /// Adds what to do next.
    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    /// Output could not be written. That its reader has gone, as `head` does, is no failure: the
    /// program ends in silence and with success.
    pub(crate) fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Ok, ""),
            _ => Self::local(format!("cannot write the output: {error}")),
        }
    }

    /// The broker's error code, if the broker refused.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Tells the user on standard error; as one JSON object if `json`.
    pub(crate) fn tell(self, json: bool) -> Exit {
        if self.exit != Exit::Ok {
            let told = if json { self.tell_json() } else { self.tell_text() };
            // With standard error closed there is nobody left to tell; the exit code still speaks.
            drop(told);
        }
        self.exit
    }

    /// What a person is told, in one line.
    pub(crate) fn sentence(&self) -> String {
        let (label, said) = (style::ERROR, clean(&self.said));
        let next = self.next.as_ref().map(|next| format!(": {}", clean(next)));
        format!("{label}error{label:#}: {said}{}", next.unwrap_or_default())
    }

    fn tell_text(&self) -> io::Result<()> {
        writeln!(anstream::stderr().lock(), "{}", self.sentence())
    }

    fn tell_json(&self) -> io::Result<()> {
        let error = json!({
            "exit": self.exit as u8, "code": self.code, "message": self.said, "next": self.next,
        });
        writeln!(io::stderr().lock(), "{}", json!({ "error": error }))
    }
}
