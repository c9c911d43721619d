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
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One version of a shared file: what `CLAW.FILE LOG` says about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileVersion {
    /// 1, 2, 3 …
    pub version: u64,
    /// Who saved it; empty if the editor did not say.
    pub last_editor: String,
    /// What it holds, as its editor says.
    pub file_type: String,
    /// When it was saved.
    pub updated_at: String,
    /// Bytes of content.
    pub size: u64,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}
