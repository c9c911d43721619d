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
pub mod set;
pub mod short;
pub mod sorted;
pub mod stream;

pub use dict::Dict;
pub use list::List;
pub use members::Members;
pub use name::Name;
pub use set::Set;
pub use short::Short;
pub use sorted::{Packing, SortedSet};
pub use stream::{Entries, Stream, StreamId};
