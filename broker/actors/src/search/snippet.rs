//! The part of a text that shows why it was found.

use std::collections::BTreeSet;
use std::ops::Range;

use super::words::Words;

/// How long a snippet is at most, in bytes.
pub(super) const SNIPPET_BYTES: usize = 200;
/// How much is shown of what stands before the first of the words, in bytes.
const LEAD_BYTES: usize = 40;

/// The part of a text with most of the wanted words, as one line. Where none of them stands in the text (but in a path,
/// a topic or a tag) its beginning says most.
pub(super) fn snippet(text: &str, words: &Words, wanted: &BTreeSet<String>) -> String {
    let start = if text.len() <= SNIPPET_BYTES {
        0
    } else {
        let found = words.of(text).filter(|(_, word)| wanted.contains(word));
        let places: Vec<_> = found.map(|(place, _)| place).collect();
        densest(&places).map_or(0, |place| lead(text, place.start))
    };
    let shown = &text[start..boundary(text, start + SNIPPET_BYTES)];
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first of the places that has most of the others close behind it.
fn densest(places: &[Range<usize>]) -> Option<&Range<usize>> {
    let mut best: Option<(usize, &Range<usize>)> = None;
    let mut end = 0;
    for (at, place) in places.iter().enumerate() {
        let limit = place.start + SNIPPET_BYTES - LEAD_BYTES;
        while places.get(end).is_some_and(|place| place.end <= limit) {
            end += 1;
        }
        let close = end.saturating_sub(at);
        if best.is_none_or(|(most, _)| close > most) {
            best = Some((close, place));
        }
    }
    best.map(|(_, place)| place)
}

/// A little before a place, where a word begins.
fn lead(text: &str, place: usize) -> usize {
    let from = boundary(text, place.saturating_sub(LEAD_BYTES));
    if from == 0 {
        return 0;
    }
    text[from..place].find(char::is_whitespace).map_or(place, |space| from + space)
}

/// The last place up to `at` that is not inside of a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{SNIPPET_BYTES, Words, snippet};

    fn shown(text: &str, wanted: &[&str]) -> String {
        snippet(text, &Words::default(), &wanted.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn the_part_with_most_of_the_words_is_shown() {
        let hay = "hay ".repeat(100);
        let text = format!("needle {hay} a needle\tand\nthread {hay}");
        let part = shown(&text, &["needl", "thread"]);
        assert!(part.contains("hay a needle and thread hay"), "{part}");
        assert!(part.len() <= SNIPPET_BYTES);
    }

    #[test]
    fn the_beginning_says_most_where_no_word_stands() {
        assert_eq!(shown("  short\ntext ", &["absent"]), "short text");
        let long = "é".repeat(500);
        assert_eq!(shown(&long, &["absent"]), "é".repeat(SNIPPET_BYTES / 2));
    }
}
