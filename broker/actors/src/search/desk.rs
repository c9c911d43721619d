//! Where owners leave notes of changes, and connections their questions, for the thread that indexes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ahash::AHashMap;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot::{Receiver, Sender, channel};

use super::{Change, FileDocument, Question, Source};
use crate::Outcome;
use crate::topics::message::Message;

/// How long notes may wait before they are indexed though nobody asks: what changes often meanwhile is
/// indexed once.
const LAG: Duration = Duration::from_millis(100);
/// So many notes are not left waiting, so that a question that follows them is answered soon.
const NOTES: usize = 1_000;

/// What is to be true of the index.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Whether all messages that were indexed are gone; other notes are about what came after.
    pub(super) topics_cleared: bool,
    /// Whether all files that were indexed are gone.
    pub(super) files_cleared: bool,
    /// Messages by sequence number; `None`: no longer kept.
    pub(super) messages: AHashMap<u64, Option<Arc<Message>>>,
    /// Files by path; `None`: gone.
    pub(super) files: AHashMap<Box<[u8]>, Option<FileDocument>>,
}

impl Notes {
    fn len(&self) -> usize {
        let cleared = usize::from(self.topics_cleared) + usize::from(self.files_cleared);
        cleared + self.messages.len() + self.files.len()
    }

    fn add(&mut self, change: Change) {
        match change {
            Change::Kept(message) => {
                self.messages.insert(message.sequence, Some(message));
            }
            // A message is kept once: if that is still only a note, nothing has happened.
            Change::Left(sequence) => match self.messages.remove(&sequence) {
                Some(Some(_)) => {}
                _ => drop(self.messages.insert(sequence, None)),
            },
            Change::File(path, file) => drop(self.files.insert(path, file)),
            Change::Cleared(Source::Topics) => {
                self.messages.clear();
                self.topics_cleared = true;
            }
            Change::Cleared(Source::Files) => {
                self.files.clear();
                self.files_cleared = true;
            }
        }
    }
}

/// A question, and where the answer goes.
pub(super) type Asked = (Question, Sender<Outcome>);

/// What the thread finds on the desk.
#[derive(Debug)]
pub(super) enum Work {
    /// Notes, and questions to be answered when these are dealt with.
    Some(Notes, Vec<Asked>),
    /// Nobody has searched for long: the index is to be dropped, and nobody makes notes any more.
    Idle,
    /// The broker stops.
    Stop,
}

#[derive(Debug, Default)]
struct Papers {
    notes: Notes,
    questions: Vec<Asked>,
    /// When somebody last searched.
    used: Option<Instant>,
    stop: bool,
}

impl Papers {
    fn take(&mut self) -> Work {
        Work::Some(std::mem::take(&mut self.notes), std::mem::take(&mut self.questions))
    }
}

/// The desk.
#[derive(Debug)]
pub(super) struct Desk {
    papers: Mutex<Papers>,
    bell: Condvar,
    /// Which sources make notes. Changed with the papers in hand.
    topics: AtomicBool,
    files: AtomicBool,
    idle: Duration,
}

impl Desk {
    /// An empty desk; nobody makes notes yet.
    pub(super) fn new(idle: Duration) -> Self {
        let (papers, bell) = (Mutex::default(), Condvar::new());
        Self { papers, bell, topics: AtomicBool::default(), files: AtomicBool::default(), idle }
    }

    /// Whether this source makes notes.
    pub(super) fn wants(&self, source: Source) -> bool {
        self.flag(source).load(Ordering::Acquire)
    }

    /// Leaves a note, if the source still makes any.
    pub(super) fn note(&self, source: Source, change: Change) {
        let mut papers = self.papers.lock();
        if !self.wants(source) {
            return;
        }
        let before = papers.notes.len();
        papers.notes.add(change);
        // The first wakes the thread, which then waits for more; of these only a crowd wakes it again.
        let ring = before == 0 || before + 1 == NOTES;
        drop(papers);
        if ring {
            self.bell.notify_one();
        }
    }

    /// Leaves notes of all that a source has, unless it makes notes already.
    pub(super) fn begin(&self, source: Source, all: impl Iterator<Item = Change>) {
        let mut papers = self.papers.lock();
        papers.used = Some(now());
        if !self.wants(source) && !papers.stop {
            all.for_each(|change| papers.notes.add(change));
            self.flag(source).store(true, Ordering::Release);
        }
    }

    /// Leaves a question. `None`: not all sources make notes.
    pub(super) fn ask(&self, question: Question) -> Option<Receiver<Outcome>> {
        let mut papers = self.papers.lock();
        if !(self.wants(Source::Topics) && self.wants(Source::Files)) {
            return None;
        }
        let (answer, answered) = channel();
        papers.used = Some(now());
        papers.questions.push((question, answer));
        drop(papers);
        self.bell.notify_one();
        Some(answered)
    }

