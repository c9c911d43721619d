//! Streams: entries of fields and values, in the order of their ids, and groups of consumers that share them.
//!
//! Entries stand in nodes of about a hundred, each one buffer (see `node`), by the id of the first entry. Nodes begin
//! at the same entries as Redis 7.0.15's do, for approximate trimming removes whole ones. The counters that `XINFO`
//! shows and the reading of groups depends on are Redis's too.

pub mod entries;
pub mod group;
mod id;
mod lag;
mod listpack;
pub mod log;
mod node;
mod nodes;
mod pending;
mod radix;
mod range;
mod trim;
mod varint;

#[cfg(test)]
mod tests;

pub use entries::Entries;
pub use group::{Group, Groups};
pub use id::{ID_LEN_MAX, StreamId, c_str};
pub(crate) use listpack::way_back_bytes;
pub use log::{Log, NewId, NodeBounds};
pub use node::{Fields, Node, Placed};
pub use nodes::History;
pub use pending::{Consumer, ConsumerId, Pending};
pub use trim::{Trim, TrimBy};

/// A stream.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    /// Its entries.
    pub log: Log,
    /// The groups that read it.
    pub groups: Groups,
}

impl Stream {
    /// Estimate of the bytes of memory that it holds, itself included.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.log.memory() + self.groups.memory()
    }
}
