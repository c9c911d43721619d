//! Taking over what another consumer was given and did not acknowledge.

use super::{BASE, c_str, read_group_mut, see_consumer};
use crate::call::Call;
use crate::collections::number;
use crate::collections::stream::{Entries, Group, Log, StreamId};
use crate::command::Runs;
use crate::keyspace::Keyspace;
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static XCLAIM: Command = Command {
    name: "xclaim",
    arity: -6,
    tips: &["nondeterministic_output"],
    complexity: "O(log N) for each id, with N pending entries",
    summary: "Takes over pending entries by their ids.",
    syntax: "key group consumer min-idle-time id [id …] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] \
             [FORCE] [JUSTID] [LASTID id]",
    run: Runs { keyspace: Some(xclaim), ..Runs::NONE },
    ..BASE
};

/// What has been taken over so far, in the form that was asked for.
enum Claimed {
    Ids(Vec<Reply>),
    Entries(Entries),
}

impl Claimed {
    fn new(just_ids: bool) -> Self {
        if just_ids { Self::Ids(Vec::new()) } else { Self::Entries(Entries::default()) }
    }

    fn push(&mut self, id: StreamId, log: &Log) {
        match self {
            Self::Ids(ids) => ids.push(id.into()),
            Self::Entries(entries) => {
                log.range(id, id).for_each(|entry| entries.push(id, entry.fields));
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Ids(ids) => ids.len(),
            Self::Entries(entries) => entries.len(),
        }
    }
}

impl From<Claimed> for Reply {
    fn from(claimed: Claimed) -> Self {
        match claimed {
            Claimed::Ids(ids) => Self::Array(ids),
            Claimed::Entries(entries) => Self::Entries(entries),
        }
    }
}

/// What stands behind the ids of `XCLAIM`.
struct Options {
    /// When the entries count as delivered, in milliseconds since 1970.
    delivered_ms: u64,
    deliveries: Option<u64>,
    /// Whether entries that are pending for nobody are taken too.
    force: bool,
    just_ids: bool,
    last_id: StreamId,
}

impl Options {
    fn parse(call: &mut Call<'_>) -> Result<Self, Refusal> {
        let now = call.now as i64;
        let (mut delivered, mut deliveries) = (None, None);
        let (mut force, mut just_ids, mut last_id) = (false, false, StreamId::MIN);
        while let Some(option) = call.peek() {
            let more = call.left() > 1;
            if call.accept("FORCE") {
                force = true;
            } else if call.accept("JUSTID") {
                just_ids = true;
            } else if more && call.accept("IDLE") {
                let idle = int(call, "Invalid IDLE option argument for XCLAIM")?;
                delivered = Some(now.wrapping_sub(idle));
            } else if more && call.accept("TIME") {
                delivered = Some(int(call, "Invalid TIME option argument for XCLAIM")?);
            } else if more && call.accept("RETRYCOUNT") {
                let count = int(call, "Invalid RETRYCOUNT option argument for XCLAIM")?;
                deliveries = u64::try_from(count).ok();
            } else if more && call.accept("LASTID") {
                last_id = StreamId::parse(call.next_word()?, 0)?;
            } else {
                let text = [b"Unrecognized XCLAIM option '", c_str(option), b"'"].concat();
                return Err(Refusal::Custom("ERR", text.into()));
            }
        }
        // A time that cannot be is taken for now: the client's clock may be wrong.
        let delivered = delivered.filter(|at| (0..=now).contains(at)).unwrap_or(now);
        Ok(Self { delivered_ms: delivered.unsigned_abs(), deliveries, force, just_ids, last_id })
    }
}

fn xclaim(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    let (log, group) = read_group_mut(state, call)?;
    call.seek(4);
    let idle_ms_min = int(call, "Invalid min-idle-time argument for XCLAIM")?;
    let mut ids = Vec::with_capacity(call.left());
    while let Some(id) = call.peek().and_then(|word| StreamId::parse(word, 0).ok()) {
        ids.push(id);
        call.next_word()?;
    }
    let options = Options::parse(call)?;
    group.last_id = group.last_id.max(options.last_id);
    let mut claimed = Claimed::new(options.just_ids);
    for id in ids {
        if !log.contains(id) {
            group.release(id);
            continue;
        }
        let is_pending = group.pending_at(id).is_some();
        let is_free = match is_pending {
            true => is_idle(group, id, idle_ms_min, call.now),
            false => options.force,
        };
        if is_free {
            let consumer = see_consumer(group, call.word(1), call.word(3), call);
            let pending = group.assign(id, consumer);
            pending.delivered_ms = options.delivered_ms;
            // What nobody had counts as delivered once before, as Redis has it.
            let before = pending.deliveries.max(u64::from(!is_pending));
            let again = before.wrapping_add(u64::from(!options.just_ids));
            pending.deliveries = options.deliveries.unwrap_or(again);
            claimed.push(id, log);
        }
    }
    Ok(claimed.into())
}

pub(super) static XAUTOCLAIM: Command = Command {
    name: "xautoclaim",
    arity: -6,
    access: &["RW delete"],
    tips: &["nondeterministic_output"],
    since: "6.2.0",
    complexity: "O(1) for a small count",
    summary: "Takes over pending entries that were given to a consumer long ago.",
    syntax: "key group consumer min-idle-time start [COUNT count] [JUSTID]",
    run: Runs { keyspace: Some(xautoclaim), ..Runs::NONE },
    ..BASE
};

/// How many entries are taken over at the most, unless the request says otherwise.
const COUNT_DEFAULT: i64 = 100;
/// For each entry that may be taken over, so many are looked at.
const LOOKS: usize = 10;
/// The greatest count that Redis takes.
const COUNT_MAX: i64 = i64::MAX / 16;

fn xautoclaim(state: &mut Keyspace, call: &mut Call<'_>) -> Outcome {
    call.seek(4);
    let idle_ms_min = int(call, "Invalid min-idle-time argument for XAUTOCLAIM")?;
    let start = StreamId::parse_start(call.next_word()?)?;
    let (mut count, mut just_ids) = (COUNT_DEFAULT, false);
    while !call.at_end() {
        if call.left() > 1 && call.accept("COUNT") {
            count = int(call, "COUNT must be > 0")?;
            if !(1..=COUNT_MAX).contains(&count) {
                return Err(Refusal::Fixed("ERR", "COUNT must be > 0"));
            }
        } else if call.accept("JUSTID") {
            just_ids = true;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let count = count as usize;
    let (log, group) = read_group_mut(state, call)?;
    let mut claimed = Claimed::new(just_ids);
    let mut gone: Vec<Reply> = Vec::new();
    let mut looks = count.saturating_mul(LOOKS);
    let mut next = first_pending(group, Some(start));
    while let Some(id) = next {
        if looks == 0 || claimed.len() + gone.len() == count {
            break;
        }
        looks -= 1;
        next = first_pending(group, id.successor());
        if !log.contains(id) {
            group.release(id);
            gone.push(id.into());
        } else if is_idle(group, id, idle_ms_min, call.now) {
            let consumer = see_consumer(group, call.word(1), call.word(3), call);
            let pending = group.assign(id, consumer);
            pending.delivered_ms = call.now;
            pending.deliveries = pending.deliveries.wrapping_add(u64::from(!just_ids));
            claimed.push(id, log);
        }
    }
    let next = next.unwrap_or(StreamId::MIN);
    Ok(Reply::Array(vec![next.into(), claimed.into(), Reply::Array(gone)]))
}

/// The first id from this one on that is pending.
fn first_pending(group: &Group, start: Option<StreamId>) -> Option<StreamId> {
    group.pending(start?..=StreamId::MAX).next().map(|(id, _)| id)
}

/// Whether a pending entry was given to its consumer at least so long ago.
fn is_idle(group: &Group, id: StreamId, idle_ms_min: i64, now: u64) -> bool {
    let given = group.pending_at(id).map_or(0, |pending| pending.delivered_ms);
    idle_ms_min <= 0 || now as i64 - given as i64 >= idle_ms_min
}

/// The next word as an integer.
fn int(call: &mut Call<'_>, refusal: &'static str) -> Result<i64, Refusal> {
    number::parse_i64(call.next_word()?).ok_or(Refusal::Fixed("ERR", refusal))
}
