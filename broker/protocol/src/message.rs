//! Everything that an inbox can hold, and what is told about a task beside it.

use serde::{Deserialize, Serialize};

use crate::{
    AgentNotice, Extra, FileNotice, KnowledgeBroadcast, MessagesMissed, Published, TaskAnswer,
    TaskDelegation, TaskNotice, TaskProgress, TaskReceipt, TaskResponse,
};

/// One message, told apart by its field `type`. Written as one JSON object that begins with it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// `task_delegation`
    TaskDelegation(TaskDelegation),
    /// `task_response`
    TaskResponse(TaskResponse),
    /// `task_receipt`
    TaskReceipt(TaskReceipt),
    /// `task_canceled`
    TaskCanceled(TaskNotice),
    /// `task_expired`
    TaskExpired(TaskNotice),
    /// `task_answer`
    TaskAnswer(TaskAnswer),
    /// `task_progress`
    TaskProgress(TaskProgress),
    /// `knowledge_broadcast`
    KnowledgeBroadcast(KnowledgeBroadcast),
    /// `file_updated`
    FileUpdated(FileNotice),
    /// `file_deleted`
    FileDeleted(FileNotice),
    /// `file_locked`
    FileLocked(FileNotice),
    /// `file_unlocked`
    FileUnlocked(FileNotice),
    /// `agent_joined`
    AgentJoined(AgentNotice),
    /// `agent_left`
    AgentLeft(AgentNotice),
    /// `agent_stale`
    AgentStale(AgentNotice),
    /// `agent_online`
    AgentOnline(AgentNotice),
    /// `message`: what a plain `PUBLISH` sent
    Message(Published),
    /// `messages_missed`
    MessagesMissed(MessagesMissed),
    /// Any other object, its `type` included if it has one.
    #[serde(untagged)]
    Other(Extra),
}

/// The one field that says what the rest is.
#[derive(Deserialize)]
struct Kind {
    #[serde(default, rename = "type")]
    kind: String,
}

impl Message {
    /// Reads a message from its JSON text.
    ///
    /// The text is read twice, first for its `type`: serde's tagged enums would copy the whole
    /// message into a tree first, and a task's context would no longer be byte for byte what was
    /// sent.
    ///
    /// # Errors
    /// If this is not a JSON object, or a field of a known `type` holds something else than it should.
    pub fn from_json(json: &[u8]) -> serde_json::Result<Self> {
        let Kind { kind } = serde_json::from_slice(json)?;
        match kind.as_str() {
            "task_delegation" => serde_json::from_slice(json).map(Self::TaskDelegation),
            "task_response" => serde_json::from_slice(json).map(Self::TaskResponse),
            "task_receipt" => serde_json::from_slice(json).map(Self::TaskReceipt),
            "task_canceled" => serde_json::from_slice(json).map(Self::TaskCanceled),
            "task_expired" => serde_json::from_slice(json).map(Self::TaskExpired),
            "task_answer" => serde_json::from_slice(json).map(Self::TaskAnswer),
            "task_progress" => serde_json::from_slice(json).map(Self::TaskProgress),
            "knowledge_broadcast" => serde_json::from_slice(json).map(Self::KnowledgeBroadcast),
            "file_updated" => serde_json::from_slice(json).map(Self::FileUpdated),
            "file_deleted" => serde_json::from_slice(json).map(Self::FileDeleted),
            "file_locked" => serde_json::from_slice(json).map(Self::FileLocked),
            "file_unlocked" => serde_json::from_slice(json).map(Self::FileUnlocked),
            "agent_joined" => serde_json::from_slice(json).map(Self::AgentJoined),
            "agent_left" => serde_json::from_slice(json).map(Self::AgentLeft),
            "agent_stale" => serde_json::from_slice(json).map(Self::AgentStale),
            "agent_online" => serde_json::from_slice(json).map(Self::AgentOnline),
            "message" => serde_json::from_slice(json).map(Self::Message),
            "messages_missed" => serde_json::from_slice(json).map(Self::MessagesMissed),
            _ => serde_json::from_slice(json).map(Self::Other),
        }
        .map(Self::without_type)
    }

