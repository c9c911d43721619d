//! A file and its versions.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::digest::{self, Digest};

/// One saved version of a file.
#[derive(Debug, Clone)]
pub struct Version {
    /// 1, 2, 3 …
    pub number: u64,
    /// What was saved.
    pub content: Bytes,
    /// What it is, as its editor says.
    pub file_type: Arc<str>,
    /// The agent who saved it; empty if nobody said.
    pub editor: Arc<str>,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What ended the file at this version, if it was deleted or moved then.
    pub end: Option<Box<End>>,
    digest: OnceCell<Digest>,
}

/// A tombstone: a file was deleted or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The agent who did it; empty if nobody said.
    pub by: Arc<str>,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Where it went, unless it was deleted.
    pub moved_to: Option<Box<[u8]>>,
}

impl Version {
    /// The version of this number that a draft becomes, after `before` if there is one.
    pub(super) fn new(number: u64, draft: Draft, before: Option<&Self>, at: u64) -> Self {
        let Draft { content, file_type, editor, digest, .. } = draft;
        let file_type = file_type
            .or_else(|| before.map(|before| before.file_type.clone()))
            .unwrap_or_else(|| DEFAULT_TYPE.into());
        let digest = digest.or_else(|| digest::at_save(&content));
        let digest = digest.map_or_else(OnceCell::new, OnceCell::from);
        Self { number, content, file_type, editor, at, end: None, digest }
    }

    /// The SHA-256 of the content.
    pub fn digest(&self) -> &Digest {
        self.digest.get_or_init(|| digest::of(&self.content))
    }

    /// The same, if it was computed before.
    pub fn known_digest(&self) -> Option<Digest> {
        self.digest.get().copied()
    }
}

/// What is to be saved.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The content.
    pub content: Bytes,
    /// Its type; left out, it is that of the version before, and `text` for a new file.
    pub file_type: Option<Arc<str>>,
    /// The agent who saves it.
    pub editor: Arc<str>,
    /// Saves only if this is the newest version's number; 0: only if there is no such file.
    pub base: Option<u64>,
    /// The content's SHA-256, if it is known already.
    pub digest: Option<Digest>,
}

/// The type of a file for which nobody named one.
pub const DEFAULT_TYPE: &str = "text";

/// How much of a file's past is kept; its newest version is kept in any case.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Versions.
    pub versions: u64,
    /// Bytes of all versions.
    pub bytes: u64,
}

/// A file: never without a version.
#[derive(Debug)]
pub struct File {
    newest: Version,
    /// Oldest first.
    older: VecDeque<Version>,
    bytes: usize,
}

impl File {
    pub(super) fn new(first: Version) -> Self {
        Self { bytes: first.content.len(), newest: first, older: VecDeque::new() }
    }

    /// The newest version.
    pub fn newest(&self) -> &Version {
        &self.newest
    }

    /// The kept versions, newest first.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.newest).chain(self.older.iter().rev())
    }

    /// The number of the oldest version that is kept.
    pub fn oldest_number(&self) -> u64 {
        self.older.front().map_or(self.newest.number, |version| version.number)
    }

    /// The version of this number, if it is kept.
    pub fn version(&self, number: u64) -> Option<&Version> {
        // Numbers have no gaps, so a version's number says where it stands.
        let place = usize::try_from(number.checked_sub(self.oldest_number())?).ok()?;
        if place == self.older.len() { Some(&self.newest) } else { self.older.get(place) }
    }

    /// Bytes of all kept versions.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Estimate of the memory it takes, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes + size_of::<Self>() + self.older.capacity() * size_of::<Version>()
    }

    pub(super) fn push(&mut self, version: Version, bounds: &Bounds) {
        self.bytes += version.content.len();
        self.older.push_back(std::mem::replace(&mut self.newest, version));
        self.keep(bounds);
    }

    /// Drops the oldest versions that pass the bounds.
    pub(super) fn keep(&mut self, bounds: &Bounds) {
        while self.older.len() as u64 >= bounds.versions || self.bytes as u64 > bounds.bytes {
            let Some(dropped) = self.older.pop_front() else {
                return;
            };
            self.bytes -= dropped.content.len();
        }
    }

    pub(super) fn end(&mut self, end: End) {
        self.newest.end = Some(Box::new(end));
    }
}
