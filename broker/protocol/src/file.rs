//! Shared files. Their content is bytes and travels beside these records, never inside them.

use serde::{Deserialize, Serialize};

use crate::Extra;

/// A shared file, without its content: what `CLAW.FILE LIST` and `GET` say about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileEntry {
    /// Its key: any bytes that are UTF-8, `/` included.
    pub file_key: String,
    /// What it holds, as its editor says; `text` if none did.
    pub file_type: String,
    /// Who saved this version; empty if the editor did not say.
    pub last_editor: String,
    /// 1, 2, 3 …
    pub version: u64,
    /// When this version was saved.
    pub updated_at: String,
    /// Bytes of content.
    pub size: u64,
    /// The SHA-256 of the content, in hexadecimal digits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An entry in the log of a shared file: a version, or the tombstone that the file left when it was deleted or moved.
/// What `CLAW.FILE LOG` says about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileVersion {
    /// 1, 2, 3 …; a tombstone's is that of the last version before it.
    pub version: u64,
    /// Who saved it, or deleted or moved the file; empty if the editor did not say.
    pub last_editor: String,
    /// What it holds, as its editor says. A tombstone has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_type: Option<String>,
    /// When it was saved, or the file was deleted or moved.
    pub updated_at: String,
    /// Bytes of content. A tombstone has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The SHA-256 of the content, in hexadecimal digits. A tombstone has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// 1 in a tombstone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<u64>,
    /// Where the file went, in the tombstone of one that was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}
