//! Files that were deleted or moved: their versions and tombstones, for those who want to know or to restore.

use std::collections::BTreeMap;

use ahash::AHashMap;

use super::file::{Bounds, File};

/// How many deleted files are remembered, and how much of them.
#[derive(Debug, Clone, Copy)]
pub struct GraveBounds {
    /// Files.
    pub files: u64,
    /// Bytes of all their versions.
    pub bytes: u64,
}

/// The files that are gone. Those that went first are forgotten first.
#[derive(Debug, Default)]
pub struct Graves {
    files: AHashMap<Box<[u8]>, (u64, File)>,
    /// In the order in which they went.
    order: BTreeMap<u64, Box<[u8]>>,
    next: u64,
    bytes: usize,
}

impl Graves {
    /// A file that is gone.
    pub fn get(&self, key: &[u8]) -> Option<&File> {
        self.files.get(key).map(|(_, file)| file)
    }

    /// Bytes of all versions that are remembered.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many files are remembered.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The keys and files, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &File)> {
        self.files.iter().map(|(key, (_, file))| (&**key, file))
    }

    /// Takes a file out again: it is written anew.
    pub(super) fn take(&mut self, key: &[u8]) -> Option<File> {
        let (place, file) = self.files.remove(key)?;
        self.order.remove(&place);
        self.bytes -= file.bytes();
        Some(file)
    }

    /// Puts a file in. If it is too large for the bounds its oldest versions go, and if those do not suffice it is
    /// forgotten as others are.
    pub(super) fn put(&mut self, key: &[u8], mut file: File, bounds: &GraveBounds) {
        file.keep(&Bounds { versions: u64::MAX, bytes: bounds.bytes });
        self.take(key);
        self.bytes += file.bytes();
        self.order.insert(self.next, key.into());
        self.files.insert(key.into(), (self.next, file));
        self.next += 1;
        while self.files.len() as u64 > bounds.files || self.bytes as u64 > bounds.bytes {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            if let Some((_, forgotten)) = self.files.remove(&oldest) {
                self.bytes -= forgotten.bytes();
            }
        }
    }
}
