//! Requests as the owners see them: words cut out of one shared buffer.

use std::sync::Arc;

use bytes::Bytes;

use crate::collections::number;
use crate::keyspace::DATABASES;
use crate::{Command, Refusal};

/// A word of a request: where it stands in the pipeline's buffer.
///
/// 32 bits are enough because the edge closes a connection whose pending input passes 1 GiB.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The offset of its first byte.
    pub start: u32,
    /// Its length in bytes.
    pub len: u32,
}

/// A complete request: which of the pipeline's words are its own, and the owners' command that it names.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    first: u32,
    count: u32,
    command: Option<&'static Command>,
}

/// All complete requests of one read, decoded together. No request owns anything: a thousand small
/// ones cost two vectors and one buffer.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    bytes: Bytes,
    words: Vec<Word>,
    heads: Vec<Head>,
}

/// An argument at least this long is kept by reference to the buffer it arrived in, if it fills most
/// of that buffer. Shorter ones are copied, so that a small value never pins a large buffer.
const SHARE_BYTES_MIN: usize = 16 * 1024;

/// Room for so many words, and so many requests, is kept from one read to the next.
const WORDS_KEPT_MAX: usize = 4 * 1024;

impl Pipeline {
    /// A pipeline of one request, made by the broker itself.
    pub fn of(command: Option<&'static Command>, words: &[&[u8]]) -> Self {
        let mut composer = Composer::default();
        composer.push(command, words.iter().copied());
        composer.finish()
    }

    /// The number of complete requests.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether it holds no complete request.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The bytes of all requests, as they arrived.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Request number `index`; an index past the end is an empty request.
    pub fn request(&self, index: usize) -> Args<'_> {
        let head = self.heads.get(index).copied().unwrap_or_default();
        Args { pipeline: self, first: head.first, count: head.count, next: 1 }
    }

    /// The owners' command that request `index` names, if it names one.
    pub fn command(&self, index: usize) -> Option<&'static Command> {
        self.heads.get(index).and_then(|head| head.command)
    }

    /// Says what the first request names, if that was not known when it was made.
    pub fn name_command(&mut self, command: &'static Command) {
        if let Some(head) = self.heads.first_mut() {
            head.command = Some(command);
        }
    }

    /// Adds a word to the request that is being read.
    pub fn push_word(&mut self, start: usize, len: usize) {
        self.words.push(Word { start: start as u32, len: len as u32 });
    }

    /// Completes the request that is being read. `command` is what its name was looked up to.
    pub fn close_request(&mut self, command: Option<&'static Command>) {
        let first = self.closed_words();
        let count = (self.words.len() - first) as u32;
        self.heads.push(Head { first: first as u32, count, command });
    }

    /// The words of the request that is being read: where they stand in the read buffer.
    pub fn open(&self) -> &[Word] {
        &self.words[self.closed_words()..]
    }

    /// Goes on with a request whose first words were kept from an earlier read.
    pub fn reopen(&mut self, kept: &mut Vec<Word>) {
        if !kept.is_empty() {
            self.words = std::mem::take(kept);
        }
    }

    /// Keeps the words of the unfinished request for the next read, when they will stand `shift` bytes lower.
    pub fn keep_open(&mut self, kept: &mut Vec<Word>, shift: usize) {
        match self.closed_words() {
            first if first == self.words.len() => return,
            // A long request that arrives in pieces is alone, and not copied for each of them.
            0 => *kept = std::mem::take(&mut self.words),
            first => kept.extend(self.words.drain(first..)),
        }
        if shift > 0 {
            kept.iter_mut().for_each(|word| word.start -= shift as u32);
        }
    }

    /// Gives the words the buffer they point into.
    pub fn set_bytes(&mut self, bytes: Bytes) {
        self.bytes = bytes;
    }

    /// Forgets all requests and keeps the room, for the next read.
    pub fn clear(&mut self) {
        self.bytes = Bytes::new();
        self.words.clear();
        self.words.shrink_to(WORDS_KEPT_MAX);
        self.heads.clear();
        self.heads.shrink_to(WORDS_KEPT_MAX);
    }

    fn closed_words(&self) -> usize {
        self.heads.last().map_or(0, |head| (head.first + head.count) as usize)
    }

    fn slice(&self, word: Word) -> &[u8] {
        &self.bytes[word.start as usize..][..word.len as usize]
    }
}

/// Puts requests together that did not come from one read: a transaction's, or the broker's own.
#[derive(Debug, Default)]
pub struct Composer {
    bytes: Vec<u8>,
    pipeline: Pipeline,
}

impl Composer {
    /// One with room for so many requests, words and bytes, and for no more: what has just the room that it needs is
    /// finished without another allocation.
    pub fn with_room(requests: usize, words: usize, bytes: usize) -> Self {
        let pipeline = Pipeline {
            bytes: Bytes::new(),
            words: Vec::with_capacity(words),
            heads: Vec::with_capacity(requests),
        };
        Self { bytes: Vec::with_capacity(bytes), pipeline }
    }

    /// Adds a request.
    pub fn push<'a>(
        &mut self,
        command: Option<&'static Command>,
        words: impl Iterator<Item = &'a [u8]>,
    ) {
        words.for_each(|word| self.word(word));
        self.close(command);
    }

    /// Adds a word to the request that is being composed.
    pub fn word(&mut self, word: &[u8]) {
        self.pipeline.push_word(self.bytes.len(), word.len());
        self.bytes.extend_from_slice(word);
    }

    /// Completes the request whose words were added.
    pub fn close(&mut self, command: Option<&'static Command>) {
        self.pipeline.close_request(command);
    }

    /// The number of requests so far.
    pub fn len(&self) -> usize {
        self.pipeline.len()
    }

    /// Whether there is no request yet.
    pub fn is_empty(&self) -> bool {
        self.pipeline.is_empty()
    }

    /// The bytes of all requests so far.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The pipeline.
    pub fn finish(mut self) -> Pipeline {
        self.pipeline.set_bytes(Bytes::from(self.bytes));
        self.pipeline
    }
}

