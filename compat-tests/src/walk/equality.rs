//! How much of two replies has to be equal.

use anyhow::{Context, Result};

use crate::reply::{self, Reply};

/// How far two clocks may be apart, in the unit of the reply: far more than a step takes, far less
/// than any time that the grammar names.
const CLOCK_MAX: u64 = 20_000;

/// What of a reply is compared. An error is always compared whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Equality {
    /// Every byte (nothing before the command).
    Exact,
    /// All but the order of the items (`~`).
    Unordered,
    /// The same, where two items belong together (`~2`).
    Pairs,
    /// All but what the clock says: times to live, ages, times of delivery (`@clock`).
    Clock,
    /// Types and lengths (`@shape`).
    Shape,
    /// The type (`@kind`).
    Kind,
    /// Item by item: the replies of what a transaction or a script ran.
    Each(Vec<Equality>),
}

impl Equality {
    /// Whether the bytes of two replies are equal. Fails on bytes that are no reply.
    pub fn holds(&self, left: &[u8], right: &[u8]) -> Result<bool> {
        Ok(left == right || *self != Self::Exact && self.agree(&value(left)?, &value(right)?))
    }

    fn agree(&self, left: &Reply, right: &Reply) -> bool {
        if matches!(left, Reply::Error(_)) || matches!(right, Reply::Error(_)) {
            return left == right;
        }
        match self {
            Self::Exact => left == right,
            Self::Unordered => left.sorted(1) == right.sorted(1),
            Self::Pairs => left.sorted(2) == right.sorted(2),
            Self::Clock => clock(left, right, true),
            Self::Shape => shape(left, right),
            Self::Kind => std::mem::discriminant(left) == std::mem::discriminant(right),
            Self::Each(each) if each.len() == left.items().len() => {
                zip(left, right, |index, a, b| each[index].agree(a, b))
            }
            Self::Each(_) => left == right,
        }
    }
}

fn value(bytes: &[u8]) -> Result<Reply> {
    Ok(reply::parse(bytes)?.context("half a reply")?.0)
}

/// Whether both are aggregates of the same type and length whose items pass the test pair by pair.
fn zip(left: &Reply, right: &Reply, test: impl Fn(usize, &Reply, &Reply) -> bool) -> bool {
    let (Reply::Items(left_kind, left), Reply::Items(right_kind, right)) = (left, right) else {
        return left == right;
    };
    left_kind == right_kind
        && left.len() == right.len()
        && left.iter().zip(right).enumerate().all(|(index, (left, right))| test(index, left, right))
}

/// A whole reply may be a time; inside of one, what follows a name of a time, and the last but one
/// number of a pending entry.
fn clock(left: &Reply, right: &Reply, may_differ: bool) -> bool {
    if let (Reply::Integer(left), Reply::Integer(right)) = (left, right) {
        let near = left.signum() == right.signum() || left.min(right) >= &0;
        return left == right || may_differ && near && left.abs_diff(*right) <= CLOCK_MAX;
    }
    let items = left.items();
    let is_time = |index: usize| {
        let label = index.checked_sub(1).map(|before| items[before].text());
        let is_named = label.is_some_and(|label| matches!(&*label, "idle" | "seen-time"));
        let is_entry = matches!(items.len(), 3 | 4)
            && matches!(items[..], [Reply::Bulk(_), .., Reply::Integer(_), Reply::Integer(_)]);
        is_named || is_entry && index == items.len() - 2
    };
    zip(left, right, |index, left, right| clock(left, right, is_time(index)))
}

fn shape(left: &Reply, right: &Reply) -> bool {
    if matches!(left, Reply::Items(..)) {
        return zip(left, right, |_, left, right| shape(left, right));
    }
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(equality: Equality, left: &str, right: &str) -> bool {
        equality.holds(left.as_bytes(), right.as_bytes()).unwrap()
    }

    #[test]
    fn errors_are_compared_whole() {
        for equality in [Equality::Kind, Equality::Shape, Equality::Clock, Equality::Unordered] {
            assert!(!same(equality, "-ERR a\r\n", "-ERR b\r\n"));
        }
    }

    #[test]
    fn clocks_may_differ_where_times_stand() {
        assert!(same(Equality::Clock, ":100\r\n", ":104\r\n"));
        assert!(!same(Equality::Clock, ":-1\r\n", ":1\r\n"));
        assert!(!same(Equality::Clock, ":100000000\r\n", ":200000000\r\n"));
        let entry = |idle, count| format!("*4\r\n$3\r\n1-1\r\n$1\r\na\r\n:{idle}\r\n:{count}\r\n");
        assert!(same(Equality::Clock, &entry(1, 2), &entry(7, 2)));
        assert!(!same(Equality::Clock, &entry(1, 2), &entry(1, 3)));
        assert!(!same(
            Equality::Clock,
            "*2\r\n$6\r\nlength\r\n:1\r\n",
            "*2\r\n$6\r\nlength\r\n:2\r\n"
        ));
    }

    #[test]
    fn each_item_has_its_own() {
        let each = || Equality::Each(vec![Equality::Kind, Equality::Exact]);
        assert!(same(each(), "*2\r\n:1\r\n:2\r\n", "*2\r\n:9\r\n:2\r\n"));
        assert!(!same(each(), "*2\r\n:1\r\n:2\r\n", "*2\r\n:1\r\n:3\r\n"));
        assert!(!same(each(), "*2\r\n:1\r\n:2\r\n", "*1\r\n:1\r\n"));
    }
}
