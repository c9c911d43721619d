//! The SHA-256 of contents, computed once for each version.
//!
//! A listing must not stop the owners' thread to hash gigabytes, and a small save must not pay for a listing that
//! nobody asks for. So what is larger than [`LAZY_BYTES_MAX`] is hashed when it is saved, which costs less than
//! receiving it did, and all else when it is listed first.

use sha2::{Digest as _, Sha256};

/// 32 bytes.
pub type Digest = [u8; 32];

/// Contents up to this size are hashed when they are listed first.
const LAZY_BYTES_MAX: usize = 4 * 1024;

/// The SHA-256 of `content`.
pub(super) fn of(content: &[u8]) -> Digest {
    Sha256::digest(content).into()
}

/// The same, if it is due when the content is saved.
pub(super) fn at_save(content: &[u8]) -> Option<Digest> {
    (content.len() > LAZY_BYTES_MAX).then(|| of(content))
}

/// The SHA-256 of a content that comes in parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    pub(super) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    pub(super) fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

/// In lower-case hexadecimal digits.
pub fn hex(digest: &Digest) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