    /// Lets the thread end. Questions that wait are dropped.
    pub(super) fn stop(&self) {
        let mut papers = self.papers.lock();
        self.close(&mut papers);
        papers.stop = true;
        drop(papers);
        self.bell.notify_one();
    }

    /// Whether the thread is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.papers.lock().stop
    }

    /// Nobody makes notes any more, and what was left here is dropped: the index has failed.
    pub(super) fn give_up(&self) {
        self.close(&mut self.papers.lock());
    }

    /// Waits for something to do.
    pub(super) fn wait(&self) -> Work {
        let mut papers = self.papers.lock();
        loop {
            if papers.stop {
                return Work::Stop;
            }
            if !papers.questions.is_empty() || papers.notes.len() >= NOTES {
                return papers.take();
            }
            let Some(left) = papers.used.map(|used| self.idle.saturating_sub(used.elapsed()))
            else {
                self.bell.wait(&mut papers);
                continue;
            };
            if left.is_zero() {
                self.close(&mut papers);
                return Work::Idle;
            }
            let waiting = papers.notes.len() > 0;
            let timed_out =
                self.bell.wait_for(&mut papers, if waiting { LAG } else { left }).timed_out();
            if waiting && timed_out && !papers.stop {
                return papers.take();
            }
        }
    }

    fn close(&self, papers: &mut Papers) {
        self.topics.store(false, Ordering::Release);
        self.files.store(false, Ordering::Release);
        *papers = Papers { stop: papers.stop, ..Papers::default() };
    }

    fn flag(&self, source: Source) -> &AtomicBool {
        match source {
            Source::Topics => &self.topics,
            Source::Files => &self.files,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "no state's clock: how long nobody has searched")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        let (query, scope, count) = ("x".to_owned(), super::super::Scope::All, 1);
        Question { query, scope, count }
    }

    fn file(path: &str) -> Change {
        let content = bytes::Bytes::new();
        let file = FileDocument { content, version: 1, editor: "".into(), at: 0 };
        Change::File(path.as_bytes().into(), Some(file))
    }

    fn open(idle: Duration) -> Desk {
        let desk = Desk::new(idle);
        desk.begin(Source::Topics, std::iter::empty());
        desk.begin(Source::Files, std::iter::empty());
        desk
    }

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn nothing_is_noted_until_somebody_searches() {
        let desk = Desk::new(LONG);
        desk.note(Source::Files, file("a"));
        assert!(desk.ask(question()).is_none());
        desk.begin(Source::Files, [file("b")].into_iter());
        assert!(desk.ask(question()).is_none(), "the topics have not been asked");
        desk.begin(Source::Topics, std::iter::empty());
        desk.begin(Source::Files, [file("c")].into_iter());
        assert!(desk.ask(question()).is_some());
        let Work::Some(notes, questions) = desk.wait() else { panic!("notes") };
        assert_eq!(notes.files.keys().map(|path| &**path).collect::<Vec<_>>(), [b"b"]);
        assert_eq!(questions.len(), 1);
    }

    #[test]
    fn notes_about_the_same_thing_are_one() {
        let desk = open(LONG);
        (0..NOTES).for_each(|_| desk.note(Source::Files, file("a")));
        desk.note(Source::Topics, Change::Left(7));
        desk.note(Source::Files, Change::File(b"b".as_slice().into(), None));
        let Work::Some(notes, _) = desk.wait() else { panic!("notes") };
        assert_eq!((notes.files.len(), notes.messages.len()), (2, 1));
        desk.note(Source::Files, file("a"));
        desk.note(Source::Files, Change::Cleared(Source::Files));
        desk.note(Source::Files, file("b"));
        let Work::Some(notes, _) = desk.wait() else { panic!("notes") };
        assert!(notes.files_cleared && !notes.topics_cleared);
        assert!(notes.files.len() == 1 && notes.files.contains_key(&b"b"[..]));
    }

    #[test]
    fn who_is_not_asked_for_long_stops_taking_notes() {
        let desk = open(Duration::ZERO);
        assert!(matches!(desk.wait(), Work::Idle));
        assert!(!desk.wants(Source::Files) && desk.ask(question()).is_none());
        desk.stop();
        assert!(matches!(desk.wait(), Work::Stop));
        desk.begin(Source::Files, [file("a")].into_iter());
        assert!(!desk.wants(Source::Files), "it is over");
    }

    #[test]
    fn a_question_that_nobody_answers_ends_with_the_desk() {
        let desk = open(LONG);
        let mut answer = desk.ask(question()).expect("all sources make notes");
        desk.give_up();
        assert!(answer.try_recv().is_err_and(|error| error.to_string().contains("closed")));
        assert!(!desk.wants(Source::Topics));
    }
}
