//! Words, as the index knows them.
//!
//! A word is a run of letters and digits. Neither case nor accents count, and English endings are cut off, so that
//! `tests` finds `test`.

use std::ops::Range;

use bm25::Tokenizer;
use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer runs are left out, in bytes: they are no words.
const WORD_BYTES_MAX: usize = 64;

/// Cuts texts into words.
pub(super) struct Words {
    stemmer: Stemmer,
}

impl Default for Words {
    fn default() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English) }
    }
}

impl Words {
    /// The words of a text, each with the bytes it stands at.
    pub(super) fn of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, String)> {
        let words = runs(text).filter(|run| run.len() <= WORD_BYTES_MAX);
        words.map(|run| (run.clone(), self.stem(&text[run])))
    }

    fn stem(&self, run: &str) -> String {
        let lower = run.to_lowercase();
        if lower.is_ascii() {
            return self.stemmer.stem(&lower).into_owned();
        }
        let plain: String = lower.nfd().filter(|letter| !is_combining_mark(*letter)).collect();
        self.stemmer.stem(&plain).into_owned()
    }
}

impl Tokenizer for Words {
    fn tokenize(&self, text: &str) -> Vec<String> {
        self.of(text).map(|(_, word)| word).collect()
    }
}

/// Where letters and digits stand together.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphanumeric)?;
        let len = text[start..].find(|letter: char| !letter.is_alphanumeric());
        rest = len.map_or(text.len(), |len| start + len);
        Some(start..rest)
    })
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::{Words, runs};

    #[test]
    fn neither_case_nor_accents_nor_endings_count() {
        let words: Vec<_> = Words::default().of("Tests of CAFÉ-parsers, v2!").collect();
        let texts: Vec<_> = words.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(texts, ["test", "of", "cafe", "parser", "v2"]);
        assert_eq!(words[2].0, 9..14);
    }

    #[test]
    fn what_is_too_long_is_no_word() {
        let text = format!("{} a", "x".repeat(65));
        assert_eq!(Words::default().of(&text).count(), 1);
        assert_eq!(runs(" .,- ").count(), 0);
        assert_eq!(runs("é").collect::<Vec<_>>(), [Range { start: 0, end: 2 }]);
    }
}
