//! The shared files and their versions.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use crate::collections::{Dict, glob};

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
}

/// What is to be saved.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The content.
    pub content: Bytes,
    /// Its type; left out, it is that of the version before, and `text` for a new file.
    pub file_type: Option<Arc<str>>,
    /// The agent who saves it.
    pub editor: Arc<str>,
    /// Saves only if this is the newest version's number; 0: only if there is no such file.
    pub base: Option<u64>,
}

/// The type of a file for which nobody named one.
pub const DEFAULT_TYPE: &str = "text";

/// Why a draft was not saved: somebody else was first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// The file is at this version, saved by this agent.
    Moved(u64, Arc<str>),
    /// There is no such file, though there should be.
    Missing,
}

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
    fn new(first: Version) -> Self {
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

    fn push(&mut self, version: Version, bounds: &Bounds) {
        self.bytes += version.content.len();
        self.older.push_back(std::mem::replace(&mut self.newest, version));
        while self.older.len() as u64 >= bounds.versions || self.bytes as u64 > bounds.bytes {
            let Some(dropped) = self.older.pop_front() else {
                return;
            };
            self.bytes -= dropped.content.len();
        }
    }
}

/// All files.
#[derive(Debug, Default)]
pub struct Files {
    files: Dict<File>,
    bytes: usize,
}

impl Files {
    /// Saves a new version and says its number.
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
        let Draft { content, file_type, editor, .. } = draft;
        let Some(file) = self.files.get_mut(key) else {
            let file_type = file_type.unwrap_or_else(|| DEFAULT_TYPE.into());
            let first = Version { number: 1, content, file_type, editor, at: now };
            self.bytes += first.content.len();
            self.files.insert(key, File::new(first));
            return Ok(1);
        };
        let number = file.newest.number + 1;
        let file_type = file_type.unwrap_or_else(|| file.newest.file_type.clone());
        let before = file.bytes;
        file.push(Version { number, content, file_type, editor, at: now }, bounds);
        self.bytes = self.bytes + file.bytes - before;
        Ok(number)
    }

    fn check_base(&self, key: &[u8], base: Option<u64>) -> Result<(), Conflict> {
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

    /// Whether there is such a file.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.files.contains(key)
    }

    /// The keys that match a glob pattern (all without one) and their newest versions, in order of
    /// key.
    pub fn list(&self, pattern: Option<&[u8]>) -> Vec<(&[u8], &Version)> {
        let named = |key: &[u8]| pattern.is_none_or(|pattern| glob::matches(pattern, key));
        let matching = self.files.iter().filter(|(key, _)| named(key));
        let mut listed: Vec<_> = matching.map(|(key, file)| (key, &file.newest)).collect();
        listed.sort_unstable_by_key(|(key, _)| *key);
        listed
    }

    /// Deletes a file with all its versions, and gives the newest.
    pub fn delete(&mut self, key: &[u8]) -> Option<Version> {
        let file = self.files.remove(key)?;
        self.bytes -= file.bytes;
        Some(file.newest)
    }

    /// Deletes all files.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// All files, for iteration and scans.
    pub fn files(&self) -> &Dict<File> {
        &self.files
    }

    /// Bytes of all kept versions of all files.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Bounds = Bounds { versions: 4, bytes: 100 };

    fn draft(content: &str) -> Draft {
        let content = Bytes::copy_from_slice(content.as_bytes());
        Draft { content, file_type: None, editor: "alice".into(), base: None }
    }

    #[test]
    fn a_base_that_was_passed_is_a_conflict() {
        let mut files = Files::default();
        let based = |base| Draft { base: Some(base), ..draft("x") };
        assert_eq!(files.put(b"f", based(3), 1, &BOUNDS), Err(Conflict::Missing));
        assert_eq!(files.put(b"f", based(0), 1, &BOUNDS), Ok(1));
        assert_eq!(files.put(b"f", based(0), 1, &BOUNDS), Err(Conflict::Moved(1, "alice".into())));
        assert_eq!(files.put(b"f", based(1), 1, &BOUNDS), Ok(2));
    }

    #[test]
    fn a_type_lasts_until_another_is_named() {
        let mut files = Files::default();
        let mut types = Vec::new();
        for file_type in [None, Some("markdown"), None] {
            let typed = Draft { file_type: file_type.map(Arc::from), ..draft("x") };
            assert!(files.put(b"f", typed, 1, &BOUNDS).is_ok());
            types.push(files.get(b"f").map(|newest| newest.file_type.to_string()));
        }
        assert_eq!(types.iter().flatten().collect::<Vec<_>>(), ["text", "markdown", "markdown"]);
    }

    #[test]
    fn the_newest_version_is_kept_whatever_its_size() {
        let mut files = Files::default();
        assert!(files.put(b"f", draft("small"), 1, &BOUNDS).is_ok());
        assert!(files.put(b"f", draft(&"x".repeat(500)), 1, &BOUNDS).is_ok());
        let file = files.file(b"f").expect("it was saved");
        assert_eq!((file.oldest_number(), file.bytes()), (2, 500));
        assert!(file.version(1).is_none() && file.version(2).is_some());
    }

    proptest! {
        /// The model: all versions of each file in a vector, of which the last few are kept.
        #[test]
        fn behaves_as_the_last_versions_of_each_file(
            steps in prop::collection::vec((0..4u8, 0..60usize, 0..9u8), 0..80),
        ) {
            let mut files = Files::default();
            let mut model: BTreeMap<Vec<u8>, Vec<(u64, usize)>> = BTreeMap::new();
            for (key, len, kind) in steps {
                let key = vec![b'a' + key];
                if kind == 0 {
                    let newest = files.delete(&key).map(|version| version.number);
                    let expected = model.remove(&key).and_then(|kept| kept.last().map(|k| k.0));
                    prop_assert_eq!(newest, expected);
                    continue;
                }
                let kept = model.entry(key.clone()).or_default();
                let number = kept.last().map_or(1, |(number, _)| number + 1);
                prop_assert_eq!(files.put(&key, draft(&"x".repeat(len)), 1, &BOUNDS), Ok(number));
                kept.push((number, len));
                let bytes = |kept: &[(u64, usize)]| kept.iter().map(|(_, len)| len).sum::<usize>();
                while kept.len() > 4 || kept.len() > 1 && bytes(kept) > 100 {
                    kept.remove(0);
                }
            }
            for (key, kept) in &model {
                let file = files.file(key).expect("it is in the model");
                let ours: Vec<_> = file.versions().map(|v| (v.number, v.content.len())).collect();
                let theirs: Vec<_> = kept.iter().rev().copied().collect();
                prop_assert_eq!(ours, theirs);
                for number in 0..kept.last().map_or(0, |k| k.0) + 2 {
                    let expected = kept.iter().find(|k| k.0 == number).map(|k| k.1);
                    prop_assert_eq!(file.version(number).map(|v| v.content.len()), expected);
                }
            }
            let listed: Vec<_> = files.list(None).into_iter().map(|(key, _)| key.to_vec()).collect();
            prop_assert_eq!(listed, model.keys().cloned().collect::<Vec<_>>());
            prop_assert_eq!(files.bytes(), model.values().flatten().map(|k| k.1).sum::<usize>());
        }
    }
}
