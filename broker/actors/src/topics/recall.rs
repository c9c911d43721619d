//! What was said on topics, for those who were not there.

use std::sync::Arc;

use super::histories::Histories;
use super::history::History;
use super::message::Message;
use super::{Topics, records};
use crate::call::Call;
use crate::command::{Flags, Patience, Route, Runs};
use crate::listing::matches;
use crate::message_number::number_of;
use crate::{Command, Outcome, Place, Refusal, Reply};

/// The family.
pub(super) const COMMANDS: &[&Command] = &[&HISTORY];

/// How many messages are given unless it is said how many.
const COUNT: i64 = 100;
/// The most that are given: a reader goes on with `SINCE` and the last id.
const COUNT_MAX: i64 = 1_000;

static HISTORY: Command = Command {
    name: "claw.history",
    arity: -2,
    flags: Flags::READONLY,
    group: "agents",
    since: "0.1.0",
    complexity: "O(N log N) with N kept messages of the topics that match",
    summary: "Gives the newest messages that topics keep, oldest first.",
    syntax: "topic [SINCE since] [TAG tag] [FROM id] [COUNT n]",
    route: Route::Topics,
    run: Runs { topics: Some(history), ..Runs::NONE },
    ..Command::BASE
};

/// From where on messages are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Since<'a> {
    /// All that are kept.
    #[default]
    Ever,
    /// Those of so many milliseconds.
    LastMs(u64),
    /// Those that came after the message with this id.
    After(&'a [u8]),
}

/// What is asked for.
#[derive(Debug)]
struct Question<'a> {
    pattern: &'a [u8],
    since: Since<'a>,
    tag: Option<String>,
    from: Option<String>,
    count: usize,
}

impl<'a> Question<'a> {
    fn parse(call: &mut Call<'a>) -> Result<Self, Refusal> {
        let pattern = call.next_word()?;
        let mut asked = Self { pattern, since: Since::Ever, tag: None, from: None, count: 0 };
        let mut count = COUNT;
        while !call.at_end() {
            if call.accept("SINCE") {
                asked.since = since(call.next_word()?)?;
            } else if call.accept("TAG") {
                asked.tag = Some(call.next_text()?);
            } else if call.accept("FROM") {
                asked.from = Some(call.next_text()?);
            } else if call.accept("COUNT") {
                count = call.next_int()?;
            } else {
                return Err(Refusal::Syntax);
            }
        }
        let positive =
            (count > 0).then_some(count.min(COUNT_MAX)).ok_or(Refusal::CountNotPositive)?;
        asked.count = usize::try_from(positive).map_err(|_| Refusal::CountNotPositive)?;
        Ok(asked)
    }

    fn wants(&self, message: &Message) -> bool {
        self.tag.as_ref().is_none_or(|tag| message.has_tag(tag))
            && self.from.as_ref().is_none_or(|from| *message.from == **from)
    }
}

fn since(word: &[u8]) -> Result<Since<'_>, Refusal> {
    if Place::of_message(word) == Place::Topics && number_of(word).is_some() {
        return Ok(Since::After(word));
    }
    match Patience::seconds(word) {
        Ok(Patience::For(span)) => {
            Ok(Since::LastMs(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
        }
        // So far back that nobody counts it; but a plain zero is no time at all.
        Ok(_) if word.iter().any(|byte| (b'1'..=b'9').contains(byte)) => Ok(Since::Ever),
        Ok(_) => Ok(Since::LastMs(0)),
        Err(_) => {
            let sent = String::from_utf8_lossy(word);
            let text =
                format!("SINCE takes a message id of a topic or a number of seconds, not '{sent}'");
            Err(Refusal::Custom("ERR", text.into()))
        }
    }
}

fn history(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let asked = Question::parse(call)?;
    let behind = Behind::of(asked.since, &state.histories, call);
    let topics = topics(&state.histories, asked.pattern);
    let missed: u64 = topics.iter().map(|history| behind.missed(history)).sum();
    let kept = topics.iter().flat_map(|history| behind.messages(history));
    let mut found: Vec<_> = kept.filter(|message| asked.wants(message)).collect();
    found.sort_unstable_by_key(|message| message.sequence);
    let omitted = found.len().saturating_sub(asked.count);
    let records = found[omitted..].iter().map(|message| records::of_message(message));
    let records: Result<Vec<_>, _> = records.map(|record| record.map(Reply::Bulk)).collect();
    Ok(Reply::Map(vec![
        (Reply::text("messages"), Reply::Array(records?)),
        (Reply::text("omitted"), Reply::len(omitted)),
        (Reply::text("missed"), Reply::Int(i64::try_from(missed).unwrap_or(i64::MAX))),
    ]))
}

/// The topics that a pattern matches; most often it is the name of one.
fn topics<'a>(histories: &'a Histories, pattern: &[u8]) -> Vec<&'a History> {
    if !pattern.iter().any(|byte| b"*?[\\".contains(byte)) {
        return histories.get(pattern).into_iter().collect();
    }
    let named = histories.topics().iter().filter(|(topic, _)| matches(pattern, topic));
    named.map(|(_, history)| history).collect()
}

/// The place behind which messages are wanted, in every topic.
#[derive(Debug, Clone, Copy)]
enum Behind {
    /// Nothing is before it.
    Nothing,
    /// This time, in milliseconds since 1970.
    Time(u64),
    /// The message of this sequence number, which is kept.
    Kept(u64),
    /// The message with this number in its id, which is no longer kept.
    Gone(u64),
    /// A message of an earlier run of the broker, before everything that is kept and that fell.
    Earlier,
}

impl Behind {
    fn of(since: Since<'_>, histories: &Histories, call: &Call<'_>) -> Self {
        let id = match since {
            Since::Ever => return Self::Nothing,
            Since::LastMs(ms) => return Self::Time(call.now.saturating_sub(ms)),
            Since::After(id) => id,
        };
        // `#<topic>.<boot>.<number>`
        let mut parts = id.rsplitn(3, |byte| *byte == b'.');
        let number = number_of(id).unwrap_or(0);
        let boot = parts.nth(1).unwrap_or_default();
        let topic = parts.next().and_then(|place| place.get(1..)).unwrap_or_default();
        let kept = histories.get(topic).and_then(|history| history.find(id));
        match kept {
            Some(message) => Self::Kept(message.sequence),
            None if boot == call.env.directory.boot().as_bytes() => Self::Gone(number),
            None => Self::Earlier,
        }
    }

    /// How many messages behind this place have fallen off the end of a history.
    fn missed(self, history: &History) -> u64 {
        let fallen = history.fallen();
        match self {
            Self::Nothing | Self::Time(_) => 0,
            Self::Kept(sequence) => fallen.after(sequence, |mark| mark.sequence),
            Self::Gone(number) => fallen.after(number, |mark| mark.number),
            Self::Earlier => fallen.count(),
        }
    }

    /// The kept messages behind this place.
    fn messages(self, history: &History) -> impl Iterator<Item = &Arc<Message>> {
        history.messages().rev().take_while(move |message| match self {
            Self::Nothing | Self::Earlier => true,
            Self::Time(ms) => message.id.ms >= ms,
            Self::Kept(sequence) => message.sequence > sequence,
            Self::Gone(number) => message.number() > number,
        })
    }
}
