//! A node of a stream: its id, and a listpack of the entries.
//!
//! ```text
//!   entries | removed ones | shared fields (how many) | field | field | … | 0 |
//!   flags | ms | seq | value | value | … | words of the entry |                       with the shared fields
//!   flags | ms | seq | fields (how many) | field | value | … | words of the entry |   with its own
//! ```

use super::super::listpack::{self, Builder};
use super::super::reader::Reader;
use super::super::word::Word;
use super::super::writer::Writer;
use crate::collections::stream::{Node, StreamId};

/// The entry was removed.
const REMOVED: i64 = 1;
/// The entry has the shared fields.
const SAME_FIELDS: i64 = 1 << 1;

/// Words of an entry besides its fields and values: the flags and the two parts of the id.
const ENTRY_WORDS: usize = 3;

pub(super) fn write(id: StreamId, node: &Node, out: &mut Writer) {
    let mut listpack = Builder::new();
    let count = |count: usize| count as i64;
    listpack.push_int(node.live() as i64);
    listpack.push_int(node.removed() as i64);
    listpack.push_int(count(node.shared_fields().len()));
    node.shared_fields().for_each(|field| listpack.push(field));
    listpack.push_int(0);
    for entry in node.entries(id) {
        let (fields, same) = (entry.fields, entry.shares_fields());
        let removed = if entry.removed { REMOVED } else { 0 };
        listpack.push_int(removed | if same { SAME_FIELDS } else { 0 });
        listpack.push_int(entry.id.ms.wrapping_sub(id.ms) as i64);
        listpack.push_int(entry.id.seq.wrapping_sub(id.seq) as i64);
        if !same {
            listpack.push_int(count(fields.len()));
        }
        for (field, value) in fields {
            if !same {
                listpack.push(field);
            }
            listpack.push(value);
        }
        listpack.push_int(count(entry_words(fields.len(), same)));
    }
    out.string(&id.to_bytes());
    out.string(&listpack.finish());
}

/// How many words an entry with so many fields takes.
const fn entry_words(fields: usize, same: bool) -> usize {
    ENTRY_WORDS + if same { fields } else { 1 + 2 * fields }
}

/// A node, and its id.
pub(super) fn read(input: &mut Reader<'_>) -> Option<(StreamId, Node)> {
    let id = StreamId::from_bytes(input.string()?[..].try_into().ok()?);
    let packed = input.string()?;
    let mut words = listpack::words(&packed)?;
    let (live, removed) = (take_count(&mut words)?, take_count(&mut words)?);
    let (fields, names) = take_fields(&mut words, 1)?;
    // A node that is new looks at names alone.
    let shared = Pairs { names: Some(names.clone()), rest: names, left: 2 * fields };
    if words.next()?.as_int() != Some(0) {
        return None;
    }
    let mut node = Node::new(id, shared.clone());
    let mut last = None;
    for _ in 0..live.checked_add(removed)? {
        let entry = read_entry(id, &shared, &mut words)?;
        if entry.id < id || last.is_some_and(|last| last >= entry.id) {
            return None;
        }
        let place = node.append(id, entry.id, entry.words);
        if entry.removed {
            node.remove(place);
        }
        last = Some(entry.id);
    }
    let whole = node.live() == live && last.is_some() && words.next().is_none();
    whole.then_some((id, node))
}

struct ReadEntry<'a> {
    id: StreamId,
    removed: bool,
    words: Pairs<'a>,
}

fn read_entry<'a>(
    own_id: StreamId,
    shared: &Pairs<'a>,
    words: &mut listpack::Words<'a>,
) -> Option<ReadEntry<'a>> {
    let mut int = || words.next()?.as_int();
    let (flags, ms, seq) = (int()?, int()?, int()?);
    let id = StreamId {
        ms: own_id.ms.wrapping_add(ms as u64),
        seq: own_id.seq.wrapping_add(seq as u64),
    };
    let same = flags & SAME_FIELDS != 0;
    let pairs = if same {
        let values = words.clone();
        skip(words, shared.left / 2)?;
        Pairs { rest: values, ..shared.clone() }
    } else {
        let (fields, rest) = take_fields(words, 2)?;
        Pairs { names: None, rest, left: 2 * fields }
    };
    let count = words.next()?.as_int()?;
    let right = usize::try_from(count) == Ok(entry_words(pairs.left / 2, same));
    right.then_some(ReadEntry { id, removed: flags & REMOVED != 0, words: pairs })
}

fn take_count(words: &mut listpack::Words<'_>) -> Option<u64> {
    u64::try_from(words.next()?.as_int()?).ok()
}

/// Takes a number of fields, and so many words for each; gives the number, and where the words begin.
fn take_fields<'a>(
    words: &mut listpack::Words<'a>,
    each: usize,
) -> Option<(usize, listpack::Words<'a>)> {
    let fields = usize::try_from(take_count(words)?).ok()?;
    let start = words.clone();
    skip(words, fields.checked_mul(each)?)?;
    Some((fields, start))
}

fn skip(words: &mut listpack::Words<'_>, count: usize) -> Option<()> {
    (0..count).try_for_each(|_| words.next().map(drop))
}

/// Fields and values in turn. Whoever makes one has seen that they are there.
#[derive(Debug, Clone)]
struct Pairs<'a> {
    /// The names of the fields, if they stand apart from the values.
    names: Option<listpack::Words<'a>>,
    /// The values, or names and values in turn.
    rest: listpack::Words<'a>,
    /// Words that are still to come.
    left: usize,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let is_field = self.left.is_multiple_of(2);
        self.left = self.left.checked_sub(1)?;
        match &mut self.names {
            Some(names) if is_field => names.next(),
            _ => self.rest.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}
