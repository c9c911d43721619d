//! What `XREAD` and `XREADGROUP` ask for.

use crate::call::Call;
use crate::collections::{StreamId, number};
use crate::command::Patience;
use crate::{Args, Refusal};

/// A request to read streams.
pub(super) struct Reading<'a> {
    /// The most entries of each stream, if there is a limit.
    pub count: Option<usize>,
    /// For how long it waits for entries.
    pub patience: Patience,
    /// The group and the consumer for whom entries are read.
    pub group: Option<(&'a [u8], &'a [u8])>,
    /// Whether entries that are given to a consumer are pending from then on.
    pub keep: bool,
    /// The word of the first key; the ids follow the keys.
    first_key: usize,
    keys: usize,
}

/// How many entries a client that has waited gets at the most, unless it says otherwise: it asked for new ones, and not
/// for all that a long stream may hold behind its id.
const COUNT_AFTER_WAITING: usize = 1_000;

impl<'a> Reading<'a> {
    /// Reads a request; with `GROUP` and `NOACK` if it is `for_group`, without `BLOCK` if it is `scripted`.
    pub(super) fn parse(
        mut args: Args<'a>,
        for_group: bool,
        scripted: bool,
    ) -> Result<Self, Refusal> {
        let (mut count, mut patience, mut group, mut keep) = (None, Patience::Never, None, true);
        while !args.at_end() {
            let more = args.left() - 1;
            if more > 0 && args.accept("BLOCK") {
                if scripted {
                    return Err(no_blocking(args.word(0)));
                }
                patience = block(args.next_word()?)?;
            } else if more > 0 && args.accept("COUNT") {
                count = usize::try_from(args.next_int()?).ok().filter(|count| *count > 0);
            } else if more > 0 && args.accept("STREAMS") {
                if !args.left().is_multiple_of(2) {
                    return Err(UNBALANCED);
                }
                if for_group && group.is_none() {
                    return Err(GROUP_MISSING);
                }
                let (first_key, keys) = (args.position(), args.left() / 2);
                return Ok(Self { count, patience, group, keep, first_key, keys });
            } else if more > 1 && args.accept("GROUP") {
                group = Some((args.next_word()?, args.next_word()?)).filter(|_| for_group);
                group.ok_or(GROUP_NOT_HERE)?;
            } else if args.accept("NOACK") {
                keep = if for_group { false } else { return Err(NOACK_NOT_HERE) };
            } else {
                return Err(Refusal::Syntax);
            }
        }
        Err(Refusal::Syntax)
    }

    /// The words of the keys and of their ids.
    pub(super) fn streams(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let keys = self.keys;
        (self.first_key..self.first_key + keys).map(move |key| (key, key + keys))
    }

    /// The most entries of each stream.
    pub(super) fn count_max(&self) -> usize {
        self.count.unwrap_or(usize::MAX)
    }

    /// The same for a client that has waited.
    pub(super) fn count_after_waiting(&self) -> usize {
        self.count.unwrap_or(COUNT_AFTER_WAITING)
    }

    /// Waits for the streams. `behind`: the ids to wait behind, for "as of now" would mean others later.
    pub(super) fn wait(&self, call: &mut Call<'_>, behind: &[StreamId]) {
        for (key, _) in self.streams() {
            call.wait_on(call.word(key));
        }
        if !behind.is_empty() {
            let ids: Vec<String> = behind.iter().map(StreamId::to_string).collect();
            let before = call.words().take(self.first_key + self.keys);
            let words: Vec<&[u8]> = before.chain(ids.iter().map(String::as_bytes)).collect();
            call.retry_as(&words);
        }
    }
}

/// A script cannot wait. Redis says so for this option alone, to scripts alone.
fn no_blocking(name: &[u8]) -> Refusal {
    let text = b" command is not allowed with BLOCK option from scripts";
    Refusal::Custom("ERR", [name, text].concat().into())
}

fn block(word: &[u8]) -> Result<Patience, Refusal> {
    Patience::milliseconds(number::parse_i64(word).ok_or(Refusal::TimeoutNotInteger)?)
}

const UNBALANCED: Refusal = Refusal::Fixed(
    "ERR",
    "Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
);

const GROUP_MISSING: Refusal = Refusal::Fixed("ERR", "Missing GROUP option for XREADGROUP");

const GROUP_NOT_HERE: Refusal = Refusal::Fixed(
    "ERR",
    "The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);

const NOACK_NOT_HERE: Refusal = Refusal::Fixed(
    "ERR",
    "The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);
