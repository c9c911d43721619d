//! Full text search over what topics keep and what files hold.
//!
//! Searching is nobody's hot path, so it costs nothing until somebody searches. The first search asks the
//! topics and the files for all they have and starts a thread that indexes it. From then on they leave a
//! note of every change on a `Desk`, which takes a lock for a moment and never waits for the thread. A
//! search is answered by that thread when it has dealt with all notes left before it, so it sees whatever
//! was written before it was sent. When nobody has searched for [`IDLE`], the index is dropped.
//!
//! The notes are what is to be true, not a log: a file that is written a hundred times before the thread
//! looks is indexed once, and a message that came and went is never indexed. So there are never more notes
//! than there are messages and files, however fast they change.

mod desk;
mod document;
mod index;
mod question;
mod snippet;
mod thread;
mod words;

pub use document::FileDocument;
pub use question::{Question, Scope};

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot::Receiver;

use self::desk::Desk;
use crate::command::{Flags, Runs};
use crate::topics::message::Message;
use crate::{Command, Outcome, Refusal};

/// After so long without a search the index is dropped, and the next search begins with a new one: what
/// one curious moment built must not cost for ever.
pub const IDLE: Duration = Duration::from_secs(600);

/// Who has something to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The messages that topics keep.
    Topics,
    /// The newest contents of files.
    Files,
}

/// What there is to be found, or no longer.
#[derive(Debug)]
pub enum Change {
    /// A topic keeps this message.
    Kept(Arc<Message>),
    /// The message of this sequence number is no longer kept.
    Left(u64),
    /// A file's newest version; `None`: it is gone.
    File(Box<[u8]>, Option<FileDocument>),
    /// All of a source's is gone.
    Cleared(Source),
}

/// Asks an owner that can be searched for all it has, if it has not been asked before.
pub static FEED: Command = Command {
    name: "claw.search",
    flags: Flags::READONLY,
    group: "agents",
    run: Runs { topics: Some(crate::topics::feed), files: Some(crate::files::feed), ..Runs::NONE },
    ..Command::BASE
};

/// The index, as owners and connections see it.
#[derive(Debug)]
pub struct Search {
    desk: Arc<Desk>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Default for Search {
    fn default() -> Self {
        Self { desk: Arc::new(Desk::new(IDLE)), thread: Mutex::default() }
    }
}

impl Search {
    /// Whether changes of a source are to be noted: what its owner asks before it makes a note.
    pub fn wants(&self, source: Source) -> bool {
        self.desk.wants(source)
    }

    /// Notes a change.
    pub fn note(&self, source: Source, change: Change) {
        self.desk.note(source, change);
    }

    /// Begins with all that a source has; from now on it notes its changes.
    ///
    /// # Errors
    /// [`Refusal::Custom`] if the system gives no thread.
    pub fn begin(&self, source: Source, all: impl Iterator<Item = Change>) -> Result<(), Refusal> {
        self.start().map_err(|error| {
            let text = format!("the search cannot be started: {error}");
            Refusal::Custom("ERR", text.into())
        })?;
        self.desk.begin(source, all);
        Ok(())
    }

    /// Asks for what is found. `None`: not all sources have been asked for what they have yet.
    pub fn ask(&self, question: Question) -> Option<Receiver<Outcome>> {
        self.desk.ask(question)
    }

    /// Ends the thread, if there is one, and waits for its end. Who waits for an answer gets none.
    pub fn stop(&self) {
        self.desk.stop();
        if let Some(thread) = self.thread.lock().take() {
            // It has nothing to say: what went wrong in it was logged there.
            let _ = thread.join();
        }
    }

    fn start(&self) -> io::Result<()> {
        let mut thread = self.thread.lock();
        if thread.is_none() {
            let desk = self.desk.clone();
            let named = std::thread::Builder::new().name("search".into());
            *thread = Some(named.spawn(move || thread::run(&desk))?);
        }
        Ok(())
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.stop();
    }
}
