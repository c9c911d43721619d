//! The shared files: versions, tombstones, locks and uploads. Pure: the time is a parameter.

mod changes;
mod digest;
mod file;
mod graves;
mod locks;
#[cfg(test)]
mod tests;
mod uploads;

pub use changes::{CHANGES_MAX, Changes, Next};
pub use digest::{Digest, hex};
pub use file::{Bounds, DEFAULT_TYPE, Draft, End, File, Version};
pub use graves::{GraveBounds, Graves};
pub use locks::{LOCK_MS, LOCK_MS_MAX, LOCKS_MAX, Lock, Locks, NotLocked};
pub use uploads::{
    UPLOAD_BYTES_MAX, UPLOAD_IDLE_MS, UPLOAD_PARTS_MAX, UPLOADS_MAX, Untaken, Upload, Uploads,
};

use std::sync::Arc;

use crate::collections::{Dict, glob};

/// Why a draft was not saved: somebody else was first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// The file is at this version, saved by this agent.
    Moved(u64, Arc<str>),
    /// There is no such file, though there should be.
    Missing,
}

/// All files.
#[derive(Debug, Default)]
pub struct Files {
    files: Dict<File>,
    graves: Graves,
    bytes: usize,
    /// Who has reserved which file.
    pub locks: Locks,
    /// Contents that are arriving in parts.
    pub uploads: Uploads,
    /// What changed last.
    pub changes: Changes,
}

impl Files {
    /// Saves a new version and says its number. The numbers of a file that was deleted go on.
    ///
    /// # Errors
    /// [`Conflict`], if the draft names a base and the file is not at that version.
    pub fn put(
        &mut self,
        key: &[u8],
        draft: Draft,
        now: u64,
        bounds: &Bounds,
    ) -> Result<u64, Conflict> {
        self.check_base(key, draft.base)?;
        let Some(file) = self.files.get_mut(key) else {
            return Ok(self.create(key, draft, now, bounds));
        };
        let number = file.newest().number + 1;
        let version = Version::new(number, draft, Some(file.newest()), now);
        let before = file.bytes();
        file.push(version, bounds);
        self.bytes = self.bytes + file.bytes() - before;
        Ok(number)
    }

    fn create(&mut self, key: &[u8], draft: Draft, now: u64, bounds: &Bounds) -> u64 {
        let file = match self.graves.take(key) {
            Some(mut file) => {
                let number = file.newest().number + 1;
                // Whoever writes it anew says what it is anew.
                file.push(Version::new(number, draft, None, now), bounds);
                file
            }
            None => File::new(Version::new(1, draft, None, now)),
        };
        let number = file.newest().number;
        self.bytes += file.bytes();
        self.files.insert(key, file);
        number
    }

    /// Whether a draft with this base may be saved.
    ///
    /// # Errors
    /// [`Conflict`].
    pub fn check_base(&self, key: &[u8], base: Option<u64>) -> Result<(), Conflict> {
        match (base, self.get(key)) {
            (None, _) | (Some(0), None) => Ok(()),
            (Some(_), None) => Err(Conflict::Missing),
            (Some(base), Some(newest)) if base == newest.number => Ok(()),
            (Some(_), Some(newest)) => Err(Conflict::Moved(newest.number, newest.editor.clone())),
        }
    }

    /// The newest version of a file.
    pub fn get(&self, key: &[u8]) -> Option<&Version> {
        self.files.get(key).map(File::newest)
    }

    /// A file with its versions.
    pub fn file(&self, key: &[u8]) -> Option<&File> {
        self.files.get(key)
    }

    /// A file with its versions, also if it was deleted or moved: then its newest version has an end.
    pub fn past(&self, key: &[u8]) -> Option<&File> {
        self.files.get(key).or_else(|| self.graves.get(key))
    }

    /// Whether there is such a file.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.files.contains(key)
    }

    /// The keys that match a glob pattern (all without one) and their newest versions, in order of
    /// key.
    pub fn list(&self, pattern: Option<&[u8]>) -> Vec<(&[u8], &Version)> {
        let named = |key: &[u8]| pattern.is_none_or(|pattern| glob::matches(pattern, key));
        let matching = self.files.iter().filter(|(key, _)| named(key));
        let mut listed: Vec<_> = matching.map(|(key, file)| (key, file.newest())).collect();
        listed.sort_unstable_by_key(|(key, _)| *key);
        listed
    }

    /// Deletes a file, or notes where it moved, and gives its newest version. What is remembered of it is bounded.
    pub fn end(&mut self, key: &[u8], end: End, bounds: &GraveBounds) -> Option<Version> {
        let mut file = self.files.remove(key)?;
        self.bytes -= file.bytes();
        let newest = file.newest().clone();
        file.end(end);
        self.graves.put(key, file, bounds);
        Some(newest)
    }

    /// Forgets all files, locks and uploads. Changes go on being numbered.
    pub fn clear(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        *self = Self { changes, ..Self::default() };
    }

    /// All files, for iteration and scans.
    pub fn files(&self) -> &Dict<File> {
        &self.files
    }

    /// The files that are gone and still remembered.
    pub fn graves(&self) -> &Graves {
        &self.graves
    }

    /// Bytes of all that is kept: versions of files, also of deleted ones, and parts of uploads.
    pub fn bytes(&self) -> usize {
        self.bytes + self.graves.bytes() + self.uploads.bytes()
    }
}
