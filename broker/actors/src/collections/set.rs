//! Sets of byte strings, in the two forms that Redis keeps them in.

use super::{Members, Short, number};

/// A set. While all members are integers and few, they lie sorted in a vector (Redis's intset);
/// the first other member, or one too many, turns it into a hash table for good.
#[derive(Debug, Clone)]
pub enum Set {
    /// Integers in ascending order.
    Ints(Vec<i64>),
    /// Anything.
    Table(Members<()>),
}

impl Default for Set {
    fn default() -> Self {
        Self::Ints(Vec::new())
    }
}

/// A member as it is kept.
#[derive(Debug, Clone, Copy)]
pub enum Member<'a> {
    /// An integer, kept as such.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> Member<'a> {
    /// Shows it as bytes.
    pub fn with_bytes<R>(self, show: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Self::Int(value) => show(&Short::decimal(value)),
            Self::Bytes(bytes) => show(bytes),
        }
    }
}

impl Set {
    /// Number of members.
    pub fn len(&self) -> usize {
        match self {
            Self::Ints(ints) => ints.len(),
            Self::Table(members) => members.len(),
        }
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        match self {
            Self::Ints(_) => "intset",
            Self::Table(_) => "hashtable",
        }
    }

    /// Whether `name` is a member.
    pub fn contains(&self, name: &[u8]) -> bool {
        match self {
            Self::Ints(ints) => {
                number::parse_i64(name).is_some_and(|value| ints.binary_search(&value).is_ok())
            }
            Self::Table(members) => members.place(name).is_some(),
        }
    }

    /// Whether this member, of whatever set, is one here too.
    pub fn has(&self, member: Member<'_>) -> bool {
        match (self, member) {
            (Self::Ints(ints), Member::Int(value)) => ints.binary_search(&value).is_ok(),
            (_, member) => member.with_bytes(|name| self.contains(name)),
        }
    }

    /// Adds a member. Returns false if it was there. `ints_max`: the most integers that are kept
    /// sorted; Redis's `set-max-intset-entries`.
    pub fn insert(&mut self, name: &[u8], ints_max: u64) -> bool {
        let ints = match self {
            Self::Table(members) => return members.place_or_add(name, ()).1,
            Self::Ints(ints) => ints,
        };
        let Some(value) = number::parse_i64(name) else {
            self.make_table().add(name, ());
            return true;
        };
        let Err(at) = ints.binary_search(&value) else {
            return false;
        };
        ints.insert(at, value);
        if ints.len() as u64 > ints_max {
            self.make_table();
        }
        true
    }

    /// Removes a member. Returns false if it was not there.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        match self {
            Self::Ints(ints) => {
                let at = number::parse_i64(name).and_then(|value| ints.binary_search(&value).ok());
                at.map(|at| ints.remove(at)).is_some()
            }
            Self::Table(members) => {
                members.place(name).map(|place| members.swap_remove(place)).is_some()
            }
        }
    }

    /// The member at a place below [`len`](Self::len): with a random place, a random member.
    pub fn at(&self, place: usize) -> Member<'_> {
        match self {
            Self::Ints(ints) => Member::Int(ints[place]),
            Self::Table(members) => Member::Bytes(members.at(place as u32).0),
        }
    }

    /// Removes the member at a place below [`len`](Self::len).
    pub fn remove_at(&mut self, place: usize) {
        match self {
            Self::Ints(ints) => drop(ints.remove(place)),
            Self::Table(members) => drop(members.swap_remove(place as u32)),
        }
    }

    /// All members; integers in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Member<'_>> {
        (0..self.len()).map(|place| self.at(place))
    }

    /// Visits members as [`Members::scan`] does; integers all at once, as in Redis.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&[u8])) -> u64 {
        match self {
            Self::Ints(ints) => {
                ints.iter().for_each(|value| Member::Int(*value).with_bytes(&mut visit));
                0
            }
            Self::Table(members) => members.scan(cursor, count, |name, ()| visit(name)),
        }
    }

    /// Estimate of the bytes of memory that it holds, itself included.
    pub fn memory(&self) -> usize {
        match self {
            Self::Ints(ints) => size_of::<Self>() + ints.capacity() * size_of::<i64>(),
            Self::Table(members) => size_of::<Self>() - size_of::<Members<()>>() + members.memory(),
        }
    }

    /// Ends its being sorted integers, whatever its members are.
    pub fn make_table(&mut self) -> &mut Members<()> {
        let mut members = Members::default();
        for member in self.iter() {
            member.with_bytes(|name| members.add(name, ()));
        }
        *self = Self::Table(members);
        match self {
            Self::Table(members) => members,
            Self::Ints(_) => unreachable!("it has just become a table"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Set;

    const INTS_MAX: u64 = 20;

    fn names(set: &Set) -> Vec<Vec<u8>> {
        set.iter().map(|member| member.with_bytes(<[u8]>::to_vec)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_a_set(
            words in any::<bool>(),
            steps in prop::collection::vec((-20..20i64, 0..4u8), 0..200),
        ) {
            let (mut set, mut model) = (Set::default(), BTreeSet::new());
            for (number, kind) in steps {
                let name = match (words, number % 5) {
                    (true, 0) => format!("word {number}"),
                    _ => number.to_string(),
                };
                let name = name.into_bytes();
                match kind {
                    0 => prop_assert_eq!(set.remove(&name), model.remove(&name)),
                    1 => prop_assert_eq!(set.contains(&name), model.contains(&name)),
                    _ => prop_assert_eq!(set.insert(&name, INTS_MAX), model.insert(name)),
                }
                prop_assert_eq!(set.len(), model.len());
                prop_assert!(set.iter().all(|member| set.has(member)));
            }
            let ours: BTreeSet<Vec<u8>> = names(&set).into_iter().collect();
            prop_assert_eq!(ours, model);
        }
    }

    #[test]
    fn integers_are_sorted_until_they_are_too_many() {
        let mut set = Set::default();
        for value in [5, -1, 3] {
            assert!(set.insert(value.to_string().as_bytes(), 3));
        }
        assert_eq!(names(&set), [&b"-1"[..], b"3", b"5"]);
        assert_eq!(set.encoding(), "intset");
        assert!(set.insert(b"4", 3));
        assert_eq!(set.encoding(), "hashtable");
        set.remove_at(0);
        assert_eq!((set.len(), set.encoding()), (3, "hashtable"));
    }

    #[test]
    fn what_only_looks_like_an_integer_is_bytes() {
        let mut set = Set::default();
        set.insert(b"7", 9);
        assert!(!set.contains(b"07") && !set.remove(b"+7"));
        assert!(set.insert(b"07", 9));
        assert_eq!(set.encoding(), "hashtable");
        assert_eq!(set.len(), 2);
    }
}
