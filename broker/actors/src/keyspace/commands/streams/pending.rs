//! What was given to consumers: acknowledging it, and looking at what was not acknowledged.

use super::{BASE, no_group};
use crate::call::Call;
use crate::collections::Stream;
use crate::collections::stream::{Group, StreamId};
use crate::command::{Flags, Runs};
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XACK: Command = Command {
    name: "xack",
    arity: -4,
    complexity: "O(log N) for each id, with N pending entries",
    summary: "Acknowledges entries, which are no longer pending, and answers how many were.",
    syntax: "key group id [id …]",
    run: Runs { keyspace: Some(xack), ..Runs::NONE },
    ..BASE
};

fn xack(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    // As in Redis, what is looked up counts as read.
    state.find::<Stream>(call, call.word(1))?;
    let stream = state.find_mut::<Stream>(call, call.word(1))?;
    let Some(group) = stream.and_then(|stream| stream.groups.get_mut(call.word(2))) else {
        return Ok(Reply::Int(0));
    };
    let ids = || call.words().skip(3).map(|word| StreamId::parse(word, 0));
    // All ids are read before anything is acknowledged.
    ids().try_for_each(|id| id.map(drop))?;
    Ok(Reply::len(ids().flatten().filter(|id| group.release(*id)).count()))
}

pub(super) static XPENDING: Command = Command {
    name: "xpending",
    arity: -3,
    flags: Flags::READONLY,
    tips: &["nondeterministic_output"],
    complexity: "O(N) for N pending entries that are looked at; O(N) for N consumers without a range",
    summary: "Shows what consumers of a group have not acknowledged.",
    syntax: "key group [[IDLE min-idle-time] start end count [consumer]]",
    run: Runs { keyspace: Some(xpending), ..Runs::NONE },
    ..BASE
};

/// Which pending entries are asked for.
struct Query<'a> {
    idle_ms_min: i64,
    start: StreamId,
    end: StreamId,
    count: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> Query<'a> {
    /// `None`: not entries are asked for, but how many there are.
    fn parse(call: &mut Call<'a>) -> Result<Option<Self>, Refusal> {
        if call.len() == 3 {
            return Ok(None);
        }
        if !(6..=9).contains(&call.len()) {
            return Err(Refusal::Syntax);
        }
        call.seek(3);
        let mut idle_ms_min = 0;
        if call.accept("IDLE") {
            idle_ms_min = call.next_int()?;
            if call.left() < 3 {
                return Err(Refusal::Syntax);
            }
        }
        let (start, end) = (call.next_word()?, call.next_word()?);
        let count = usize::try_from(call.next_int()?).unwrap_or(0);
        let (start, end) = (StreamId::parse_start(start)?, StreamId::parse_end(end)?);
        Ok(Some(Self { idle_ms_min, start, end, count, consumer: call.next_word().ok() }))
    }

    fn run(&self, group: &Group, now: u64) -> Reply {
        let of_consumer = self.consumer.map(|name| group.consumer(name));
        let ids = self.start..=self.end;
        let idle = |id: &StreamId| {
            let pending = group.pending_at(*id)?;
            let idle_ms = now as i64 - pending.delivered_ms as i64;
            (idle_ms >= self.idle_ms_min || self.idle_ms_min == 0).then_some((*pending, idle_ms))
        };
        let show = |id: StreamId| {
            let (pending, idle_ms) = idle(&id)?;
            let deliveries = pending.deliveries as i64;
            let name = Reply::copy(group.name(&pending));
            Some(Reply::Array(vec![id.into(), name, idle_ms.max(0).into(), deliveries.into()]))
        };
        let found: Vec<Reply> = match of_consumer {
            _ if ids.is_empty() => Vec::new(),
            Some(None) => Vec::new(),
            Some(Some(consumer)) => {
                let ids = consumer.pending.range(ids).copied();
                ids.filter_map(show).take(self.count).collect()
            }
            None => group.pending(ids).filter_map(|(id, _)| show(id)).take(self.count).collect(),
        };
        Reply::Array(found)
    }
}

fn xpending(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let query = Query::parse(call)?;
    let (key, name) = (call.word(1), call.word(2));
    let stream = state.find::<Stream>(call, key)?;
    let group = stream.and_then(|stream| stream.groups.get(name));
    let group = group.ok_or_else(|| no_group(key, name, ""))?;
    Ok(match query {
        Some(query) => query.run(group, call.now),
        None => summary(group),
    })
}

/// How much is pending, from where to where, and for whom.
fn summary(group: &Group) -> Reply {
    let mut ids = group.pending(StreamId::MIN..=StreamId::MAX).map(|(id, _)| id);
    let Some(first) = ids.next() else {
        return Reply::Array(vec![Reply::Int(0), Reply::Nil, Reply::Nil, Reply::NilArray]);
    };
    let last = ids.next_back().unwrap_or(first);
    let busy = group.consumers().filter(|consumer| !consumer.pending.is_empty());
    let busy = busy.map(|consumer| {
        let count = consumer.pending.len().to_string();
        Reply::Array(vec![Reply::copy(&consumer.name), count.into()])
    });
    let count = Reply::len(group.pending_count());
    Reply::Array(vec![count, first.into(), last.into(), Reply::Array(busy.collect())])
}
