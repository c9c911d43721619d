//! `SORT`: the elements of a list, a set or a sorted set in order, or what other keys say of them.

mod options;
mod order;
mod pattern;

use bytes::Bytes;

use crate::call::Call;
use crate::collections::{List, Name};
use crate::command::{Flags, Keys, Runs};
use crate::key_events::events;
use crate::keyspace::{Keyspace, Value};
use crate::{Command, Outcome, Refusal, Reply};
use options::Options;
use order::put_in_order;
use pattern::Pattern;

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&SORT, &SORT_RO];

/// What `COMMAND INFO` says of the keys that the patterns name, and of the one to store at.
const BY_OR_GET: &str = "RO access: For the optional BY/GET keyword. It is marked 'unknown' \
    because the key names derive from the content of the key we sort";
const AT_STORE: &str = "OW update: For the optional STORE keyword. It is marked 'unknown' \
    because the keyword can appear anywhere in the argument array";

static SORT: Command = Command {
    name: "sort",
    arity: -2,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::MOVABLEKEYS),
    keys: Keys::Sort { store: true },
    access: &["RO access", BY_OR_GET, AT_STORE],
    categories: &["set", "sortedset", "list", "dangerous"],
    complexity: "O(N+M*log(M)) for N elements and M answered",
    summary: "Sorts the elements of a list, a set or a sorted set, and answers or keeps them.",
    syntax: "key [BY pattern] [LIMIT offset count] [GET pattern] … [ASC | DESC] [ALPHA] [STORE destination]",
    run: Runs { keyspace: Some(|state, call| sort(state, call, true)), ..Runs::NONE },
    ..Command::BASE
};

static SORT_RO: Command = Command {
    name: "sort_ro",
    flags: Flags::READONLY.with(Flags::MOVABLEKEYS),
    keys: Keys::Sort { store: false },
    access: &["RO access", BY_OR_GET],
    since: "7.0.0",
    summary: "Sorts the elements of a list, a set or a sorted set, and answers them.",
    syntax: "key [BY pattern] [LIMIT offset count] [GET pattern] … [ASC | DESC] [ALPHA]",
    run: Runs { keyspace: Some(|state, call| sort(state, call, false)), ..Runs::NONE },
    ..SORT
};

fn sort(state: &mut Keyspace, call: &mut Call<'_>, stores: bool) -> Outcome {
    let mut options = Options::parse(call, stores)?;
    let (mut elements, is_set) = elements(state, call)?;
    // A set has no order, and what is kept, or what a script does, must not depend on chance.
    let matters = options.store.is_some() || call.caller.scripted;
    if options.unsorted && is_set && matters {
        options.sort_by_names();
    }
    if !options.unsorted {
        elements = put_in_order(state, call, &options, elements)?;
    } else if options.descending && !is_set {
        elements.reverse();
    }
    let window = options.window(elements.len());
    let elements = &elements[window];
    match options.store {
        Some(destination) => store(state, call, destination, elements, &options.gets),
        None => answer(state, call, elements, &options.gets),
    }
}

/// The elements of what is at the call's key, and whether it is a set.
fn elements(state: &mut Keyspace, call: &Call<'_>) -> Result<(Vec<Name>, bool), Refusal> {
    let key = call.word(1);
    // As in Redis, what is sorted once is packed no more.
    if let Some(Value::SortedSet(sorted)) = state.db(call).get_mut(key, call.now) {
        sorted.unpack_for_good();
    }
    let Some(entry) = state.read(call, key) else {
        return Ok((Vec::new(), false));
    };
    let mut found = Vec::new();
    match &entry.value {
        Value::List(list) => found.extend(list.iter().map(Name::from)),
        Value::Set(set) => {
            set.iter().for_each(|member| member.with_bytes(|name| found.push(Name::from(name))));
        }
        Value::SortedSet(sorted) => sorted.visit_all(|name, _| found.push(Name::from(name))),
        _ => return Err(Refusal::WrongType),
    }
    Ok((found, matches!(entry.value, Value::Set(_))))
}

fn answer(
    state: &mut Keyspace,
    call: &Call<'_>,
    elements: &[Name],
    gets: &[Pattern<'_>],
) -> Outcome {
    let mut replies = Vec::with_capacity(elements.len() * gets.len().max(1));
    for element in elements {
        if gets.is_empty() {
            replies.push(Reply::brief(element));
        }
        for pattern in gets {
            replies.push(Reply::bulk_or_nil(pattern.find(state, call, element)?));
        }
    }
    Ok(Reply::Array(replies))
}

fn store(
    state: &mut Keyspace,
    call: &mut Call<'_>,
    destination: &[u8],
    elements: &[Name],
    gets: &[Pattern<'_>],
) -> Outcome {
    let mut list = List::new();
    for element in elements {
        if gets.is_empty() {
            list.push_back(element);
        }
        for pattern in gets {
            let found: Option<Bytes> = pattern.find(state, call, element)?;
            list.push_back(&found.unwrap_or_default());
        }
    }
    let len = list.len();
    let value = (len > 0).then(|| Value::List(Box::new(list)));
    state.replace(call, destination, value, [events::SORTSTORE, events::DEL]);
    Ok(Reply::len(len))
}
