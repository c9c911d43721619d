//! Why a command was refused. The texts a client reads stand in one table at the edge
//! (`broker/src/wire/refusal.rs`); here there are only reasons.

use std::fmt;

/// A text that may quote what a client sent, byte for byte: that need not be UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorText(Box<[u8]>);

impl ErrorText {
    /// The bytes of the text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for ErrorText {
    fn from(text: Vec<u8>) -> Self {
        Self(text.into())
    }
}

impl From<&[u8]> for ErrorText {
    fn from(text: &[u8]) -> Self {
        Self(text.into())
    }
}

impl From<String> for ErrorText {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for ErrorText {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl fmt::Debug for ErrorText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.0.escape_ascii())
    }
}

/// A reason to refuse a command. A refusal is a reply: it never closes the connection by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No such command: its name as sent, and the first arguments.
    UnknownCommand(ErrorText, ErrorText),
    /// No such subcommand: as sent, and the container's name.
    UnknownSubcommand(ErrorText, &'static str),
    /// Too few or too many arguments: the full name of the command, `client|id` for subcommands.
    WrongArity(Box<str>),
    /// The key holds another type than the command is for.
    WrongType,
    /// The command has no meaning for this kind of key: command, and prefix such as `file:`.
    NoMeaning(&'static str, &'static str),
    /// The keys of one command have different owners and the command cannot span them.
    CannotSpan(&'static str),
    /// The key is maintained by the broker: prefix such as `agent:`.
    ReadOnly(&'static str),
    /// An option that does not exist, or one without its value.
    Syntax,
    /// Not an integer, or not in 64 bits.
    NotInteger,
    /// Not a float.
    NotFloat,
    /// An unsigned count was expected: `value is out of range, must be positive`.
    MustBePositive,
    /// An index outside the list.
    IndexOutOfRange,
    /// A value outside its range, without a more particular text.
    OutOfRange,
    /// An integer operation would overflow.
    Overflow,
    /// A decrement whose negation overflows.
    DecrementOverflow,
    /// A float operation gave NaN or infinity.
    NanOrInfinity,
    /// The offset is negative or too large.
    OffsetOutOfRange,
    /// A string would exceed the largest bulk, 512 MB.
    StringTooLong,
    /// A hash field's value is not an integer.
    HashNotInteger,
    /// A hash field's value is not a float.
    HashNotFloat,
    /// The expire time given to this command is not valid.
    InvalidExpire(&'static str),
    /// `NX` and one of `XX GT LT` together.
    ExpireNxAndOthers,
    /// `GT` and `LT` together.
    ExpireGtAndLt,
    /// The source key of a rename or an `LSET` does not exist.
    NoSuchKey,
    /// Source and destination are the same object.
    SameObject,
    /// A database index outside 0..15.
    DbOutOfRange,
    /// A `SWAPDB` index that is no number: `first` or `second`.
    InvalidSwapIndex(&'static str),
    /// A timeout that is no number.
    TimeoutNotFloat,
    /// A timeout in milliseconds that is no integer.
    TimeoutNotInteger,
    /// A negative timeout.
    TimeoutNegative,
    /// `numkeys` of zero or less, for commands that say `numkeys should be greater than 0`.
    NumkeysNotPositive,
    /// `COUNT` of zero or less, for commands that say `count should be greater than 0`.
    CountNotPositive,
    /// A cursor that is no number.
    InvalidCursor,
    /// An invalid stream id.
    InvalidStreamId,
    /// The command needs more memory than the limit allows.
    OutOfMemory,
    /// A panic was caught while the command ran. Counted as `caught_panics`.
    Internal,
    /// The broker is shutting down.
    ShuttingDown,
    /// A fixed text of Redis's that only one command uses, with its code: `("ERR", "…")`.
    Fixed(&'static str, &'static str),
    /// A text that only one place uses and that is made at run time, with its code.
    Custom(&'static str, ErrorText),
    /// The whole text, code included: what a script says of its own end.
    Told(ErrorText),
    /// The same, where the script repeats an error that one of its requests was answered.
    Repeated(ErrorText),

    /// No agent with this id is registered.
    NoAgent(Box<str>),
    /// No registered agent has this capability.
    NoCapability(Box<str>),
    /// The id belongs to an agent that is online.
    AgentInUse(Box<str>),
    /// The key given is not the agent's.
    BadKey(Box<str>),
    /// The id belongs to an agent that is away, and nobody takes it over without its key.
    AgentTaken(Box<str>),
    /// The connection is one agent and named another: which it is, and which it named.
    NotYou(Box<str>, Box<str>),
    /// Only agents may do this, and the connection has not identified itself as one.
    NoIdentity,
    /// The inbox is another agent's: its name, and the agent that the connection is.
    NotYourInbox(Box<str>, Box<str>),
    /// Not a valid name: what it is for (`agent id`, `capability`, `topic`), and what was sent.
    InvalidName(&'static str, Box<str>),
    /// The inbox holds as many messages as it may: its name and the limit.
    InboxFull(Box<str>, u64),
    /// The inbox holds as many bytes as it may: its name and the limit.
    InboxFullBytes(Box<str>, u64),
    /// No open task with this id.
    NoTask(Box<str>),
    /// The task was answered already: id and status.
    Answered(Box<str>, &'static str),
    /// The task was called off: id, and why if anybody said.
    Canceled(Box<str>, Box<str>),
    /// A transition that is not legal: id, the task's state and the one it would have come into.
    BadState(Box<str>, &'static str, &'static str),
    /// Another agent has the task: id, agent, and which attempt that is.
    NotHeld(Box<str>, Box<str>, u32),
    /// Nobody has the task: id and its state.
    HeldByNobody(Box<str>, &'static str),
    /// A task that would be too far from the first of its chain: how far, and the limit.
    Loop(u64, u64),
    /// A sender has as many open tasks in one inbox as it may: sender, limit, inbox.
    TooManyTasks(Box<str>, u64, Box<str>),
    /// No group of tasks has this name.
    NoGroup(Box<str>),
    /// The file has moved on: key, version it is at, who wrote that, version expected.
    Conflict(Box<str>, u64, Box<str>, u64),
    /// The file does not exist though a version of it was expected.
    ConflictMissing(Box<str>, u64),
    /// The file has no such version: key, version, oldest and newest that are kept.
    NoVersion(Box<str>, u64, u64, u64),
    /// No version of the file is known: key.
    NoFile(Box<str>),
    /// The file has moved on and the edits cannot be merged: key, version it is at, who wrote that, version expected,
    /// and why not.
    Unmergeable(Box<str>, u64, Box<str>, u64, &'static str),
    /// The file is reserved: key, holder, and seconds until it is free.
    Locked(Box<str>, Box<str>, u64),
    /// A file cannot be moved where one is already: key.
    FileExists(Box<str>),
    /// No upload with this id is open for the file: id and key.
    NoUpload(Box<str>, Box<str>),
    /// The file is larger than the limit in bytes.
    FileTooLarge(Box<str>, u64),
}
