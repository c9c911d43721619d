//! The index: which documents hold which words, ranked by BM25.
//!
//! The work is tantivy's, in memory. Words are runs of letters and digits; neither case nor accents count,
//! and English endings are cut off, so that `tests` finds `test`.

use std::collections::BTreeSet;

use ahash::AHashMap;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer,
};
use tantivy::{
    Index as Tantivy, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term,
};

use super::desk::Notes;
use super::document::Document;
use super::{Question, Scope};
use crate::{Outcome, Refusal, Reply};

/// Memory for documents that are not searchable yet, in bytes: the least that tantivy takes.
const WRITER_BYTES: usize = 15_000_000;
/// Longer words are not indexed, in bytes: they are no words.
const WORD_BYTES_MAX: usize = 64;
/// How many different words of a query count.
const WORDS_MAX: usize = 32;
/// How long a snippet is, in bytes.
const SNIPPET_BYTES: usize = 200;
/// The name of what cuts texts into words.
const ANALYZER: &str = "words";

/// What a document is, as the index knows it.
const KIND_MESSAGE: u64 = 0;
const KIND_FILE: u64 = 1;

/// The index.
pub(super) struct Index {
    writer: IndexWriter,
    reader: IndexReader,
    analyzer: TextAnalyzer,
    id: Field,
    kind: Field,
    text: Field,
    /// What is indexed, by its number. Messages have even ones, files odd ones.
    documents: AHashMap<u64, Document>,
    /// The numbers of files.
    files: AHashMap<Box<[u8]>, u64>,
    next_file: u64,
    /// Whether something has changed that searches do not see yet.
    changed: bool,
}

impl Index {
    /// An empty index.
    pub(super) fn new() -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        let id = schema.add_u64_field("id", INDEXED | FAST);
        let kind = schema.add_u64_field("kind", INDEXED);
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqs);
        let text = TextOptions::default().set_indexing_options(indexing);
        let text = schema.add_text_field("text", text);
        let index = Tantivy::create_in_ram(schema.build());
        let analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(RemoveLongFilter::limit(WORD_BYTES_MAX))
            .filter(LowerCaser)
            .filter(AsciiFoldingFilter)
            .filter(Stemmer::new(Language::English))
            .build();
        index.tokenizers().register(ANALYZER, analyzer.clone());
        Ok(Self {
            writer: index.writer_with_num_threads(1, WRITER_BYTES)?,
            reader: index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?,
            analyzer,
            id,
            kind,
            text,
            documents: AHashMap::new(),
            files: AHashMap::new(),
            next_file: 1,
            changed: false,
        })
    }

    /// Makes true what the notes say, unless `stopped` says that nobody wants to know any more.
    pub(super) fn take(&mut self, notes: Notes, stopped: impl Fn() -> bool) -> tantivy::Result<()> {
        let Notes { topics_cleared, files_cleared, messages, files } = notes;
        if topics_cleared {
            self.clear(KIND_MESSAGE);
        }
        if files_cleared {
            self.clear(KIND_FILE);
            self.files.clear();
        }
        for (sequence, message) in messages {
            let number = sequence << 1;
            self.remove(number);
            if let Some(message) = message {
                self.add(number, Document::Message(message))?;
            }
            if stopped() {
                return Ok(());
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
                self.add(number, Document::File(path, file))?;
            }
            if stopped() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn add(&mut self, number: u64, document: Document) -> tantivy::Result<()> {
        let Some(text) = document.text() else { return Ok(()) };
        let mut fields = TantivyDocument::default();
        fields.add_u64(self.id, number);
        fields.add_u64(self.kind, number & 1);
        fields.add_text(self.text, text.about);
        fields.add_text(self.text, text.content);
        self.writer.add_document(fields)?;
        self.documents.insert(number, document);
        self.changed = true;
        Ok(())
    }

    fn remove(&mut self, number: u64) {
        if self.documents.remove(&number).is_some() {
            self.writer.delete_term(Term::from_field_u64(self.id, number));
            self.changed = true;
        }
    }

    fn clear(&mut self, kind: u64) {
        self.documents.retain(|number, _| number & 1 != kind);
        self.writer.delete_term(Term::from_field_u64(self.kind, kind));
        self.changed = true;
    }

    /// The documents that hold the words, best first.
    pub(super) fn search(&mut self, question: &Question) -> tantivy::Result<Outcome> {
        let words = self.words(&question.query);
        if words.is_empty() {
            return Ok(Err(Refusal::Fixed("ERR", "the query holds no word")));
        }
        if self.changed {
            self.writer.commit()?;
            self.reader.reload()?;
            self.changed = false;
        }
        let searcher = self.reader.searcher();
        let any: Box<dyn Query> = Box::new(self.any_of(&words));
        let best = TopDocs::with_limit(question.count).order_by_score();
        let found = searcher.search(&within(question.scope, self.kind, any.box_clone()), &best)?;
        let mut snippets = SnippetGenerator::create(&searcher, &*any, self.text)?;
        snippets.set_max_num_chars(SNIPPET_BYTES);
        let hits = found.into_iter().filter_map(|(score, place)| {
            let number = number_at(&searcher, place)?;
            Some(hit(score, self.documents.get(&number)?, &snippets))
        });
        Ok(Ok(Reply::Array(hits.collect())))
    }

    fn words(&mut self, query: &str) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        let mut tokens = self.analyzer.token_stream(query);
        while words.len() < WORDS_MAX && tokens.advance() {
            words.insert(tokens.token().text.clone());
        }
        words
    }

    fn any_of(&self, words: &BTreeSet<String>) -> BooleanQuery {
        let term = |word| Term::from_field_text(self.text, word);
        let query = |word| TermQuery::new(term(word), IndexRecordOption::WithFreqs);
        let queries = words
            .iter()
            .map(|word| -> (Occur, Box<dyn Query>) { (Occur::Should, Box::new(query(word))) });
        BooleanQuery::new(queries.collect())
    }
}

