//! The index, against a plain look at all documents.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::super::FileDocument;
use super::super::snippet::SNIPPET_BYTES;
use super::*;

fn file(content: &str, version: u64) -> FileDocument {
    let content = Bytes::copy_from_slice(content.as_bytes());
    FileDocument { content, version, editor: "alice".into(), at: 0 }
}

fn question(query: &str) -> Question {
    Question { query: query.to_owned(), scope: Scope::All, count: 10 }
}

fn note(path: &str, file: Option<FileDocument>) -> Notes {
    Notes { files: [(path.as_bytes().into(), file)].into_iter().collect(), ..Notes::default() }
}

fn take(index: &mut Index, notes: Notes) {
    index.take(notes, || false);
}

/// The values of a field of all hits.
fn found(index: &mut Index, question: &Question, field: &'static str) -> Vec<String> {
    let Ok(Reply::Array(hits)) = index.search(question) else { panic!("hits") };
    let value = |hit: &Reply| match hit {
        Reply::Map(fields) => match fields.iter().find(|(name, _)| *name == Reply::text(field)) {
            Some((_, Reply::Bulk(text))) => String::from_utf8_lossy(text).into_owned(),
            other => panic!("{field} is {other:?}"),
        },
        other => panic!("{other:?} is no hit"),
    };
    hits.iter().map(value).collect()
}

#[test]
fn the_document_that_says_most_about_the_words_comes_first() {
    let mut index = Index::new();
    for (path, content) in [
        ("a.md", "The parser reads a header, then the body."),
        ("b.md", "Parsers: the parser of headers is a parser by hand."),
        ("c.md", "Nothing about that."),
        ("docs/parser.md", ""),
    ] {
        take(&mut index, note(path, Some(file(content, 1))));
    }
    let hits = found(&mut index, &question("PARSER header"), "file_key");
    assert_eq!(hits, ["b.md", "a.md", "docs/parser.md"]);
    let snippets = found(&mut index, &question("hand"), "snippet");
    assert!(snippets[0].contains("parser by hand"), "{snippets:?}");
    assert!(found(&mut index, &question("absent"), "file_key").is_empty());
    assert!(matches!(index.search(&question(" .,- ")), Err(Refusal::Fixed(..))));
    let topics = Question { scope: Scope::Topics, ..question("parser") };
    assert!(found(&mut index, &topics, "file_key").is_empty());
    let files = Question { scope: Scope::Files, count: 1, ..question("parser") };
    assert_eq!(found(&mut index, &files, "file_key"), ["b.md"]);
}

#[test]
fn a_snippet_is_a_line_of_bounded_length() {
    let mut index = Index::new();
    let content = format!("{}\n\n needle\tin\n{}", "hay ".repeat(200), "é".repeat(500));
    take(&mut index, note("a", Some(file(&content, 1))));
    take(&mut index, note("needle", Some(file(&"é".repeat(500), 1))));
    for snippet in found(&mut index, &question("needle"), "snippet") {
        assert!(!snippet.contains('\n') && snippet.len() <= 2 * SNIPPET_BYTES, "{snippet}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Vec<u8>),
    Delete(u8),
    Clear,
    Search(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let words = prop::collection::vec(0..6u8, 0..4);
    prop_oneof![
        6 => (0..5u8, words).prop_map(|(path, words)| Step::Put(path, words)),
        2 => (0..5u8).prop_map(Step::Delete),
        1 => Just(Step::Clear),
        4 => (0..6u8).prop_map(Step::Search),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// The model: the words of each file.
    #[test]
    fn finds_what_a_look_at_every_file_finds(steps in prop::collection::vec(step(), 0..25)) {
        let mut index = Index::new();
        let mut model: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(path, words) => {
                    let content = words.iter().map(|word| format!("word{word} ")).collect::<String>();
                    take(&mut index, note(&format!("p{path}"), Some(file(&content, 1))));
                    model.insert(path, words);
                }
                Step::Delete(path) => {
                    take(&mut index, note(&format!("p{path}"), None));
                    model.remove(&path);
                }
                Step::Clear => {
                    take(&mut index, Notes { files_cleared: true, ..Notes::default() });
                    model.clear();
                }
                Step::Search(word) => {
                    let mut hits = found(&mut index, &question(&format!("word{word}")), "file_key");
                    hits.sort();
                    let holding = model.iter().filter(|(_, words)| words.contains(&word));
                    prop_assert_eq!(hits, holding.map(|(path, _)| format!("p{path}")).collect::<Vec<_>>());
                }
            }
        }
    }
}
