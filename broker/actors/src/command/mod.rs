//! Commands as data. One declaration feeds dispatch, arity errors, `COMMAND`, the README's table and the
//! CLI's help; nothing in the broker matches on a command's name.

mod categories;
mod flags;
mod follow;
mod keys;
mod patience;
mod recipients;
mod syntax;
mod table;

pub use categories::CATEGORIES;
pub use flags::Flags;
pub use follow::Follow;
pub use keys::{KeyRange, Keys};
pub use patience::Patience;
pub use recipients::Recipients;
pub use syntax::{Argument, Shape, arguments};
pub use table::{all, find};

use crate::call::Call;
use crate::files::Files;
use crate::keyspace::Keyspace;
use crate::mailbox::Mailbox;
use crate::registry::Registry;
use crate::topics::Topics;
use crate::{Args, Outcome, Pipeline, Refusal, Reply};

/// A command, or a subcommand such as `object|encoding`.
#[derive(Debug)]
pub struct Command {
    /// Its full name in lower case; a subcommand's holds its container's: `client|id`.
    pub name: &'static str,
    /// The number of words, the name included; negative for "at least".
    pub arity: i16,
    /// What it does to data and connections.
    pub flags: Flags,
    /// Where its keys stand.
    pub keys: Keys,
    /// What it does to its keys, as `COMMAND INFO` says it: one text for each group of keys, such as `RW access delete`,
    /// and behind a colon what there is to note. Empty: `RO access` for commands that only read, else `RW update`.
    pub access: &'static [&'static str],
    /// What proxies and smart clients may want to know: `COMMAND INFO`'s tips.
    pub tips: &'static [&'static str],
    /// ACL categories beyond those that follow from its flags and its group; see [`Command::categories`].
    pub categories: &'static [&'static str],
    /// The group that documents it: `string`, `list`, `hash`, `generic`, `pubsub`, `connection`, `server`, `agents`…
    pub group: &'static str,
    /// The version that brought it: Redis's for Redis's commands, ClawLink's for its own.
    pub since: &'static str,
    /// Since when there is something better, and what, if there is.
    pub deprecated: Option<Deprecated>,
    /// The cost of a call.
    pub complexity: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Its arguments, as documentation writes them: `key value [NX | XX] [GET]`. See [`arguments`].
    pub syntax: &'static str,
    /// The subcommands, if it is a container.
    pub subcommands: &'static [&'static Command],
    /// How its owner is found.
    pub route: Route,
    /// The word that names the agent which acts, where that is no option (`FROM`) and does not follow from the route:
    /// `CLAW.HEARTBEAT id`. See [`Command::actor`].
    pub acts_as: Option<u8>,
    /// What happens when its keys have different owners.
    pub span: Span,
    /// Whether a request brings the mailbox it is routed to into being. `None`: it does if it pushes to a key.
    pub creates: Option<fn(&Args<'_>) -> bool>,
    /// For how long a blocking command waits when it finds nothing. `None`: it never does.
    pub patience: Option<ReadPatience>,
    /// What it answers when its patience is over.
    pub nothing: Nothing,
    /// The request that waits for more than the reply, if a request asks for that. `None`: it never does.
    pub follow: Option<&'static Follow>,
    /// How a request with several recipients becomes one for each. `None`: it has one.
    pub recipients: Option<&'static Recipients>,
    /// The request that puts back what this command took, for a client that died before it was told.
    pub undo: Option<Undo>,
    /// The functions that run it, one for each kind of owner that can.
    pub run: Runs,
}

impl Command {
    /// What a declaration leaves out.
    pub const BASE: Self = Self {
        name: "",
        arity: 1,
        flags: Flags::NONE,
        keys: Keys::None,
        access: &[],
        tips: &[],
        categories: &[],
        group: "generic",
        since: "1.0.0",
        deprecated: None,
        complexity: "O(1)",
        summary: "",
        syntax: "",
        subcommands: &[],
        route: Route::Keys,
        acts_as: None,
        span: Span::Refuse,
        creates: None,
        patience: None,
        nothing: Nothing::NilArray,
        follow: None,
        recipients: None,
        undo: None,
        run: Runs::NONE,
    };

