//! Asking one owner after the other until there is enough.

use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::mailbox::body_bytes;
use clawlink_actors::{Args, Composer, Outcome, Reply};

use crate::loans::Homes;
use crate::session::Session;

/// How a request says how much it wants.
struct Wanted {
    /// The option.
    option: &'static str,
    /// What it is unless the request says otherwise.
    default: i64,
    /// The word at which the options begin. All of them have a value.
    from: usize,
}

/// The messages of a poll.
const MESSAGES: Wanted = Wanted { option: "COUNT", default: 10, from: 2 };
/// The tasks of a list.
const TASKS: Wanted = Wanted { option: "LIMIT", default: 100, from: 1 };

/// Hands out messages. The owners are not borrowed: what one hands out stays handed out whatever the next one holds.
pub(crate) async fn collect(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    gather(session, command, args, &MESSAGES).await
}

/// Lists tasks.
pub(super) async fn tasks(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    gather(session, command, args, &TASKS).await
}

/// Asks the owners in order, each for as many elements as are still wanted.
async fn gather(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
    wanted: &Wanted,
) -> Outcome {
    let mut homes = Vec::new();
    session.each_place(command, &args, |place| {
        let mut home = Homes::default();
        home.insert(place);
        homes.push(home);
    });
    // In a transaction, capabilities that the agent got while the owners were being borrowed are left out.
    homes.retain(|home| home.single().is_some_and(|place| session.may_ask(place)));
    // A value may be called like an option: there is an agent `count` somewhere.
    let find = |option: &str| {
        let mut options = (wanted.from..args.len()).step_by(2);
        options.find(|at| args.word(*at).eq_ignore_ascii_case(option.as_bytes()))
    };
    let said_at = find(wanted.option);
    let said = said_at.and_then(|at| number::parse_i64(args.word(at + 1)));
    let bounded = find("MAXBYTES").is_some();
    let mut found = Vec::new();
    let mut used = 0;
    for place in homes.iter().filter_map(Homes::single) {
        let left = said.unwrap_or(wanted.default) - found.len() as i64;
        if left <= 0 && !found.is_empty() {
            break;
        }
        let mut composer = Composer::default();
        let left = left.to_string();
        let words = args.words().enumerate().map(|(at, word)| match said_at {
            // A count that is no number is left for the owner to refuse.
            Some(said_at) if at == said_at + 1 && said.is_some_and(|count| count > 0) => {
                left.as_bytes()
            }
            _ => word,
        });
        let extra: &[&[u8]] =
            if said_at.is_none() { &[wanted.option.as_bytes(), left.as_bytes()] } else { &[] };
        let taken = used.to_string();
        // The owner must know what the whole poll may give, and what it has given.
        let bytes: &[&[u8]] = if used > 0 { &[b"USED", taken.as_bytes()] } else { &[] };
        composer.push(Some(command), words.chain(extra.iter().chain(bytes).copied()));
        match session.ask(place, false, composer.finish().into(), None).await? {
            Reply::Array(items) => {
                if bounded {
                    used += items.iter().map(body_bytes_of).sum::<usize>();
                }
                found.extend(items);
            }
            _ => continue,
        }
    }
    Ok(Reply::Array(found))
}

fn body_bytes_of(item: &Reply) -> usize {
    if let Reply::Bulk(record) = item { body_bytes(record) } else { 0 }
}
