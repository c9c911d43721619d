//! The broker's replies as what they mean.

use redis::Value;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::exit::Exit;
use crate::failure::Failure;

/// A map reply's names and values.
pub(crate) fn fields(reply: Value) -> Result<impl Iterator<Item = (Value, Value)>, Failure> {
    reply.into_map_iter().map_err(|_| unexpected("a map"))
}

/// A map reply as a record.
pub(crate) fn record<T: DeserializeOwned>(reply: Value) -> Result<T, Failure> {
    let object = fields(reply)?.map(|(name, value)| (text_lossy(name), json(value))).collect();
    serde_json::from_value(Json::Object(object)).map_err(|error| unexpected(&error.to_string()))
}

/// An array of maps as records.
pub(crate) fn records<T: DeserializeOwned>(reply: Value) -> Result<Vec<T>, Failure> {
    sequence(reply)?.into_iter().map(record).collect()
}

/// An array reply.
pub(crate) fn sequence(reply: Value) -> Result<Vec<Value>, Failure> {
    reply.into_sequence().map_err(|_| unexpected("an array"))
}

/// An integer that is never negative: a count or a version.
pub(crate) fn count(reply: &Value) -> Result<u64, Failure> {
    match reply {
        Value::Int(number) => u64::try_from(*number).map_err(|_| unexpected("a count")),
        _ => Err(unexpected("a count")),
    }
}

/// A string reply that is text: an id, a record, a section of `INFO`.
pub(crate) fn text(reply: Value) -> Result<String, Failure> {
    match reply {
        Value::BulkString(bytes) => String::from_utf8(bytes).map_err(|_| unexpected("text")),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Ok(text),
        _ => Err(unexpected("text")),
    }
}

/// Content of any kind.
pub(crate) fn bytes(reply: Value) -> Result<Vec<u8>, Failure> {
    match reply {
        Value::BulkString(bytes) => Ok(bytes),
        other => text(other).map(String::into_bytes),
    }
}

/// The broker is of a version that answers otherwise.
fn unexpected(expected: &str) -> Failure {
    Failure::new(Exit::NoBroker, format!("the broker's reply is not understood: {expected}"))
        .next("do `clawlink --version` and `clawlinkd --version` agree?")
}

fn json(value: Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Int(number) => Json::from(number),
        Value::Double(number) => Json::from(number),
        Value::Boolean(flag) => Json::Bool(flag),
        Value::Array(items) | Value::Set(items) => items.into_iter().map(json).collect(),
        Value::Map(fields) => {
            fields.into_iter().map(|(name, value)| (text_lossy(name), json(value))).collect()
        }
        other => Json::String(text_lossy(other)),
    }
}

fn text_lossy(value: Value) -> String {
    match value {
        Value::BulkString(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => text,
        Value::Okay => "OK".to_owned(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use clawlink_protocol::Agent;
    use redis::Value;

    use super::{count, record, records};

    fn word(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn a_map_of_resp3_and_the_flat_array_of_resp2_are_the_same_record() {
        let pairs = [
            (word("agent_id"), word("bob")),
            (word("capabilities"), Value::Array(vec![word("rust")])),
            (word("last_heartbeat"), Value::Int(7)),
            (word("colour"), word("red")),
        ];
        let flat = pairs.iter().flat_map(|(name, value)| [name.clone(), value.clone()]).collect();
        let from_map: Agent = record(Value::Map(pairs.to_vec())).expect("a record");
        let from_flat: Agent = record(Value::Array(flat)).expect("a record");
        assert_eq!(from_map, from_flat);
        assert_eq!((from_map.agent_id.as_str(), from_map.last_heartbeat), ("bob", 7));
        assert_eq!(from_map.capabilities, ["rust"]);
        assert_eq!(from_map.extra["colour"], "red");
    }

    #[test]
    fn other_replies_are_refused_and_do_not_panic() {
        assert!(record::<Agent>(Value::Okay).is_err());
        assert!(records::<Agent>(Value::Int(1)).is_err());
        assert!(records::<Agent>(Value::Array(vec![Value::Nil])).is_err());
        assert!(count(&Value::Int(-1)).is_err());
    }
}
