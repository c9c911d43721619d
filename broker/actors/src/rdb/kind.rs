//! The first byte of a payload: of which type the value is, and in which form it is written.

/// The types and forms of values that Redis 7.0 reads. It writes those marked so, of which its version decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string. Written.
    String = 0,
    /// A list: a count and the elements.
    List = 1,
    /// A set: a count and the members. Written.
    Set = 2,
    /// A sorted set: a count, and members with their scores as text.
    SortedText = 3,
    /// A hash: a count, and fields with their values. Written.
    Hash = 4,
    /// A sorted set: a count, and members with their scores as eight bytes. Written.
    SortedBinary = 5,
    /// A hash in a zipmap.
    HashZipmap = 9,
    /// A list in a ziplist.
    ListZiplist = 10,
    /// A set of integers in an intset. Written.
    SetIntset = 11,
    /// A sorted set in a ziplist.
    SortedZiplist = 12,
    /// A hash in a ziplist.
    HashZiplist = 13,
    /// A list in several ziplists.
    Quicklist = 14,
    /// A stream, without its first id, what was removed and added, and how far its groups have read.
    Stream = 15,
    /// A hash in a listpack. Written.
    HashListpack = 16,
    /// A sorted set in a listpack. Written.
    SortedListpack = 17,
    /// A list in several listpacks, and long elements by themselves. Written.
    Quicklist2 = 18,
    /// A stream. Written.
    Stream2 = 19,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::String,
        Self::List,
        Self::Set,
        Self::SortedText,
        Self::Hash,
        Self::SortedBinary,
        Self::HashZipmap,
        Self::ListZiplist,
        Self::SetIntset,
        Self::SortedZiplist,
        Self::HashZiplist,
        Self::Quicklist,
        Self::Stream,
        Self::HashListpack,
        Self::SortedListpack,
        Self::Quicklist2,
        Self::Stream2,
    ];

    /// The kind that a byte stands for. `None`: for none, or for a value of a module.
    pub(super) fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}
