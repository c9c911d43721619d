//! Replies of RESP2 and RESP3: where one ends, and what it holds.
//!
//! Written apart from the broker's own encoder on purpose: a mistake in one must not hide
//! behind the same mistake in the other.

use anyhow::{Context, Result, bail};

/// A reply with every difference that can be seen on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reply {
    /// `+OK`
    Simple(Vec<u8>),
    /// `-ERR …`, without the dash.
    Error(Vec<u8>),
    /// `:1`
    Integer(i64),
    /// `$3` and its bytes.
    Bulk(Vec<u8>),
    /// RESP2's `$-1`.
    NullBulk,
    /// RESP2's `*-1`.
    NullArray,
    /// RESP3's `_`.
    Null,
    /// Any other RESP3 line, with its first byte: doubles, booleans, big numbers.
    Line(Vec<u8>),
    /// `=15` and its bytes, which begin with the format, `txt:`.
    Verbatim(Vec<u8>),
    /// `*2`, `~2`, `>2`, or `%1` with its keys and values one after the other.
    Items(Kind, Vec<Reply>),
}

/// What an aggregate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `*`
    Array,
    /// `~`
    Set,
    /// `>`
    Push,
    /// `%`
    Map,
}

/// The reply at the head of `bytes` and its length, or `None` if it is not complete yet.
/// Fails on bytes that are no RESP.
pub fn parse(bytes: &[u8]) -> Result<Option<(Reply, usize)>> {
    let Some(line_end) = bytes.windows(2).position(|pair| pair == b"\r\n") else {
        return Ok(None);
    };
    if line_end == 0 {
        bail!("an empty line is no reply");
    }
    let (line, after) = (&bytes[1..line_end], line_end + 2);
    let simple = match bytes[0] {
        b'+' => Reply::Simple(line.to_vec()),
        b'-' => Reply::Error(line.to_vec()),
        b':' => Reply::Integer(number(line)?),
        b'_' => Reply::Null,
        b',' | b'#' | b'(' => Reply::Line(bytes[..line_end].to_vec()),
        b'$' | b'=' => return parse_blob(bytes, number(line)?, after),
        b'*' => return parse_items(bytes, Kind::Array, number(line)?, after),
        b'~' => return parse_items(bytes, Kind::Set, number(line)?, after),
        b'>' => return parse_items(bytes, Kind::Push, number(line)?, after),
        b'%' => return parse_items(bytes, Kind::Map, 2 * number(line)?, after),
        _ => bail!("not a reply: `{}`", bytes[..line_end].escape_ascii()),
    };
    Ok(Some((simple, after)))
}

fn number(line: &[u8]) -> Result<i64> {
    let text = std::str::from_utf8(line)?;
    text.parse().with_context(|| format!("`{text}` is no number"))
}

fn parse_blob(bytes: &[u8], length: i64, start: usize) -> Result<Option<(Reply, usize)>> {
    let Ok(length) = usize::try_from(length) else {
        return Ok(Some((Reply::NullBulk, start)));
    };
    let end = start + length;
    if bytes.len() < end + 2 {
        return Ok(None);
    }
    if &bytes[end..end + 2] != b"\r\n" {
        bail!("a bulk string of {length} bytes does not end where it says");
    }
    let content = bytes[start..end].to_vec();
    let reply = if bytes[0] == b'=' { Reply::Verbatim(content) } else { Reply::Bulk(content) };
    Ok(Some((reply, end + 2)))
}

fn parse_items(
    bytes: &[u8],
    kind: Kind,
    count: i64,
    start: usize,
) -> Result<Option<(Reply, usize)>> {
    if count < 0 {
        return Ok(Some((Reply::NullArray, start)));
    }
    let (mut items, mut position) = (Vec::new(), start);
    for _ in 0..count {
        let Some((item, length)) = parse(&bytes[position..])? else {
            return Ok(None);
        };
        items.push(item);
        position += length;
    }
    Ok(Some((Reply::Items(kind, items), position)))
}

impl Reply {
    /// The bytes of a bulk string, a simple string or an error.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bulk(bytes) | Self::Simple(bytes) | Self::Error(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text of a bulk string, a simple string or an error; empty for anything else.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes().unwrap_or_default()).into_owned()
    }

    /// The value of an integer reply.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    /// The items of an aggregate; nothing for anything else.
    #[must_use]
    pub fn items(&self) -> &[Reply] {
        if let Self::Items(_, items) = self { items } else { &[] }
    }

    /// The reply with the items of every aggregate sorted, in groups of `group`; a map's always in pairs.
    #[must_use]
    pub fn sorted(&self, group: usize) -> Self {
        let Self::Items(kind, items) = self else {
            return self.clone();
        };
        let items: Vec<Self> = items.iter().map(|item| item.sorted(group)).collect();
        let group = if *kind == Kind::Map { 2 } else { group };
        let mut groups: Vec<&[Self]> = items.chunks(group).collect();
        groups.sort();
        Self::Items(*kind, groups.concat())
    }

    /// Whether this is any of the three nulls.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::NullBulk | Self::NullArray)
    }

    /// The reply as lines for people, much as `redis-cli` prints it, but with its exact type.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = match self {
            Self::Simple(text) => format!("+{}", text.escape_ascii()),
            Self::Error(text) => format!("-{}", text.escape_ascii()),
            Self::Integer(value) => format!(":{value}"),
            Self::Bulk(bytes) => format!("\"{}\"", bytes.escape_ascii()),
            Self::Verbatim(bytes) => format!("=\"{}\"", bytes.escape_ascii()),
            Self::Line(text) => text.escape_ascii().to_string(),
            Self::NullBulk => "(null bulk)".to_owned(),
            Self::NullArray => "(null array)".to_owned(),
            Self::Null => "(null)".to_owned(),
            Self::Items(kind, items) => return items_lines(*kind, items),
        };
        vec![line]
    }
}

fn items_lines(kind: Kind, items: &[Reply]) -> Vec<String> {
    let count = if kind == Kind::Map { items.len() / 2 } else { items.len() };
    let mut lines = vec![format!("{kind:?} of {count}")];
    for item in items {
        lines.extend(item.lines().into_iter().map(|line| format!("  {line}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_where_its_last_item_ends() {
        let bytes = b"%1\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n+NEXT\r\n";
        let (reply, length) = parse(bytes).unwrap().unwrap();
        assert_eq!(&bytes[length..], b"+NEXT\r\n");
        assert_eq!(reply.items().len(), 2);
        assert_eq!(reply.items()[1].items(), [Reply::Integer(1), Reply::Null]);
    }

    #[test]
    fn every_prefix_of_a_reply_is_incomplete() {
        let bytes = b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n~1\r\n,1.5\r\n";
        for end in 0..bytes.len() {
            assert_eq!(parse(&bytes[..end]).unwrap(), None, "at {end}");
        }
        assert!(parse(bytes).unwrap().is_some());
    }

    #[test]
    fn nonsense_is_no_reply() {
        assert!(parse(b"hello\r\n").is_err());
        assert!(parse(b"\r\n").is_err());
        assert!(parse(b"$1\r\nab\r\n").is_err());
    }
}