/// A query in one kind of documents alone, which does not change the scores.
fn within(scope: Scope, kind: Field, query: Box<dyn Query>) -> Box<dyn Query> {
    let wanted = match scope {
        Scope::All => return query,
        Scope::Topics => KIND_MESSAGE,
        Scope::Files => KIND_FILE,
    };
    let wanted = TermQuery::new(Term::from_field_u64(kind, wanted), IndexRecordOption::Basic);
    let wanted = BoostQuery::new(Box::new(wanted), 0.0);
    Box::new(BooleanQuery::new(vec![(Occur::Must, query), (Occur::Must, Box::new(wanted))]))
}

fn number_at(searcher: &Searcher, place: tantivy::DocAddress) -> Option<u64> {
    let segment = searcher.segment_reader(place.segment_ord);
    segment.fast_fields().u64("id").ok()?.first(place.doc_id)
}

fn hit(score: f32, document: &Document, snippets: &SnippetGenerator) -> Reply {
    let content = document.text().unwrap_or_default().content;
    let snippet = snippets.snippet(&content);
    // Where the words stand in a path, a topic or a tag alone, the beginning says most.
    let whole = content.len() <= SNIPPET_BYTES || snippet.is_empty();
    let shown = if whole { beginning(&content) } else { snippet.fragment() };
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut fields = document.about();
    fields.push((Reply::text("score"), Reply::Double(f64::from(score))));
    fields.push((Reply::text("snippet"), shown.into()));
    Reply::Map(fields)
}

/// As much of a text as a snippet holds.
fn beginning(text: &str) -> &str {
    let cut = (0..=SNIPPET_BYTES).rev().find(|at| text.is_char_boundary(*at));
    if text.len() > SNIPPET_BYTES { &text[..cut.unwrap_or(0)] } else { text }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
