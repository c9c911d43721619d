//! Transcripts: plain text files of commands, one a line, quoted as `redis-cli` quotes.
//!
//! ```text
//! == counters                    a case: FLUSHALL, new connections, protocol as asked for
//! SET n 10                       sent as an array of bulk strings; the replies must be equal
//! INCRBY n "5"
//! SET long {{x*45}}              the letter x 45 times
//! @repeat 513                    the next command 513 times, {{i}} counting from 1
//! HSET h f{{i}} v
//! == waiting [resp3]             a case for one protocol only
//! @client b                      commands from here on go over the connection `b`
//! @park                          the next command must block: its reply is read later
//! BLPOP q 0
//! @client a                      back to the first connection
//! LPUSH q x
//! @read b                        now the reply of `b` must be there, and be equal
//! ```
//!
//! What Redis leaves open is said before the command it concerns:
//!
//! | directive | the replies are equal when |
//! |---|---|
//! | `@unordered` | they are after sorting every array, set and map |
//! | `@pairs` | the same, with arrays sorted by pairs (a RESP2 map without order) |
//! | `@approx N` | numbers in them (also in bulk strings) differ by at most N |
//! | `@fields a -b` | they are without the value of `a=…` and without the whole of `b=…` |
//! | `@shape` | types and lengths of arrays agree, contents may not |
//! | `@kind` | their first bytes agree |
//! | `@until TEXT` | as always, but the command is repeated until its reply is TEXT |
//! | `@replies N` | as always, but the command has N replies instead of the usual number |
//! | `@inline` | as always, but the line is sent as it stands, as an inline command |
//! | `@raw` | as always, but the line is one quoted string, sent as it is |
//! | `@skip-value` | the same as `@kind`, for contents that are truly random |
//!
//! `@keep NAME` compares as `@kind`; `${NAME}` in later commands stands for what that server has answered.
//!
//! `@closed NAME` stands for itself: the server must have closed the connection. `@drop NAME`
//! closes it from this side. `@read NAME N` reads N replies or pushes.
//!
//! For commands that Redis does not have, the lines after a command that begin with `=` are its
//! expected replies; see [`expect`].

mod compare;
pub mod expect;
mod parse;
mod run;
mod session;

use std::fmt;

pub use run::{Report, check, compare_servers};

/// A parsed file.
pub struct Transcript {
    /// The file's name without `.txt`.
    pub name: String,
    cases: Vec<Case>,
}

/// The protocol version that the connections of a run speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// What a connection speaks from the start.
    Resp2,
    /// What it speaks after `HELLO 3`.
    Resp3,
}

struct Case {
    name: String,
    /// `None`: the case is for both.
    protocol: Option<Protocol>,
    steps: Vec<Step>,
}

struct Step {
    line: usize,
    /// The line as it stands in the file.
    text: String,
    client: String,
    action: Action,
    comparison: Comparison,
    /// The name under which the reply is kept.
    keep: Option<String>,
    expected: Vec<String>,
}

enum Action {
    /// Send, and read this many replies.
    Send { bytes: Payload, replies: usize },
    /// Send, and see to it that the server parks the client.
    Park { args: Vec<Vec<u8>> },
    /// Repeat until the reply, without its line end, is this text.
    Until { args: Vec<Vec<u8>>, reply: Vec<u8> },
    /// Read replies that came, or come, without a new command.
    Read { replies: usize },
    /// The server must have closed the connection.
    Closed,
    /// Close the connection.
    Drop,
}

enum Payload {
    Command(Vec<Vec<u8>>),
    Raw(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Comparison {
    Exact,
    Unordered,
    Pairs,
    Approx(i64),
    Fields(Vec<String>),
    Shape,
    Kind,
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Resp2 => "RESP2",
            Self::Resp3 => "RESP3",
        })
    }
}