/// One request: its words, and a cursor over the arguments, so that parsing a command reads like its syntax.
///
/// Word 0 is the command's name; the cursor starts behind it.
#[derive(Debug, Clone, Copy)]
pub struct Args<'a> {
    pipeline: &'a Pipeline,
    first: u32,
    count: u32,
    next: u32,
}

impl<'a> Args<'a> {
    /// The number of words, the command's name included.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is not even a name.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Word `index`. A missing word is empty: arity is checked before any command runs.
    pub fn word(&self, index: usize) -> &'a [u8] {
        if index < self.len() {
            self.pipeline.slice(self.pipeline.words[self.first as usize + index])
        } else {
            b""
        }
    }

    /// Word `index` as a value to keep.
    pub fn value(&self, index: usize) -> Bytes {
        let word = self.word(index);
        let whole = &self.pipeline.bytes;
        if word.len() >= SHARE_BYTES_MIN && word.len() >= whole.len() / 2 {
            whole.slice_ref(word)
        } else {
            Bytes::copy_from_slice(word)
        }
    }

    /// All words, name first.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        let args = *self;
        (0..self.len()).map(move |index| args.word(index))
    }

    /// The command's name in lower case, lossy, for error texts.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.word(0)).to_ascii_lowercase()
    }

    /// Where the cursor stands: the index of the word that `next_word` gives.
    pub fn position(&self) -> usize {
        self.next as usize
    }

    /// Moves the cursor to word `index`.
    pub fn seek(&mut self, index: usize) {
        self.next = index as u32;
    }

    /// Whether the cursor has passed the last word.
    pub fn at_end(&self) -> bool {
        self.next >= self.count
    }

    /// How many words are left.
    pub fn left(&self) -> usize {
        self.count.saturating_sub(self.next) as usize
    }

    /// The next word without moving on.
    pub fn peek(&self) -> Option<&'a [u8]> {
        (!self.at_end()).then(|| self.word(self.next as usize))
    }

    /// The next word. Refuses with a syntax error at the end.
    pub fn next_word(&mut self) -> Result<&'a [u8], Refusal> {
        let word = self.peek().ok_or(Refusal::Syntax)?;
        self.next += 1;
        Ok(word)
    }

    /// The next word as a value to keep.
    pub fn next_value(&mut self) -> Result<Bytes, Refusal> {
        self.next_word()?;
        Ok(self.value(self.next as usize - 1))
    }

    /// The next word as an integer.
    pub fn next_int(&mut self) -> Result<i64, Refusal> {
        number::parse_i64(self.next_word()?).ok_or(Refusal::NotInteger)
    }

    /// The next word as the number of a database.
    pub fn next_db(&mut self) -> Result<u8, Refusal> {
        let number = i32::try_from(self.next_int()?).map_err(|_| {
            let (least, most) = (i32::MIN, i32::MAX);
            let text = format!("value is out of range, value must between {least} and {most}");
            Refusal::Custom("ERR", text.into())
        })?;
        let db = u8::try_from(number).ok().filter(|db| usize::from(*db) < DATABASES);
        db.ok_or(Refusal::DbOutOfRange)
    }

    /// What Redis answers when the words behind a subcommand are none that it takes.
    pub fn wrong_subcommand(&self) -> Refusal {
        let before = b"unknown subcommand or wrong number of arguments for '";
        let sent = quoted(self.word(1), QUOTED_BYTES_MAX);
        let container = self.name().to_ascii_uppercase();
        let text = [before, sent, b"'. Try ", container.as_bytes(), b" HELP."].concat();
        Refusal::Custom("ERR", text.into())
    }

    /// The next word as text. Bytes that are not UTF-8 are replaced.
    pub fn next_text(&mut self) -> Result<String, Refusal> {
        Ok(String::from_utf8_lossy(self.next_word()?).into_owned())
    }

    /// Takes the next word if it is this keyword, in any case.
    pub fn accept(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_some_and(|w| w.eq_ignore_ascii_case(keyword.as_bytes()));
        self.next += u32::from(found);
        found
    }

    /// Refuses with a syntax error unless every word was used.
    pub fn finish(&self) -> Result<(), Refusal> {
        if self.at_end() { Ok(()) } else { Err(Refusal::Syntax) }
    }

    /// This request alone, with its own buffer: for a request that outlives its pipeline.
    pub fn detach(&self, command: Option<&'static Command>) -> Arc<Pipeline> {
        let bytes = self.words().map(<[u8]>::len).sum();
        let mut composer = Composer::with_room(1, self.len(), bytes);
        composer.push(command, self.words());
        Arc::new(composer.finish())
    }
}

/// How much of what a client sent is quoted back to it, in bytes: Redis's bound.
pub const QUOTED_BYTES_MAX: usize = 128;

/// What is quoted of a word: so many bytes, and as in Redis nothing from a zero byte on.
pub fn quoted(word: &[u8], most: usize) -> &[u8] {
    let word = &word[..word.len().min(most)];
    word.split(|byte| *byte == 0).next().unwrap_or_default()
}
