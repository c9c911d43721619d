//! Whether two replies are equal, as far as the transcript demands it.

use anyhow::{Context, Result};

use super::Comparison;
use crate::reply::{self, Reply};

/// Whether the bytes of two replies are equal under a comparison. Fails on bytes that are no
/// reply.
pub(super) fn equal(comparison: &Comparison, left: &[u8], right: &[u8]) -> Result<bool> {
    if left == right {
        return Ok(true);
    }
    if *comparison == Comparison::Exact {
        return Ok(false);
    }
    let (left, right) = (value(left)?, value(right)?);
    Ok(match comparison {
        Comparison::Exact => false,
        Comparison::Unordered => left.sorted(1) == right.sorted(1),
        Comparison::Pairs => left.sorted(2) == right.sorted(2),
        Comparison::Approx(tolerance) => is_near(&left, &right, *tolerance),
        Comparison::Fields(names) => without(&left, names) == without(&right, names),
        Comparison::Shape => shape(&left) == shape(&right),
        Comparison::Kind => kind(&left) == kind(&right),
    })
}

/// The reply that the bytes hold.
pub(super) fn value(bytes: &[u8]) -> Result<Reply> {
    Ok(reply::parse(bytes)?.context("half a reply")?.0)
}

fn is_near(left: &Reply, right: &Reply, tolerance: i64) -> bool {
    match (left, right) {
        (Reply::Integer(left), Reply::Integer(right)) => left.abs_diff(*right) <= tolerance as u64,
        (Reply::Bulk(left), Reply::Bulk(right)) => {
            let numbers = (as_number(left), as_number(right));
            match numbers {
                (Some(left), Some(right)) => left.abs_diff(right) <= tolerance as u64,
                _ => left == right,
            }
        }
        (Reply::Items(left_kind, left), Reply::Items(right_kind, right)) => {
            left_kind == right_kind
                && left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| is_near(left, right, tolerance))
        }
        _ => left == right,
    }
}

fn as_number(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// The text of the reply with `name=value` shortened to `name=` for each `name`, and to nothing
/// for each `-name`.
fn without(reply: &Reply, names: &[String]) -> (std::mem::Discriminant<Reply>, String) {
    let text = reply.text();
    let words = text.trim_end().split(' ').filter_map(|word| {
        let (name, _) = word.split_once('=').unwrap_or((word, ""));
        if names.iter().any(|masked| masked.strip_prefix('-') == Some(name)) {
            return None;
        }
        let masked = names.iter().any(|masked| masked == name);
        Some(if masked { format!("{name}=") } else { word.to_owned() })
    });
    (kind(reply), words.collect::<Vec<_>>().join(" "))
}

fn kind(reply: &Reply) -> std::mem::Discriminant<Reply> {
    std::mem::discriminant(reply)
}

/// The reply with its contents blanked out.
fn shape(reply: &Reply) -> Reply {
    match reply {
        Reply::Simple(_) => Reply::Simple(Vec::new()),
        Reply::Error(_) => Reply::Error(Vec::new()),
        Reply::Integer(_) => Reply::Integer(0),
        Reply::Bulk(_) => Reply::Bulk(Vec::new()),
        Reply::Verbatim(_) => Reply::Verbatim(Vec::new()),
        Reply::Line(line) => Reply::Line(line[..1].to_vec()),
        Reply::NullBulk | Reply::NullArray | Reply::Null => reply.clone(),
        Reply::Items(kind, items) => Reply::Items(*kind, items.iter().map(shape).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(comparison: Comparison, left: &str, right: &str) -> bool {
        equal(&comparison, left.as_bytes(), right.as_bytes()).unwrap()
    }

    #[test]
    fn exact_sees_every_byte() {
        assert!(same(Comparison::Exact, "+OK\r\n", "+OK\r\n"));
        assert!(!same(Comparison::Exact, "+OK\r\n", "+ok\r\n"));
        assert!(!same(Comparison::Exact, "$-1\r\n", "*-1\r\n"));
        assert!(!same(Comparison::Exact, ":1\r\n", "$1\r\n1\r\n"));
    }

    #[test]
    fn unordered_forgives_order_and_nothing_else() {
        let (left, right) = ("*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n");
        assert!(same(Comparison::Unordered, left, right));
        assert!(!same(Comparison::Unordered, left, "*2\r\n:2\r\n:2\r\n"));
        assert!(!same(Comparison::Unordered, left, "~2\r\n:2\r\n:1\r\n"));
    }

    #[test]
    fn pairs_stay_together() {
        let left = "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n";
        assert!(same(Comparison::Pairs, left, "*4\r\n+b\r\n:2\r\n+a\r\n:1\r\n"));
        assert!(!same(Comparison::Pairs, left, "*4\r\n+a\r\n:2\r\n+b\r\n:1\r\n"));
    }

    #[test]
    fn approx_has_a_limit_and_sees_types() {
        assert!(same(Comparison::Approx(5), ":100\r\n", ":105\r\n"));
        assert!(!same(Comparison::Approx(5), ":100\r\n", ":106\r\n"));
        assert!(!same(Comparison::Approx(5), ":100\r\n", "$3\r\n100\r\n"));
    }

    #[test]
    fn shape_and_fields_see_what_is_left() {
        let reply = "*2\r\n:1\r\n$1\r\na\r\n";
        assert!(same(Comparison::Shape, reply, "*2\r\n:9\r\n$2\r\nxy\r\n"));
        assert!(!same(Comparison::Shape, reply, "*2\r\n:9\r\n:1\r\n"));
        let fields = || Comparison::Fields(vec!["id".to_owned()]);
        assert!(same(fields(), "$9\r\nid=1 db=0\r\n", "$9\r\nid=2 db=0\r\n"));
        assert!(!same(fields(), "$9\r\nid=1 db=0\r\n", "$9\r\nid=2 db=1\r\n"));
        let dropped = || Comparison::Fields(vec!["-id".to_owned()]);
        assert!(same(dropped(), "$9\r\nid=1 db=0\r\n", "$4\r\ndb=0\r\n"));
        assert!(!same(fields(), "$9\r\nid=1 db=0\r\n", "$4\r\ndb=0\r\n"));
    }
}
