//! Numbers as Redis reads them.
/// Parses.
pub fn parse_i64(bytes: &[u8]) -> Option<i64> { std::str::from_utf8(bytes).ok()?.parse().ok() }
