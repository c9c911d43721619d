//! Contents that arrive in parts. Nobody reads one before its last part has made it a version.

use ahash::AHashMap;
use bytes::Bytes;

use super::digest::{Digest, Hasher};
use super::file::Draft;

/// Uploads at a time (64).
pub const UPLOADS_MAX: usize = 64;

/// Bytes of all unfinished uploads (512 MiB): eight of the largest files.
pub const UPLOAD_BYTES_MAX: usize = 512 << 20;

/// Parts of an upload (10 000): a file of the largest size in parts of 8 KiB.
pub const UPLOAD_PARTS_MAX: usize = 10_000;

/// Milliseconds after its last part in which an upload is given up (600 s).
pub const UPLOAD_IDLE_MS: u64 = 600_000;

/// A content that is arriving.
#[derive(Debug)]
pub struct Upload {
    /// The file it is for.
    pub key: Box<[u8]>,
    /// Who sends it and what it is to become; its content is empty until the end.
    pub draft: Draft,
    /// Whether it is to be merged if the file moves on meanwhile.
    pub merge: bool,
    /// Whether it is saved in spite of a lock.
    pub force: bool,
    parts: Vec<Bytes>,
    hasher: Hasher,
    len: usize,
    last_part: u64,
}

impl Upload {
    /// An upload without a part.
    pub fn new(key: &[u8], draft: Draft, merge: bool, force: bool) -> Self {
        let (parts, hasher) = (Vec::new(), Hasher::default());
        Self { key: key.into(), draft, merge, force, parts, hasher, len: 0, last_part: 0 }
    }

    /// Bytes that have arrived.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has arrived.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn push(&mut self, part: Bytes, now: u64) {
        self.hasher.update(&part);
        self.len += part.len();
        self.parts.push(part);
        self.last_part = now;
    }

    /// All parts in one, each copied once and let go of, and their SHA-256.
    pub fn finish(&mut self) -> (Bytes, Digest) {
        let mut content = Vec::with_capacity(self.len);
        self.parts.drain(..).for_each(|part| content.extend_from_slice(&part));
        (content.into(), std::mem::take(&mut self.hasher).finish())
    }
}

/// Why a part was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untaken {
    /// There is no such upload for this file by this agent.
    Unknown,
    /// There are [`UPLOADS_MAX`].
    TooMany,
    /// All uploads together would pass [`UPLOAD_BYTES_MAX`].
    TooManyBytes,
    /// It has [`UPLOAD_PARTS_MAX`] parts.
    TooManyParts,
}

/// The unfinished uploads.
#[derive(Debug, Default)]
pub struct Uploads {
    open: AHashMap<Box<[u8]>, Upload>,
    bytes: usize,
}

impl Uploads {
    /// Begins an upload under an id that is new.
    ///
    /// # Errors
    /// [`Untaken`].
    pub fn begin(
        &mut self,
        id: &[u8],
        mut upload: Upload,
        part: Bytes,
        now: u64,
    ) -> Result<(), Untaken> {
        if self.open.len() >= UPLOADS_MAX {
            return Err(Untaken::TooMany);
        }
        self.check_room(&part)?;
        self.bytes += part.len();
        upload.push(part, now);
        self.open.insert(id.into(), upload);
        Ok(())
    }

    /// The upload of this id, if it is for this file and by this agent.
    ///
    /// # Errors
    /// [`Untaken::Unknown`].
    pub fn get(&self, id: &[u8], key: &[u8], agent: &str) -> Result<&Upload, Untaken> {
        let upload = self.open.get(id).ok_or(Untaken::Unknown)?;
        let its = *upload.key == *key && *upload.draft.editor == *agent;
        if its { Ok(upload) } else { Err(Untaken::Unknown) }
    }

    /// Adds a part to an upload that [`Uploads::get`] gave. Says how many bytes have arrived.
    ///
    /// # Errors
    /// [`Untaken`]; the upload stays as it was.
    pub fn add(&mut self, id: &[u8], part: Bytes, now: u64) -> Result<usize, Untaken> {
        self.check_room(&part)?;
        let upload = self.open.get_mut(id).ok_or(Untaken::Unknown)?;
        if upload.parts.len() >= UPLOAD_PARTS_MAX {
            return Err(Untaken::TooManyParts);
        }
        self.bytes += part.len();
        upload.push(part, now);
        Ok(upload.len)
    }

    /// Ends an upload.
    pub fn take(&mut self, id: &[u8]) -> Option<Upload> {
        let upload = self.open.remove(id)?;
        self.bytes -= upload.len;
        Some(upload)
    }

    /// Bytes that have arrived for unfinished uploads.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// When the next one is given up.
    pub fn deadline(&self) -> Option<u64> {
        self.open.values().map(|upload| upload.last_part + UPLOAD_IDLE_MS).min()
    }

    /// Gives up those whose last part is too long ago.
    pub fn give_up(&mut self, now: u64) {
        let over = |upload: &Upload| upload.last_part + UPLOAD_IDLE_MS <= now;
        self.open.retain(|_, upload| !over(upload));
        self.bytes = self.open.values().map(Upload::len).sum();
    }

    fn check_room(&self, part: &Bytes) -> Result<(), Untaken> {
        let fits = self.bytes + part.len() <= UPLOAD_BYTES_MAX;
        if fits { Ok(()) } else { Err(Untaken::TooManyBytes) }
    }
}