    /// The subcommand with this name, in any case.
    pub fn subcommand(&self, word: &[u8]) -> Option<&'static Self> {
        let short = |full: &'static str| full.split_once('|').map_or("", |(_, short)| short);
        let named = |c: &&&'static Self| short(c.name).as_bytes().eq_ignore_ascii_case(word);
        self.subcommands.iter().find(named).copied()
    }

    /// The index of the word that names the agent which acts, if a word alone does: a connection that has identified
    /// itself may name none but its own there, and waiting in such a command is a sign of life of that agent.
    pub fn actor(&self) -> Option<usize> {
        let word = if let Route::Reader(word) = self.route { Some(word) } else { self.acts_as };
        word.map(usize::from)
    }

    /// What it does to its keys: what it declares, or what follows from its flags.
    pub fn key_access(&self) -> &'static [&'static str] {
        match self.keys {
            Keys::None => &[],
            _ if !self.access.is_empty() => self.access,
            // Shard channels stand where keys do, and are none.
            _ if self.flags.has(Flags::PUBSUB) => &["not_key"],
            _ if self.flags.has(Flags::WRITE) => &["RW update"],
            _ => &["RO access"],
        }
    }

    /// Whether it shows, copies or removes what is at its `nth` key (0 is the first), by what [`Command::key_access`]
    /// says; else it only adds to it, or looks whether it is there.
    pub fn uses_content(&self, nth: usize) -> bool {
        const USES: [&str; 4] = ["access", "delete", "update", "OW"];
        let access = self.key_access();
        let Some(access) = access.get(nth).or(access.last()) else { return false };
        let flags = access.split_once(':').map_or(*access, |(flags, _)| flags);
        flags.split(' ').any(|flag| USES.contains(&flag))
    }

    /// Refuses a request with too few or too many words.
    pub fn check_arity(&self, words: usize) -> Result<(), Refusal> {
        if self.takes(words) { Ok(()) } else { Err(Refusal::WrongArity(self.name.into())) }
    }

    /// Whether a request may have so many words.
    pub fn takes(&self, words: usize) -> bool {
        let wanted = usize::from(self.arity.unsigned_abs());
        if self.arity < 0 { words >= wanted } else { words == wanted }
    }
}

/// What became of a command that is kept for those who know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecated {
    /// The version of Redis that no longer recommended it.
    pub since: &'static str,
    /// What to use.
    pub replaced_by: &'static str,
}

/// Reads from a request for how long it wants to wait, or refuses what it says.
pub type ReadPatience = fn(&Args<'_>) -> Result<Patience, Refusal>;

/// Makes the request that puts back what another one, with this reply, took.
pub type Undo = fn(&Args<'_>, &Reply) -> Option<Pipeline>;

/// A function that runs a command on an owner's state.
pub type Run<S> = fn(&mut S, &mut Call<'_>) -> Outcome;

/// Which owners run a command, and how.
#[derive(Debug)]
pub struct Runs {
    /// On plain keys.
    pub keyspace: Option<Run<Keyspace>>,
    /// On `inbox:` keys, and for agents' messages.
    pub mailbox: Option<Run<Mailbox>>,
    /// On `agent:` keys, and for agents themselves.
    pub registry: Option<Run<Registry>>,
    /// On channels and `topic:` keys.
    pub topics: Option<Run<Topics>>,
    /// On `file:` keys.
    pub files: Option<Run<Files>>,
}

impl Runs {
    /// No owner runs it.
    pub const NONE: Self =
        Self { keyspace: None, mailbox: None, registry: None, topics: None, files: None };
}

/// How the owner of a request is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// By its keys; without keys, the keyspace.
    Keys,
    /// The registry.
    Registry,
    /// The topics.
    Topics,
    /// The files.
    Files,
    /// The mailbox named by this word.
    Mailbox(u8),
    /// The mailboxes that this word names, with commas between them; see [`Command::recipients`].
    Mailboxes(u8),
    /// The owner of the message whose id this word is.
    Message(u8),
    /// The owners of the messages whose ids are the words from this one on; other words among them are passed over.
    Messages(u8),
    /// Whatever may hold something for the agent that this word names, which is who acts: its mailbox, those of its capabilities, and
    /// the topics.
    Reader(u8),
    /// The mailbox that follows the word `TO`, or else every one that knows tasks.
    Tasks,
    /// Every owner that runs it, and the mailboxes by what the directory knows of them; [`Command::span`] says how
    /// their replies are put together. In databases other than 0, where the agents' world is not listed, the keyspace.
    Everywhere,
}

/// What becomes of a command whose keys have different owners. All but `Refuse` borrow the owners, so that nobody
/// sees a half of it; each owner runs the command on its own keys ([`Call::keys`]) and the replies are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// It is refused.
    Refuse,
    /// The replies are added: `DEL`, `EXISTS`.
    Sum,
    /// Every owner answers with one element for each of its keys; they are put in the order asked: `MGET`.
    Concat,
    /// Every owner answers with those of its keys that have something, each by its name; they are put in the order
    /// asked: `XREAD`.
    Named,
    /// Every owner does its part and says `OK`: `MSET`.
    All,
    /// The first key that has something answers: `LMPOP`, `BRPOP`. Neighbouring keys of one owner are asked for at once.
    First,
    /// The owners are asked one after the other until `COUNT` elements are found: `CLAW.POLL`.
    Gather,
    /// A cursor walks one owner after the other: `SCAN`.
    Cursor,
    /// An element is popped at the first key's owner and pushed at the second's: `LMOVE`.
    Move,
    /// Every owner runs a request of its own, or none does if one would refuse: `CLAW.DELEGATE bob,eve`.
    Each,
}

/// What a blocking command answers when it found nothing in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// The null of an array: `BRPOP`.
    NilArray,
    /// The null of a value: `BLMOVE`.
    Nil,
    /// An array without elements: `CLAW.POLL`.
    EmptyArray,
    /// The integer 0: `WAIT`.
    Zero,
    /// What the owner answers when it is asked once more, by a client that does not wait: `CLAW.GATHER`.
    AskAgain,
}
