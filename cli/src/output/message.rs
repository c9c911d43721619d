//! Messages as an inbox holds them: read from the broker's reply, printed for people.

use clawlink_protocol::{AgentNotice, FileNotice, Message, TaskDelegation, TaskResponse};
use redis::Value;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::page::Page;
use super::style::{FAINT, ID, KIND};
use super::text::{clean, time};
use super::{Report, task, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reply;

/// One message: the record exactly as the broker gave it, and what it says.
///
/// The raw form is what `--json` prints, so fields and numbers that this program knows nothing of
/// reach the reader unchanged.
pub(crate) struct Mail {
    raw: Box<RawValue>,
    message: Option<Message>,
}

impl Mail {
    /// Reads a message from the broker's reply.
    pub(crate) fn read(reply: Value) -> Result<Self, Failure> {
        // Outside of its strings JSON may hold line breaks, inside it cannot: without them a
        // stream of messages is JSON Lines, and no value has changed.
        let json = reply::text(reply)?.replace(['\n', '\r'], " ");
        let message = Message::from_json(json.as_bytes()).ok();
        let raw = RawValue::from_string(json).map_err(|error| {
            Failure::new(
                Exit::NoBroker,
                format!("the broker gave a message that is no JSON: {error}"),
            )
        })?;
        Ok(Self { raw, message })
    }

    /// What it says, if it is one of the records.
    pub(crate) fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// The task, if it is one.
    pub(crate) fn task(&self) -> Option<&TaskDelegation> {
        match &self.message {
            Some(Message::TaskDelegation(task)) => Some(task),
            _ => None,
        }
    }

    /// The response, if it is one.
    pub(crate) fn response(&self) -> Option<&TaskResponse> {
        match &self.message {
            Some(Message::TaskResponse(response)) => Some(response),
            _ => None,
        }
    }
}

impl Serialize for Mail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl Report for Mail {
    fn text(&self, page: &mut Page) {
        match &self.message {
            Some(Message::TaskDelegation(record)) => task::delegation(page, record),
            Some(Message::TaskResponse(record)) => task::response(page, record),
            Some(Message::TaskReceipt(record)) => task::receipt(page, record),
            Some(Message::TaskCanceled(record)) => task::notice(page, "canceled", record),
            Some(Message::TaskExpired(record)) => task::notice(page, "expired", record),
            Some(Message::TaskAnswer(record)) => task::answer(page, record),
            Some(Message::TaskProgress(record)) => task::progress(page, record),
            Some(Message::KnowledgeBroadcast(record)) => {
                let tags = record.tags.iter().map(|tag| format!(" #{tag}")).collect::<String>();
                let key = record.key.iter().map(|key| format!(" key {key}")).collect::<String>();
                let about =
                    format!("on {} from {}{key}{tags}", record.topic, who(&record.from_agent));
                head(page, "broadcast", &record.message_id, &about, &record.timestamp);
                body(page, record.content.as_deref(), record.content_base64.as_deref());
            }
            Some(Message::Message(record)) => {
                let about = format!("on {}", record.topic);
                head(page, "message", &record.message_id, &about, &record.timestamp);
                body(page, record.content.as_deref(), record.content_base64.as_deref());
            }
            Some(Message::MessagesMissed(record)) => {
                let missed = text::plural(record.missed, "message");
                let about = format!("on {}: {missed}, no longer kept", record.topic);
                head(page, "missed", &record.message_id, &about, &record.timestamp);
            }
            Some(Message::FileUpdated(record)) => file(page, "saved", record),
            Some(Message::FileDeleted(record)) => match &record.moved_to {
                Some(to) => file(page, &format!("moved to {to}"), record),
                None => file(page, "deleted", record),
            },
            Some(Message::FileLocked(record)) => file(page, "locked", record),
            Some(Message::FileUnlocked(record)) => file(page, "unlocked", record),
            Some(Message::AgentJoined(record)) => agent(page, "joined", record),
            Some(Message::AgentLeft(record)) => agent(page, "left", record),
            Some(Message::AgentStale(record)) => agent(page, "went stale", record),
            Some(Message::AgentOnline(record)) => agent(page, "is back", record),
            Some(Message::Other(_)) | None => {
                page.line(format_args!("{KIND}other{KIND:#}"));
                page.block(self.raw.get());
            }
        }
    }
}

fn file(page: &mut Page, event: &str, record: &FileNotice) {
    let (key, version) = (&record.file_key, record.version);
    let about = format!("{key} {event}, version {version} by {}", who(&record.last_editor));
    head(page, "file", &record.message_id, &about, &record.timestamp);
}

fn agent(page: &mut Page, event: &str, record: &AgentNotice) {
    let agent = &record.agent;
    let caps = if agent.capabilities.is_empty() { "" } else { ": " };
    let about = format!("{} {event}{caps}{}", agent.agent_id, agent.capabilities.join(", "));
    head(page, "agent", &record.message_id, &about, &record.timestamp);
}

/// The first line of a message, `about` in the words of others.
fn head(page: &mut Page, kind: &str, id: &str, about: &str, timestamp: &str) {
    styled_head(page, kind, id, &clean(about).to_string(), timestamp);
}

/// The first line of a message, `about` clean already and coloured.
pub(super) fn styled_head(page: &mut Page, kind: &str, id: &str, about: &str, timestamp: &str) {
    let (id, time) = (clean(id), time(timestamp));
    page.line(format_args!("{KIND}{kind}{KIND:#} {ID}{id}{ID:#} {about} {FAINT}{time}{FAINT:#}"));
}

/// What a message says.
pub(super) fn body(page: &mut Page, text: Option<&str>, base64: Option<&str>) {
    match (text, base64) {
        (Some(text), _) => page.block(text),
        (None, Some(base64)) => page.block(&format!("(not text; in base64) {base64}")),
        (None, None) => {}
    }
}

/// A sender's id; the broker leaves it empty when the sender did not say.
pub(crate) fn who(agent_id: &str) -> text::Clean<'_> {
    clean(if agent_id.is_empty() { "nobody" } else { agent_id })
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::Mail;
    use crate::output::{Report, page::Page};

    fn read(json: &str) -> Mail {
        Mail::read(Value::BulkString(json.as_bytes().to_vec())).expect("a message")
    }

    fn printed(json: &str) -> String {
        let mut page = Page::for_stdout(0);
        read(json).text(&mut page);
        anstream::adapter::strip_str(page.as_str()).to_string()
    }

    #[test]
    fn a_task_shows_its_id_sender_priority_and_context() {
        let text = printed(
            r#"{"type":"task_delegation","message_id":"bob.t.1","from_agent":"alice","to_agent":"bob",
                "task":"line 1\nline 2","context":{"n":1},"priority":"urgent","timestamp":"2026-01-31T10:20:30.000Z"}"#,
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "task bob.t.1 from alice urgent 2026-01-31 10:20:30Z");
        assert_eq!(lines[1..], ["    line 1", "    line 2", "    context {\"n\":1}"]);
    }

    #[test]
    fn a_task_that_was_handed_out_shows_its_receipt_and_its_times() {
        let text = printed(
            r#"{"type":"task_delegation","message_id":"bob.t.1","task_ref":"bob.t.1","task_bytes":20000,
                "attempt":2,"receipt":"bob.t.1#2","lease_ends":"2026-01-31T10:30:30.000Z",
                "deadline":"2026-01-31T11:00:00.000Z","parent":"eve.t.9","group":"g"}"#,
        );
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "    (19 KiB, more than the poll allowed: clawlink task bob.t.1)",
                "    receipt bob.t.1#2 attempt 2, lease ends 2026-01-31 10:30:30Z",
                "    deadline 2026-01-31 11:00:00Z",
                "    group g",
                "    parent eve.t.9",
            ]
        );
    }

    #[test]
    fn every_kind_shows_its_id() {
        for (json, head) in [
            (
                r#"{"type":"task_response","message_id":"b.t.1","response_id":"a.t.2","from_agent":"b","result":"r","status":"failed"}"#,
                "response a.t.2 from b to b.t.1 failed",
            ),
            (
                r#"{"type":"task_receipt","message_id":"b.t.1","receipt_id":"a.t.3","event":"lease_lost","agent":"b","attempt":2}"#,
                "receipt a.t.3 for b.t.1 lease_lost by b, attempt 2",
            ),
            (
                r#"{"type":"task_receipt","message_id":"b.t.1","receipt_id":"a.t.4","event":"queued"}"#,
                "receipt a.t.4 for b.t.1 queued",
            ),
            (
                r#"{"type":"task_canceled","message_id":"b.t.1","notice_id":"b.t.5","from_agent":"a","reason":"late"}"#,
                "canceled b.t.5 task b.t.1 by a",
            ),
            (
                r#"{"type":"task_expired","message_id":"b.t.1","notice_id":"b.t.6"}"#,
                "expired b.t.6 task b.t.1",
            ),
            (
                r#"{"type":"task_answer","message_id":"b.t.1","answer_id":"b.t.7","from_agent":"a","answer":"blue"}"#,
                "answer b.t.7 from a for b.t.1",
            ),
            (
                r#"{"type":"task_progress","message_id":"b.t.1","seq":3,"from_agent":"b","note":"half","percent":50}"#,
                "progress b.t.1 from b 50 %",
            ),
            (
                r##"{"type":"knowledge_broadcast","message_id":"#k.t.3","from_agent":"","topic":"k","content":"c","tags":["x"]}"##,
                "broadcast #k.t.3 on k from nobody #x",
            ),
            (
                r##"{"type":"knowledge_broadcast","message_id":"#k.t.3","from_agent":"a","topic":"k","content":"c","tags":[],"key":"b c"}"##,
                "broadcast #k.t.3 on k from a key b c",
            ),
            (
                r##"{"type":"messages_missed","message_id":"#k.t.3","topic":"k","missed":7}"##,
                "missed #k.t.3 on k: 7 messages, no longer kept",
            ),
            (
                r##"{"type":"message","message_id":"#k.t.4","topic":"k","content_base64":"/w=="}"##,
                "message #k.t.4 on k",
            ),
            (
                r##"{"type":"file_updated","message_id":"#files.t.5","file_key":"a/b","version":2,"last_editor":"bob"}"##,
                "file #files.t.5 a/b saved, version 2 by bob",
            ),
            (
                r##"{"type":"agent_joined","message_id":"#agents.t.6","agent":{"agent_id":"bob","capabilities":["rust"]}}"##,
                "agent #agents.t.6 bob joined: rust",
            ),
        ] {
            let text = printed(json);
            assert_eq!(text.lines().next().map(str::trim_end), Some(head));
        }
    }

    #[test]
    fn what_is_of_no_known_kind_is_shown_as_it_came() {
        assert_eq!(
            printed(r#"{"type":"poem","x":"\u001b"}"#),
            "other\n    {\"type\":\"poem\",\"x\":\"\\u001b\"}\n"
        );
        assert!(printed(r#"{"type":"task_response","status":7}"#).starts_with("other\n"));
    }

    #[test]
    fn json_is_the_record_unchanged_on_one_line() {
        let mail =
            read("{\"type\":\"task_delegation\",\n \"deadline\":123456789012345678901234567890}");
        let json = serde_json::to_string(&mail).expect("JSON");
        assert_eq!(
            json,
            "{\"type\":\"task_delegation\",  \"deadline\":123456789012345678901234567890}"
        );
    }
}
