//! Lists. Redis keeps one as nodes of up to 8 KB, each a listpack, and writes them as they are; ours are filled from the
//! front, as those of a list that has only grown at its end.

use super::kind::Kind;
use super::listpack::{self, Builder};
use super::reader::Reader;
use super::writer::Writer;
use super::ziplist;
use crate::collections::List;

/// Redis's default of `list-max-listpack-size`, -2: the most bytes of a node with more than one element.
const NODE_BYTES_MAX: usize = 8192;
/// What an element may take besides its bytes, as Redis estimates it.
const ELEMENT_OVERHEAD: usize = 8;

/// A node that is one element.
const PLAIN: u64 = 1;
/// A node that is a listpack.
const PACKED: u64 = 2;

pub(super) fn write(list: &List, out: &mut Writer) {
    let mut nodes = vec![Builder::new()];
    for element in list.iter() {
        if let Some(last) = nodes.last()
            && last.words() > 0
            && last.len() + element.len() + ELEMENT_OVERHEAD > NODE_BYTES_MAX
        {
            nodes.push(Builder::new());
        }
        if let Some(last) = nodes.last_mut() {
            last.push(element);
        }
    }
    out.kind(Kind::Quicklist2);
    out.count(nodes.len());
    for node in nodes {
        out.length(PACKED);
        out.string(&node.finish());
    }
}

pub(super) fn read(kind: Kind, input: &mut Reader<'_>) -> Option<List> {
    let mut list = List::new();
    let nodes = if kind == Kind::ListZiplist { 1 } else { input.some_count()? };
    for _ in 0..nodes {
        let container = if kind == Kind::Quicklist2 { input.length()? } else { PACKED };
        let node = input.string()?;
        match (kind, container) {
            (Kind::List, _) => list.push_back(&node),
            (Kind::Quicklist2, PLAIN) if !node.is_empty() => list.push_back(&node),
            (Kind::Quicklist2, PACKED) => {
                listpack::words(&node)?.for_each(|word| list.push_back(&word));
            }
            (Kind::Quicklist | Kind::ListZiplist, _) => {
                ziplist::words(&node)?.for_each(|word| list.push_back(&word));
            }
            _ => return None,
        }
    }
    // Empty nodes are passed over, but there must be something.
    (!list.is_empty()).then_some(list)
}