    /// The `type` lives in the variant; left in `extra` it would be written twice.
    fn without_type(mut self) -> Self {
        let extra = match &mut self {
            Self::TaskDelegation(record) => &mut record.extra,
            Self::TaskResponse(record) => &mut record.extra,
            Self::TaskReceipt(record) => &mut record.extra,
            Self::TaskCanceled(record) | Self::TaskExpired(record) => &mut record.extra,
            Self::TaskAnswer(record) => &mut record.extra,
            Self::TaskProgress(record) => &mut record.extra,
            Self::KnowledgeBroadcast(record) => &mut record.extra,
            Self::FileUpdated(record)
            | Self::FileDeleted(record)
            | Self::FileLocked(record)
            | Self::FileUnlocked(record) => &mut record.extra,
            Self::AgentJoined(record)
            | Self::AgentLeft(record)
            | Self::AgentStale(record)
            | Self::AgentOnline(record) => &mut record.extra,
            Self::Message(record) => &mut record.extra,
            Self::MessagesMissed(record) => &mut record.extra,
            Self::Other(_) => return self,
        };
        extra.remove("type");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Message;
    use crate::{Priority, TaskStatus};

    /// Reads and writes again.
    fn round(json: &str) -> String {
        let message = Message::from_json(json.as_bytes()).expect("a message");
        serde_json::to_string(&message).expect("JSON")
    }

    #[test]
    fn a_task_keeps_its_context_byte_for_byte_and_unknown_fields() {
        let json = concat!(
            r#"{"type":"task_delegation","message_id":"bob.t.1","from_agent":"alice","#,
            r#""to_agent":"bob","task":"sum","context":{"z": 123456789012345678901234567890,"a":1.0},"#,
            r#""priority":"urgent","timestamp":"2026-01-01T00:00:00.000Z","deadline":7}"#
        );
        assert_eq!(round(json), json);
    }

    #[test]
    fn each_type_survives_reading_and_writing() {
        for json in [
            r#"{"type":"task_response","message_id":"b.t.1","response_id":"a.t.2","from_agent":"b","to_agent":"a","result":"42","status":"in_progress","timestamp":"t"}"#,
            r#"{"type":"task_receipt","message_id":"b.t.1","receipt_id":"a.t.2","event":"lease_lost","agent":"b","attempt":2,"reason":"","timestamp":"t","x":1}"#,
            r#"{"type":"task_canceled","message_id":"b.t.1","notice_id":"b.t.2","from_agent":"a","to_agent":"b","reason":"late","timestamp":"t","x":1}"#,
            r#"{"type":"task_expired","message_id":"b.t.1","notice_id":"b.t.2","from_agent":"","to_agent":"b","reason":"","timestamp":"t"}"#,
            r#"{"type":"task_answer","message_id":"b.t.1","answer_id":"b.t.3","from_agent":"a","to_agent":"b","answer":"blue","timestamp":"t","x":1}"#,
            r#"{"type":"task_progress","message_id":"b.t.1","seq":3,"from_agent":"b","note":"half","percent":50,"timestamp":"t","x":1}"#,
            r#"{"type":"knowledge_broadcast","message_id":"m.t.1","from_agent":"b","content":"c","topic":"t","tags":["x"],"timestamp":"t"}"#,
            r#"{"type":"knowledge_broadcast","message_id":"m.t.1","from_agent":"b","content":"c","topic":"t","tags":[],"key":"k","supersedes":"m.t.0","timestamp":"t"}"#,
            r#"{"type":"messages_missed","message_id":"m.t.1","topic":"t","missed":3,"timestamp":"t"}"#,
            r#"{"type":"file_updated","message_id":"f.t.1","file_key":"a/b","version":3,"last_editor":"b","timestamp":"t"}"#,
            r#"{"type":"file_deleted","message_id":"f.t.1","file_key":"a/b","version":3,"last_editor":"b","moved_to":"c","timestamp":"t"}"#,
            r#"{"type":"message","message_id":"t.t.1","topic":"t","content_base64":"/w==","timestamp":"t"}"#,
            r#"{"type":"of another kind","x":[1,2]}"#,
        ] {
            assert_eq!(round(json), json);
        }
    }

    #[test]
    fn what_is_missing_takes_its_default() {
        let task = Message::from_json(br#"{"type":"task_delegation","task":"x"}"#);
        let Ok(Message::TaskDelegation(task)) = task else { panic!("{task:?}") };
        assert_eq!(task.priority, Priority::Normal);
        assert_eq!(task.context.expect("a context").get(), "{}");

        let answer = Message::from_json(br#"{"type":"task_response","result":"x"}"#);
        let Ok(Message::TaskResponse(answer)) = answer else { panic!("{answer:?}") };
        assert_eq!(answer.status, TaskStatus::Completed);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for bad in ["", "[]", "7", "{", r#"{"type":"task_response","status":"half"}"#] {
            assert!(Message::from_json(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
