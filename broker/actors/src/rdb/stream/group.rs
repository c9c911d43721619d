//! A group of a stream: what is pending in it, and then its consumers, each with the ids of what it has.

use std::collections::BTreeMap;

use super::super::kind::Kind;
use super::super::reader::Reader;
use super::super::writer::Writer;
use crate::collections::stream::{Group, Stream, StreamId};

/// In place of how many entries a group was given, when nobody knows.
const UNKNOWN: i64 = -1;

pub(super) fn write(name: &[u8], group: &Group, out: &mut Writer) {
    out.string(name);
    out.id(group.last_id);
    out.length(group.read_count.unwrap_or(UNKNOWN) as u64);
    out.count(group.pending_count());
    for (id, pending) in group.pending(StreamId::MIN..=StreamId::MAX) {
        out.raw(&id.to_bytes());
        out.raw(&pending.delivered_ms.to_le_bytes());
        out.length(pending.deliveries);
    }
    out.count(group.consumer_count());
    for consumer in group.consumers() {
        out.string(&consumer.name);
        out.raw(&consumer.seen_ms.to_le_bytes());
        out.count(consumer.pending.len());
        consumer.pending.iter().for_each(|id| out.raw(&id.to_bytes()));
    }
}

/// When an entry was given, and how often.
type Delivery = (u64, u64);

/// Reads a group and adds it to the stream.
pub(super) fn read(kind: Kind, input: &mut Reader<'_>, stream: &mut Stream) -> Option<()> {
    let (name, last_id) = (input.string()?, input.id()?);
    let read_count = match kind {
        Kind::Stream2 => Some(input.length()? as i64).filter(|count| *count != UNKNOWN),
        _ => stream.log.position(last_id),
    };
    if !stream.groups.add(&name, last_id, read_count) {
        return None;
    }
    let group = stream.groups.get_mut(&name)?;
    let mut pending: BTreeMap<StreamId, Delivery> = BTreeMap::new();
    for _ in 0..input.count()? {
        let id = input.raw_id()?;
        let delivery = (input.time_ms()?, input.length()?);
        if pending.insert(id, delivery).is_some() {
            return None;
        }
    }
    for _ in 0..input.count()? {
        read_consumer(input, group, &mut pending)?;
    }
    // Somebody has each of them.
    pending.is_empty().then_some(())
}

/// Reads a consumer, who takes what it has from what is pending.
fn read_consumer(
    input: &mut Reader<'_>,
    group: &mut Group,
    pending: &mut BTreeMap<StreamId, Delivery>,
) -> Option<()> {
    let (name, seen_ms) = (input.string()?, input.time_ms()?);
    if !group.add_consumer(&name, seen_ms) {
        return None;
    }
    let consumer = group.see_consumer(&name, seen_ms);
    for _ in 0..input.count()? {
        let id = input.raw_id()?;
        let delivery = pending.remove(&id)?;
        let given = group.assign(id, consumer);
        (given.delivered_ms, given.deliveries) = delivery;
    }
    Some(())
}
