//! The index: which documents hold which words, ranked by BM25. The ranking is the crate `bm25`'s.

use std::collections::BTreeSet;

use ahash::AHashMap;
use bm25::{Embedder, EmbedderBuilder, Embedding, Scorer, TokenEmbedder, TokenEmbedding};

use super::desk::Notes;
use super::document::{Document, Text};
use super::snippet::snippet;
use super::words::Words;
use super::{Question, Scope};
use crate::{Outcome, Refusal, Reply};

/// How many different words of a query count.
const WORDS_MAX: usize = 32;
/// How many words a document has on average, as the ranking takes it: what is said on topics has fewer, files have more.
const WORDS_MEAN: f32 = 256.0;
/// The scorer keeps an empty place for each word that nobody uses any more. When so many documents have left, and twice as
/// many as are there, it is made anew.
const LEFT_MAX: usize = 10_000;

/// The index.
pub(super) struct Index {
    scorer: Scorer<u64, u64>,
    embedder: Embedder<u64, Words>,
    words: Words,
    /// What is indexed, by its number. Messages have even ones, files odd ones.
    documents: AHashMap<u64, Document>,
    /// The numbers of files.
    files: AHashMap<Box<[u8]>, u64>,
    next_file: u64,
    /// How many documents have left since the scorer was made.
    left: usize,
}

impl Index {
    /// An empty index.
    pub(super) fn new() -> Self {
        Self {
            scorer: Scorer::new(),
            embedder: EmbedderBuilder::with_avgdl(WORDS_MEAN).build(),
            words: Words::default(),
            documents: AHashMap::new(),
            files: AHashMap::new(),
            next_file: 1,
            left: 0,
        }
    }

    /// Makes true what the notes say, unless `stopped` says that nobody wants to know any more.
    pub(super) fn take(&mut self, notes: Notes, stopped: impl Fn() -> bool) {
        let Notes { topics_cleared, files_cleared, messages, files } = notes;
        if topics_cleared {
            self.clear(Scope::Topics);
        }
        if files_cleared {
            self.clear(Scope::Files);
            self.files.clear();
        }
        for (sequence, message) in messages {
            let number = sequence << 1;
            self.remove(number);
            if let Some(message) = message {
                self.add(number, Document::Message(message));
            }
            if stopped() {
                return;
            }
        }
        for (path, file) in files {
            if let Some(number) = self.files.remove(&path) {
                self.remove(number);
            }
            if let Some(file) = file {
                let number = self.next_file;
                self.next_file += 2;
                self.files.insert(path.clone(), number);
                self.add(number, Document::File(path, file));
            }
            if stopped() {
                return;
            }
        }
        if self.left > LEFT_MAX + 2 * self.documents.len() {
            self.start_anew(stopped);
        }
    }

    fn add(&mut self, number: u64, document: Document) {
        if let Some(text) = document.text() {
            self.scorer.upsert(&number, embed(&self.embedder, text));
            self.documents.insert(number, document);
        }
    }

    fn remove(&mut self, number: u64) {
        if self.documents.remove(&number).is_some() {
            self.scorer.remove(&number);
            self.left += 1;
        }
    }

    fn clear(&mut self, scope: Scope) {
        let numbers = self.documents.keys().copied().filter(|number| scope.holds(*number));
        for number in numbers.collect::<Vec<_>>() {
            self.remove(number);
        }
    }

    fn start_anew(&mut self, stopped: impl Fn() -> bool) {
        self.scorer = Scorer::new();
        self.left = 0;
        for (number, document) in &self.documents {
            if let Some(text) = document.text() {
                self.scorer.upsert(number, embed(&self.embedder, text));
            }
            if stopped() {
                return;
            }
        }
    }

    /// The documents that hold the words, best first; among equals those indexed first.
    ///
    /// # Errors
    /// If the query holds no word.
    pub(super) fn search(&self, question: &Question) -> Outcome {
        let words: BTreeSet<String> =
            self.words.of(&question.query).map(|(_, word)| word).take(WORDS_MAX).collect();
        if words.is_empty() {
            return Err(Refusal::Fixed("ERR", "the query holds no word"));
        }
        let wanted =
            words.iter().map(|word| TokenEmbedding { index: u64::embed(word), value: 1.0 });
        let mut found = self.scorer.matches(&Embedding(wanted.collect()));
        found.retain(|hit| question.scope.holds(hit.id));
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        let hits = found.iter().take(question.count).filter_map(|found| {
            let document = self.documents.get(&found.id)?;
            let content = document.text().unwrap_or_default().content;
            let mut fields = document.about();
            fields.push((Reply::text("score"), Reply::Double(f64::from(found.score))));
            let shown = snippet(&content, &self.words, &words);
            fields.push((Reply::text("snippet"), shown.into()));
            Some(Reply::Map(fields))
        });
        Ok(Reply::Array(hits.collect()))
    }
}

impl Scope {
    /// Whether the document with this number belongs to it.
    const fn holds(self, number: u64) -> bool {
        match self {
            Self::All => true,
            Self::Topics => number & 1 == 0,
            Self::Files => number & 1 == 1,
        }
    }
}

/// The weights of a text's words, each word once: the scorer looks for the first.
fn embed(embedder: &Embedder<u64, Words>, text: Text) -> Embedding<u64> {
    let Text { mut about, content } = text;
    about.push('\n');
    about.push_str(&content);
    let mut words = embedder.embed(&about).0;
    words.sort_unstable_by_key(|word| word.index);
    words.dedup_by_key(|word| word.index);
    words.shrink_to_fit();
    Embedding(words)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
