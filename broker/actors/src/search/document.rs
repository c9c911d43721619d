//! What is indexed of a message and of a file, and what a hit says of it.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_protocol::Message as Record;
use clawlink_protocol::time::iso8601;

use crate::Reply;
use crate::files::state::Version;
use crate::topics::message::{Body, Message};

/// How many bytes of a content are indexed, from its beginning: what is worth finding says early what it is
/// about, and nobody is to fill the memory with the words of one file.
pub(super) const TEXT_BYTES_MAX: usize = 256 * 1024;

/// The newest version of a file, as far as it matters here. The content is shared with the files.
#[derive(Debug, Clone)]
pub struct FileDocument {
    /// What it holds.
    pub content: Bytes,
    /// Its number.
    pub version: u64,
    /// Who saved it; empty if nobody said.
    pub editor: Arc<str>,
    /// When, in milliseconds since 1970.
    pub at: u64,
}

impl From<&Version> for FileDocument {
    fn from(version: &Version) -> Self {
        let Version { content, number, editor, at, .. } = version;
        Self { content: content.clone(), version: *number, editor: editor.clone(), at: *at }
    }
}

/// What can be found.
#[derive(Debug)]
pub(super) enum Document {
    /// A message of a topic.
    Message(Arc<Message>),
    /// A file, by its path.
    File(Box<[u8]>, FileDocument),
}

/// The text of a document: what it is known by, and what it says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// A path; a topic, a key and tags.
    pub(super) about: String,
    /// What snippets are taken from.
    pub(super) content: String,
}

impl Document {
    /// What it can be found by. `None`: it is not text, or it is a notice of the broker's.
    pub(super) fn text(&self) -> Option<Text> {
        match self {
            Self::Message(message) => message_text(message),
            Self::File(path, file) => {
                let about = String::from_utf8_lossy(path).into_owned();
                Some(Text { about, content: beginning(&file.content)?.to_owned() })
            }
        }
    }

    /// What a hit says of it besides its score and its snippet.
    pub(super) fn about(&self) -> Vec<(Reply, Reply)> {
        match self {
            Self::Message(message) => {
                let mut fields = vec![
                    (Reply::text("kind"), Reply::text("topic")),
                    (Reply::text("topic"), Reply::copy(&message.topic)),
                    (Reply::text("message_id"), message.message_id().into()),
                    (Reply::text("from_agent"), Reply::copy(message.from.as_bytes())),
                    (Reply::text("timestamp"), iso8601(message.id.ms).into()),
                ];
                let key = message.key().map(|key| Reply::copy(key.as_bytes()));
                fields.extend(key.map(|key| (Reply::text("key"), key)));
                fields
            }
            Self::File(path, file) => vec![
                (Reply::text("kind"), Reply::text("file")),
                (Reply::text("file_key"), Reply::copy(path)),
                (Reply::text("version"), Reply::Int(file.version as i64)),
                (Reply::text("last_editor"), Reply::copy(file.editor.as_bytes())),
                (Reply::text("updated_at"), iso8601(file.at).into()),
            ],
        }
    }
}

/// What agents said, with `CLAW.BROADCAST` or a plain `PUBLISH`. What the broker says of agents and files is
/// no knowledge: the files themselves are searched.
fn message_text(message: &Message) -> Option<Text> {
    let mut about = String::from_utf8_lossy(&message.topic).into_owned();
    let content = match &message.body {
        Body::Raw(_, payload) => beginning(payload)?.to_owned(),
        Body::File(_) => return None,
        Body::Record(_, json) => match Record::from_json(json).ok()? {
            Record::KnowledgeBroadcast(record) => record.content.unwrap_or_default(),
            _ => return None,
        },
    };
    for label in message.labels.iter().flat_map(|labels| labels.key.iter().chain(&labels.tags)) {
        about.push(' ');
        about.push_str(label);
    }
    let content = beginning(content.as_bytes()).unwrap_or_default().to_owned();
    Some(Text { about, content })
}

/// The beginning of a content, up to a whole character. `None`: it is not text.
fn beginning(content: &[u8]) -> Option<&str> {
    let cut = content.get(..TEXT_BYTES_MAX);
    match std::str::from_utf8(cut.unwrap_or(content)) {
        Ok(text) => Some(text),
        // A character was cut in two.
        Err(error) if cut.is_some() && error.error_len().is_none() => {
            std::str::from_utf8(&content[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> Document {
        let content = Bytes::copy_from_slice(content);
        let file = FileDocument { content, version: 1, editor: "".into(), at: 0 };
        Document::File(b"docs/plan.md".as_slice().into(), file)
    }

    #[test]
    fn a_file_is_known_by_its_path_and_its_text() {
        let text = file(b"caf\xc3\xa9").text().expect("text");
        assert_eq!((text.about.as_str(), text.content.as_str()), ("docs/plan.md", "café"));
        assert_eq!(file(b"caf\xe9").text(), None);
    }

    #[test]
    fn of_a_long_text_the_beginning_counts() {
        let odd = [b"x".as_slice(), "é".repeat(TEXT_BYTES_MAX).as_bytes()].concat();
        let text = file(&odd).text().expect("text");
        assert_eq!(text.content.len(), TEXT_BYTES_MAX - 1);
        let broken = [b"\xff".as_slice(), &odd].concat();
        assert_eq!(file(&broken).text(), None);
    }
}
