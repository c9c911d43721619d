//! Containers and number formats that the owners keep their state in.
//!
//! Nothing here knows of actors, clocks or sockets: values in, values out. Where Redis has the same
//! thing (a quicklist, `string2ll`, `stringmatchlen`) the observable behaviour is Redis 7.0.15's.

pub mod dict;
pub mod glob;
pub mod list;
pub mod members;
pub mod name;
pub mod number;
pub mod pieces;
pub mod set;
pub mod short;
pub mod sorted;
pub mod stream;
pub mod text;

pub use dict::Dict;
pub use list::List;
pub use members::Members;
pub use name::Name;
pub use set::Set;
pub use short::Short;
pub use sorted::{Packing, SortedSet, packed_integer};
pub use stream::{Entries, Stream, StreamId};
pub use text::Text;

use std::ops::Range;

/// The places that the next step of a scan visits, of entries that stand at the places `0..len`; its start is the cursor
/// to go on from. A scan goes from the last place down: an entry that is removed is replaced by the last one, which
/// the scan has visited already. Any cursor that a client makes up is harmless.
pub(crate) fn scan_step(len: usize, cursor: u64, count: usize) -> Range<usize> {
    let end = match usize::try_from(cursor) {
        Ok(0) | Err(_) => len,
        Ok(place) => place.min(len),
    };
    // A scan that visits nothing would never end.
    end.saturating_sub(count.max(1))..end
}

/// Makes room for so many more bytes in a buffer of which there may be a million: for little more than these.
pub(crate) fn reserve_closely(buffer: &mut Vec<u8>, more: usize) {
    let need = buffer.len() + more;
    if need > buffer.capacity() {
        // The allocator's small sizes are multiples of 16.
        let room = (need + buffer.len() / 4).next_multiple_of(16);
        buffer.reserve_exact(room - buffer.len());
    }
}
