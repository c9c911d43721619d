//! Asking one owner after the other until there is enough.

use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::mailbox::body_bytes;
use clawlink_actors::{Args, Composer, Outcome, Reply};

use crate::router::Homes;
use crate::session::Session;

/// How many messages a poll gives unless it says otherwise.
const COUNT_DEFAULT: i64 = 10;

/// Asks the owners in order, each for as many elements as are still wanted. They are not borrowed: what one hands out
/// stays handed out whatever the next one holds.
pub(crate) async fn collect(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    let mut homes = Vec::new();
    session.each_place(command, &args, |place| {
        let mut home = Homes::default();
        home.insert(place);
        homes.push(home);
    });
    // The agent may be called `count` itself.
    let count_at = (2..args.len()).find(|at| args.word(*at).eq_ignore_ascii_case(b"COUNT"));
    let wanted = count_at.and_then(|at| number::parse_i64(args.word(at + 1)));
    let bounded = (2..args.len()).any(|at| args.word(at).eq_ignore_ascii_case(b"MAXBYTES"));
    let mut found = Vec::new();
    let mut used = 0;
    for place in homes.iter().filter_map(Homes::single) {
        let left = wanted.unwrap_or(COUNT_DEFAULT) - found.len() as i64;
        if left <= 0 && !found.is_empty() {
            break;
        }
        let mut composer = Composer::default();
        let left = left.to_string();
        let words = args.words().enumerate().map(|(at, word)| match count_at {
            // A count that is no number is left for the owner to refuse.
            Some(count_at) if at == count_at + 1 && wanted.is_some_and(|count| count > 0) => {
                left.as_bytes()
            }
            _ => word,
        });
        let extra: &[&[u8]] = if count_at.is_none() { &[b"COUNT", left.as_bytes()] } else { &[] };
        let taken = used.to_string();
        // The owner must know what the whole poll may give, and what it has given.
        let bytes: &[&[u8]] = if used > 0 { &[b"USED", taken.as_bytes()] } else { &[] };
        composer.push(Some(command), words.chain(extra.iter().chain(bytes).copied()));
        match session.ask(place, false, composer.finish().into(), false).await? {
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
