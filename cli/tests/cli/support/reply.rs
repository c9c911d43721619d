//! Replies in RESP3.

/// One reply.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Ok,
    Null,
    Int(i64),
    Bulk(Vec<u8>),
    Error(String),
    List(Vec<Reply>),
    Map(Vec<(Reply, Reply)>),
}

pub(crate) fn ok() -> Reply {
    Reply::Ok
}

pub(crate) fn null() -> Reply {
    Reply::Null
}

pub(crate) fn int(number: i64) -> Reply {
    Reply::Int(number)
}

pub(crate) fn bulk(bytes: impl AsRef<[u8]>) -> Reply {
    Reply::Bulk(bytes.as_ref().to_vec())
}

/// `error("NOAGENT no agent …")`
pub(crate) fn error(line: &str) -> Reply {
    Reply::Error(line.to_owned())
}

pub(crate) fn list(items: impl IntoIterator<Item = Reply>) -> Reply {
    Reply::List(items.into_iter().collect())
}

pub(crate) fn map<const N: usize>(fields: [(&str, Reply); N]) -> Reply {
    Reply::Map(fields.into_iter().map(|(name, value)| (bulk(name), value)).collect())
}

impl Reply {
    /// Appends the reply as it goes over the wire.
    pub(crate) fn encode(&self, wire: &mut Vec<u8>) {
        match self {
            Self::Ok => wire.extend(b"+OK\r\n"),
            Self::Null => wire.extend(b"_\r\n"),
            Self::Int(number) => wire.extend(format!(":{number}\r\n").bytes()),
            Self::Error(line) => wire.extend(format!("-{line}\r\n").bytes()),
            Self::Bulk(bytes) => {
                wire.extend(format!("${}\r\n", bytes.len()).bytes());
                wire.extend(bytes);
                wire.extend(b"\r\n");
            }
            Self::List(items) => {
                wire.extend(format!("*{}\r\n", items.len()).bytes());
                items.iter().for_each(|item| item.encode(wire));
            }
            Self::Map(fields) => {
                wire.extend(format!("%{}\r\n", fields.len()).bytes());
                for (name, value) in fields {
                    name.encode(wire);
                    value.encode(wire);
                }
            }
        }
    }
}
