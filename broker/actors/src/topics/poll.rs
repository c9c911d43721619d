//! The topics' part of `CLAW.POLL` and `CLAW.ACK`, which the mailboxes declare.

use std::sync::Arc;

use bytes::Bytes;

use super::{ANY_TOPIC, ReaderEvent, Topics, records};
use crate::call::Call;
use crate::{Outcome, Place, Refusal, Reply};

/// How many messages a poll hands out unless it says otherwise.
const COUNT: i64 = 10;

/// How many it may ask for.
const COUNT_MAX: i64 = 1_000;

/// `CLAW.POLL id [COUNT n] [LEASE s] [BLOCK ms]`: hands out what was published since the agent's
/// last poll on topics that it follows, its own messages excepted, and acknowledges what that poll
/// handed out. Where messages fell off the end of a topic's history before they were handed out, it
/// says first how many. With nothing
/// to hand out the answer is a null, and it would wait for any topic. With `COUNT 0` it only
/// acknowledges.
///
/// # Errors
/// As `CLAW.POLL`. That the agent is registered is for its mailbox to see; one that is not has
/// nothing here.
pub fn poll(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let agent = call.next_text()?;
    let count = parse_count(call)?;
    let given = state.readers.poll(&agent, count, &state.histories);
    if given.is_empty() {
        call.wait_on(ANY_TOPIC);
        return Ok(Reply::NilArray);
    }
    let directory = &call.env.directory;
    let number = |number| directory.message_number_at(number);
    let gaps = given.gaps.iter().map(|gap| records::missed(gap, number, call.now));
    let records = gaps.chain(given.messages.iter().map(|message| records::of_message(message)));
    let records: Result<_, _> = records.map(|record| record.map(Reply::Bulk)).collect();
    Ok(Reply::Array(records?))
}

/// `CLAW.POLL id message-id…`, the inverse of a poll whose client was gone before it could be told:
/// what it handed out is handed out again.
pub fn give_back(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let agent = call.next_text()?;
    // The poll acknowledged all that came before, so what waits for an acknowledgement is what it
    // handed out.
    state.readers.event(&agent, ReaderEvent::Resumed, &state.histories);
    Ok(Reply::Ok)
}

fn parse_count(call: &mut Call<'_>) -> Result<usize, Refusal> {
    let mut count = COUNT;
    while !call.at_end() {
        if call.accept("COUNT") {
            count = call.next_int()?;
        } else if ["LEASE", "BLOCK", "MAXBYTES", "USED"].iter().any(|option| call.accept(option)) {
            call.next_int()?;
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok(usize::try_from(count.clamp(0, COUNT_MAX)).unwrap_or(0))
}

/// `CLAW.ACK id [id…] [FROM agent]`: counts those of the ids that are messages of topics and waited
/// for the agent. Other ids are for their mailboxes.
///
/// # Errors
/// If there is such an id and nobody says for which agent.
pub fn ack(state: &mut Topics, call: &mut Call<'_>) -> Outcome {
    let (ids, from) = split_from(call)?;
    let mut own = ids.iter().filter(|id| Place::of_message(id) == Place::Topics).peekable();
    let agent = call.speaker(from.map(Bytes::copy_from_slice))?;
    if agent.is_empty() {
        let needs_from = Refusal::Fixed("ERR", "acknowledging a broadcast needs FROM");
        return if own.peek().is_some() { Err(needs_from) } else { Ok(Reply::Int(0)) };
    }
    let waited = own.filter(|id| state.acknowledge(&agent, id)).count();
    Ok(Reply::len(waited))
}

/// The ids that a request names.
type Ids<'a> = Vec<&'a [u8]>;

/// The ids, and the agent if it is named: the last two words, if there is an id before them.
fn split_from<'a>(call: &Call<'a>) -> Result<(Ids<'a>, Option<&'a [u8]>), Refusal> {
    let mut words: Ids<'_> = call.words().skip(1).collect();
    let Some(at) = words.iter().position(|word| word.eq_ignore_ascii_case(b"FROM")) else {
        return Ok((words, None));
    };
    if at == 0 || at + 2 != words.len() {
        return Err(Refusal::Syntax);
    }
    let from = words[at + 1];
    words.truncate(at);
    Ok((words, Some(from)))
}

impl Topics {
    fn acknowledge(&mut self, agent: &Arc<str>, id: &[u8]) -> bool {
        // `#<topic>.<boot>.<number>`
        let topic = id.rsplitn(3, |byte| *byte == b'.').nth(2).and_then(|place| place.get(1..));
        let history = topic.and_then(|topic| self.histories.get(topic));
        let message = history.and_then(|history| history.find(id));
        message.is_some_and(|message| self.readers.acknowledge(agent, message, &self.histories))
    }
}
