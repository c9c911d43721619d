//! The one rule: the key names its owner.

/// Which owner a key, an agent or a message belongs to. The order is the global order in which loans are taken
/// (a transaction that borrows several owners never waits for one that stands before another it holds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place<'a> {
    /// `agent:<id>`.
    Registry,
    /// `topic:<name>`, and every channel.
    Topics,
    /// `file:<path>`.
    Files,
    /// Every key without one of the agents' prefixes.
    Keyspace,
    /// `inbox:<id>` or `inbox:@<capability>`, and `task:<message id>`: the mailbox's name.
    Mailbox(&'a [u8]),
}

/// The prefix of agents' records.
pub const AGENT: &str = "agent:";
/// The prefix of inboxes.
pub const INBOX: &str = "inbox:";
/// The prefix of tasks' records.
pub const TASK: &str = "task:";
/// The prefix of channels that keep a history.
pub const TOPIC: &str = "topic:";
/// The prefix of shared files.
pub const FILE: &str = "file:";

impl<'a> Place<'a> {
    /// The owner of `key`.
    pub fn of_key(key: &'a [u8]) -> Self {
        // Nearly every key fails on its first byte, so plain keys pay for one comparison.
        match key.first() {
            Some(b'i') if key.starts_with(INBOX.as_bytes()) => Self::Mailbox(&key[INBOX.len()..]),
            Some(b'f') if key.starts_with(FILE.as_bytes()) => Self::Files,
            Some(b't') if key.starts_with(TOPIC.as_bytes()) => Self::Topics,
            Some(b't') if key.starts_with(TASK.as_bytes()) => Self::of_message(&key[TASK.len()..]),
            Some(b'a') if key.starts_with(AGENT.as_bytes()) => Self::Registry,
            _ => Self::Keyspace,
        }
    }

    /// The owner of the message with this id: `<place>.<boot>.<number>`. An id that was not made by a broker
    /// belongs to the mailbox of that name, which will not know it.
    pub fn of_message(id: &'a [u8]) -> Self {
        let place = id.rsplitn(3, |byte| *byte == b'.').nth(2).unwrap_or(id);
        match place.first() {
            Some(b'#') => Self::Topics,
            _ => Self::Mailbox(place),
        }
    }

    /// The prefix of this owner's keys, for error texts. Empty for plain keys.
    pub const fn prefix(&self) -> &'static str {
        match self {
            Self::Registry => AGENT,
            Self::Topics => TOPIC,
            Self::Files => FILE,
            Self::Keyspace => "",
            Self::Mailbox(_) => INBOX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn prefixes_name_the_owner() {
        assert_eq!(Place::of_key(b"inbox:@rust"), Place::Mailbox(b"@rust"));
        assert_eq!(Place::of_key(b"file:a/b"), Place::Files);
        assert_eq!(Place::of_key(b"topic:x"), Place::Topics);
        assert_eq!(Place::of_key(b"agent:bob"), Place::Registry);
        assert_eq!(Place::of_key(b"task:bob.t8k2m1.12"), Place::Mailbox(b"bob"));
        for plain in [&b""[..], b"inbox", b"files:a", b"Inbox:a", b"t", b"topic"] {
            assert_eq!(Place::of_key(plain), Place::Keyspace);
        }
    }

    #[test]
    fn a_message_id_names_its_place() {
        assert_eq!(Place::of_message(b"a.b.c.t8k2m1.12"), Place::Mailbox(b"a.b.c"));
        assert_eq!(Place::of_message(b"#findings.t8k2m1.3"), Place::Topics);
        assert_eq!(Place::of_message(b"nonsense"), Place::Mailbox(b"nonsense"));
    }
}
