//! Which events are told, as `notify-keyspace-events` says it.

/// A set of classes of events, and of the two kinds of channels that tell them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Classes(u64);

/// A letter for each class, in the order in which Redis writes them: the place of a letter is the bit of its class.
const LETTERS: &[u8] = b"g$lshzxetdnKEm";

/// How many of the letters, from the first on, `A` stands for.
const IN_ALL: u32 = 10;

impl Classes {
    /// What concerns keys of any type: `DEL`, `EXPIRE`, `RENAME`, ….
    pub const GENERIC: Self = Self(1);
    /// Strings.
    pub const STRING: Self = Self(1 << 1);
    /// Lists.
    pub const LIST: Self = Self(1 << 2);
    /// Sets.
    pub const SET: Self = Self(1 << 3);
    /// Hashes.
    pub const HASH: Self = Self(1 << 4);
    /// Sorted sets.
    pub const SORTED_SET: Self = Self(1 << 5);
    /// Keys whose time was over.
    pub const EXPIRED: Self = Self(1 << 6);
    /// Streams.
    pub const STREAM: Self = Self(1 << 8);
    /// Keys that were not there before.
    pub const NEW: Self = Self(1 << 10);
    /// The channels `__keyspace@<db>__:<key>`.
    pub const KEYSPACE: Self = Self(1 << 11);
    /// The channels `__keyevent@<db>__:<event>`.
    pub const KEYEVENT: Self = Self(1 << 12);
    /// Keys that were read and not there.
    pub const MISS: Self = Self(1 << 13);

    const ALL: Self = Self((1 << IN_ALL) - 1);

    /// The set with these bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Its bits.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether it has any of these.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it lets anything be told at all: some class, by some channel.
    pub const fn tells(self) -> bool {
        let channels = Self::KEYSPACE.0 | Self::KEYEVENT.0;
        self.0 & channels != 0 && self.0 & !channels != 0
    }

    /// Reads letters, in any order and any number of times. `None`: one of them stands for no class.
    pub fn parse(letters: &[u8]) -> Option<Self> {
        let class = |letter: &u8| match letter {
            b'A' => Some(Self::ALL.0),
            _ => LETTERS.iter().position(|each| each == letter).map(|at| 1 << at),
        };
        letters.iter().map(class).try_fold(0, |all, class| Some(all | class?)).map(Self)
    }

    /// Writes it as Redis does: `A` for all classes of data, and nothing of `n` then.
    pub fn letters(self) -> String {
        let all = self.0 & Self::ALL.0 == Self::ALL.0;
        let hidden = if all { Self::ALL.0 | Self::NEW.0 } else { 0 };
        let shown = |at: &usize| self.0 & !hidden & (1 << at) != 0;
        let rest = (0..LETTERS.len()).filter(shown).map(|at| char::from(LETTERS[at]));
        all.then_some('A').into_iter().chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Classes;

    #[test]
    fn letters_are_put_in_order() {
        for (given, shown) in [
            ("", ""),
            ("KEA", "AKE"),
            ("AKEnm", "AKEm"),
            ("tdezhslg$mnEK", "g$lshzetdnKEm"),
            ("xKn", "xnK"),
            ("gg", "g"),
            ("Agm", "Am"),
        ] {
            let read = Classes::parse(given.as_bytes()).map(Classes::letters);
            assert_eq!(read.as_deref(), Some(shown), "{given}");
        }
        assert_eq!(Classes::parse(b"Kq"), None);
        assert_eq!(Classes::parse(b"K E"), None);
    }

    #[test]
    fn nothing_is_told_without_a_channel_or_without_a_class() {
        for (letters, tells) in
            [("", false), ("g", false), ("KE", false), ("Kg", true), ("Em", true)]
        {
            let read = Classes::parse(letters.as_bytes());
            assert_eq!(read.map(Classes::tells), Some(tells), "{letters}");
        }
    }
}
