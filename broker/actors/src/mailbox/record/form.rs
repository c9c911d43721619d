//! Records as they are handed out. What a hand-out adds is put behind the rest, byte by byte: a task's text is not read
//! again for it.

use std::fmt::Write;

use bytes::Bytes;
use clawlink_protocol::time::iso8601;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What a hand-out adds to a task.
pub(super) const ADDED: [&str; 5] = ["attempt", "receipt", "lease_ends", "task_ref", "task_bytes"];

/// In which form a message is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Whole,
    /// Without its body, of so many bytes, which is to be read by the task's id.
    Reference(usize),
}

/// A task's record as an agent gets it: with the number of the attempt, its receipt, and the end of the lease in
/// milliseconds since 1970.
pub fn handed_out(record: &Bytes, id: &str, attempt: u32, until: u64, form: Form) -> Bytes {
    let mut tail = String::new();
    let lease_ends = iso8601(until);
    // Writing to a string does not fail.
    let _ = write!(
        tail,
        r#","attempt":{attempt},"receipt":"{id}#{attempt}","lease_ends":"{lease_ends}"}}"#
    );
    let body = given(record, form);
    let body = body.trim_ascii_end();
    let open = body.strip_suffix(b"}").unwrap_or(body);
    [open, tail.as_bytes()].concat().into()
}

/// A message's record in one form.
pub fn given(record: &Bytes, form: Form) -> Bytes {
    match form {
        Form::Whole => record.clone(),
        Form::Reference(bytes) => by_reference(record, bytes).unwrap_or_else(|| record.clone()),
    }
}

/// The fields that are a message's body.
const BODY: [&str; 7] =
    ["task", "task_base64", "context", "result", "result_base64", "answer", "answer_base64"];

fn by_reference(record: &[u8], bytes: usize) -> Option<Bytes> {
    let Value::Object(mut fields) = serde_json::from_slice(record).ok()? else { return None };
    for field in BODY {
        fields.remove(field);
    }
    let id = fields.get("message_id").cloned().unwrap_or_default();
    fields.insert("task_ref".to_owned(), id);
    fields.insert("task_bytes".to_owned(), bytes.into());
    serde_json::to_vec(&fields).ok().map(Bytes::from)
}

#[derive(Debug, Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    task: Option<&'a RawValue>,
    #[serde(borrow, default)]
    task_base64: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result_base64: Option<&'a RawValue>,
    #[serde(borrow, default)]
    answer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    answer_base64: Option<&'a RawValue>,
}

/// The bytes of a message's body, its task and context, its result or its answer, as they stand in its record.
pub fn body_bytes(record: &[u8]) -> usize {
    let Ok(body) = serde_json::from_slice::<Body<'_>>(record) else { return 0 };
    let tasks = [body.task, body.task_base64];
    let texts = [body.result, body.result_base64, body.answer, body.answer_base64];
    // The quotes do not count.
    let texts: usize = tasks
        .into_iter()
        .chain(texts)
        .flatten()
        .map(|text| text.get().len().saturating_sub(2))
        .sum();
    texts + body.context.map_or(0, |context| context.get().len())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Form, body_bytes, given, handed_out};

    const RECORD: &str = r#"{"type":"task_delegation","message_id":"bob.t.1","task":"dig","context":{"a":1},"priority":"low"}"#;

    #[test]
    fn a_hand_out_adds_its_receipt_behind_the_rest() {
        let record = Bytes::from(RECORD);
        let handed = handed_out(&record, "bob.t.1", 2, 0, Form::Whole);
        let expected =
            r#","attempt":2,"receipt":"bob.t.1#2","lease_ends":"1970-01-01T00:00:00.000Z"}"#;
        assert_eq!(handed, format!("{}{expected}", &RECORD[..RECORD.len() - 1]));
        let spaced = Bytes::from(format!("{RECORD}\r\n"));
        assert_eq!(handed_out(&spaced, "bob.t.1", 2, 0, Form::Whole), handed);
    }

    #[test]
    fn a_large_body_stays_behind() {
        let record = Bytes::from(RECORD);
        assert_eq!(body_bytes(&record), r#"dig{"a":1}"#.len());
        let given = given(&record, Form::Reference(10));
        let fields: serde_json::Value = serde_json::from_slice(&given).expect("an object");
        let expected = serde_json::json!({
            "type": "task_delegation", "message_id": "bob.t.1", "priority": "low",
            "task_ref": "bob.t.1", "task_bytes": 10,
        });
        assert_eq!(fields, expected);
        assert_eq!(body_bytes(br#"{"result":"abc"}"#), 3);
        assert_eq!(body_bytes(br#"{"answer":"blue"}"#), 4);
        assert_eq!(body_bytes(b"no record"), 0);
    }
}
