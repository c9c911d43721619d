//! Streams: nodes of entries, what is remembered of entries that are no more, and the groups.

mod group;
mod node;

use super::kind::Kind;
use super::reader::Reader;
use super::writer::Writer;
use crate::collections::stream::{History, Stream, StreamId};

pub(super) fn write(stream: &Stream, out: &mut Writer) {
    let log = &stream.log;
    out.kind(Kind::Stream2);
    out.count(log.node_count());
    log.nodes().for_each(|(id, node)| node::write(id, node, out));
    out.count(log.len());
    [log.last_id(), log.first_id(), log.removed_max()].into_iter().for_each(|id| out.id(id));
    out.length(log.added());
    out.count(stream.groups.len());
    stream.groups.iter().for_each(|(name, group)| group::write(name, group, out));
}

pub(super) fn read(kind: Kind, input: &mut Reader<'_>) -> Option<Stream> {
    let mut stream = Stream::default();
    for _ in 0..input.count()? {
        let (id, node) = node::read(input)?;
        stream.log.add_node(id, node)?;
    }
    let (len, last_id) = (input.length()?, input.id()?);
    let history = if kind == Kind::Stream2 {
        // Which entry is the first is plain to see.
        let (_first_id, removed_max, added) = (input.id()?, input.id()?, input.length()?);
        History { last_id, removed_max, added }
    } else {
        History { last_id, removed_max: StreamId::MIN, added: len }
    };
    stream.log.set_nodes_history(history)?;
    if stream.log.len() as u64 != len {
        return None;
    }
    for _ in 0..input.count()? {
        group::read(kind, input, &mut stream)?;
    }
    Some(stream)
}
