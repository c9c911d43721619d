//! Expected replies of the commands that Redis does not have.
//!
//! After `= ` stands `+OK`, `-ERR the text`, or JSON: an object is a map, an array an array, a
//! number an integer, a string a bulk string, `null` any null. A string that begins with `$`
//! stands for a pattern:
//!
//! | pattern | matches |
//! |---|---|
//! | `"$any"` | every reply, or every JSON value |
//! | `"$int"` | every integer |
//! | `"$text"` | every string that is not empty |
//! | `"$id PLACE"` | a message id `PLACE.<boot>.<number>` |
//! | `"$time"` | an ISO 8601 UTC time with milliseconds |
//! | `"$epoch"` | an epoch second within a minute of now |
//! | `"$as NAME PATTERN"` | what PATTERN matches; `${NAME}` in later lines stands for it |
//! | `{"$json": {…}}` | a bulk string that holds this JSON object, no field more or less |
//! | `{"$push": […]}` | an array, sent as a push under RESP3 |
//! | `{"$set": […]}` | these items in any order |

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use super::Protocol;
use crate::reply::{Kind, Reply};

/// Values that `$as` has kept, by name.
pub(super) type Captured = HashMap<String, String>;

/// One expected reply.
pub(super) enum Expectation {
    Simple(String),
    Error(String),
    Json(Value),
}

impl Expectation {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let negative = text.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        Ok(match text.split_at_checked(1) {
            Some(("+", rest)) => Self::Simple(rest.to_owned()),
            Some(("-", rest)) if !negative => Self::Error(rest.to_owned()),
            _ => Self::Json(serde_json::from_str(text).with_context(|| format!("in `{text}`"))?),
        })
    }

    /// Puts captured values in place of `${name}`.
    pub(super) fn fill(arg: &[u8], captured: &Captured) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(arg) else {
            return arg.to_vec();
        };
        let mut text = text.to_owned();
        for (name, value) in captured {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        text.into_bytes()
    }

    /// Fails, saying where, if the reply is not the expected one.
    pub(super) fn meet(
        &self,
        reply: &Reply,
        protocol: Protocol,
        captured: &mut Captured,
    ) -> Result<()> {
        let fill = |text: &str, captured: &Captured| Self::fill(text.as_bytes(), captured);
        let met = match (self, reply) {
            (Self::Simple(text), Reply::Simple(got)) => *got == fill(text, captured),
            (Self::Error(text), Reply::Error(got)) => *got == fill(text, captured),
            (Self::Json(pattern), _) => {
                let met = Matcher { protocol, captured }.reply(pattern, reply);
                return met.map_err(|reason| {
                    anyhow!("{reason:#}; the reply was\n    {}", reply.lines().join("\n    "))
                });
            }
            _ => false,
        };
        let (Self::Simple(text) | Self::Error(text)) = self else {
            return Ok(());
        };
        ensure!(met, "expected `{text}`, the reply was {}", reply.lines().join("\n    "));
        Ok(())
    }
}

struct Matcher<'a> {
    protocol: Protocol,
    captured: &'a mut Captured,
}

impl Matcher<'_> {
    fn reply(&mut self, pattern: &Value, reply: &Reply) -> Result<()> {
        match pattern {
            Value::Null => ensure!(reply.is_null(), "null expected"),
            Value::Number(number) => {
                ensure!(reply.integer() == number.as_i64(), "the integer {number} expected");
            }
            Value::String(text) => self.scalar(text, reply)?,
            Value::Array(items) => self.items(items, reply, Kind::Array)?,
            Value::Object(fields) => match fields.iter().next() {
                Some((special, inner)) if special.starts_with('$') => {
                    self.special(special, inner, reply)?;
                }
                _ => self.map(fields, reply)?,
            },
            Value::Bool(_) => bail!("there are no booleans in replies"),
        }
        Ok(())
    }

    fn scalar(&mut self, pattern: &str, reply: &Reply) -> Result<()> {
        match reply {
            _ if pattern == "$any" => Ok(()),
            Reply::Integer(value) => self.text(pattern, &value.to_string(), true),
            Reply::Bulk(bytes) => self.text(pattern, &String::from_utf8_lossy(bytes), false),
            _ => bail!("`{pattern}` expected"),
        }
    }

    fn items(&mut self, patterns: &[Value], reply: &Reply, kind: Kind) -> Result<()> {
        let Reply::Items(got, items) = reply else {
            bail!("an array expected");
        };
        let kind = if self.protocol == Protocol::Resp2 { Kind::Array } else { kind };
        ensure!(*got == kind, "{kind:?} expected, not {got:?}");
        let (expected, came) = (patterns.len(), items.len());
        ensure!(expected == came, "{expected} items expected, {came} came");
        for (index, (pattern, item)) in patterns.iter().zip(items).enumerate() {
            self.reply(pattern, item).with_context(|| format!("item {index}"))?;
        }
        Ok(())
    }

    /// A map of RESP3, or its keys and values in a flat array of RESP2.
    fn map(&mut self, fields: &serde_json::Map<String, Value>, reply: &Reply) -> Result<()> {
        let kind = match self.protocol {
            Protocol::Resp2 => Kind::Array,
            Protocol::Resp3 => Kind::Map,
        };
        let Reply::Items(got, items) = reply else {
            bail!("a map expected");
        };
        ensure!(*got == kind, "{kind:?} expected, not {got:?}");
        ensure!(items.len() == 2 * fields.len(), "{} fields expected", fields.len());
        for (name, pattern) in fields {
            let pair = items.chunks(2).find(|pair| pair[0].text() == *name);
            let value = &pair.with_context(|| format!("no field `{name}`"))?[1];
            self.reply(pattern, value).with_context(|| format!("field `{name}`"))?;
        }
        Ok(())
    }

    fn special(&mut self, name: &str, inner: &Value, reply: &Reply) -> Result<()> {
        match (name, inner) {
            ("$json", _) => {
                let got = serde_json::from_slice(reply.bytes().context("a bulk expected")?)?;
                self.json(inner, &got)
            }
            ("$push", Value::Array(items)) => self.items(items, reply, Kind::Push),
            ("$set", Value::Array(patterns)) => self.any_order(patterns, reply),
            _ => bail!("there is no pattern {name}"),
        }
    }

    fn any_order(&mut self, patterns: &[Value], reply: &Reply) -> Result<()> {
        let mut left: Vec<&Reply> = reply.items().iter().collect();
        ensure!(left.len() == patterns.len(), "{} items expected", patterns.len());
        for pattern in patterns {
            let found = left.iter().position(|item| self.reply(pattern, item).is_ok());
            left.remove(found.with_context(|| format!("nothing matches {pattern}"))?);
        }
        Ok(())
    }

    fn json(&mut self, pattern: &Value, got: &Value) -> Result<()> {
        match (pattern, got) {
            (Value::String(text), _) if text == "$any" => {}
            (Value::String(text), Value::String(got)) => self.text(text, got, false)?,
            (Value::String(text), Value::Number(got)) => self.text(text, &got.to_string(), true)?,
            (Value::Array(patterns), Value::Array(items)) => {
                ensure!(patterns.len() == items.len(), "{} items expected", patterns.len());
                for (pattern, item) in patterns.iter().zip(items) {
                    self.json(pattern, item)?;
                }
            }
            (Value::Object(fields), Value::Object(values)) => {
                for (name, pattern) in fields {
                    let value = values.get(name).with_context(|| format!("no field `{name}`"))?;
                    self.json(pattern, value).with_context(|| format!("field `{name}`"))?;
                }
                let unexpected = values.keys().find(|name| !fields.contains_key(*name));
                ensure!(unexpected.is_none(), "unexpected field {unexpected:?}");
            }
            _ => ensure!(pattern == got, "{pattern} expected, not {got}"),
        }
        Ok(())
    }

    fn text(&mut self, pattern: &str, got: &str, is_number: bool) -> Result<()> {
        let mut words = pattern.splitn(3, ' ');
        let met = match (words.next(), words.next()) {
            (Some("$any"), None) => true,
            (Some("$int"), None) => is_number,
            (Some("$text"), None) => !is_number && !got.is_empty(),
            (Some("$id"), Some(place)) => !is_number && is_message_id(got, place),
            (Some("$time"), None) => is_time(got),
            (Some("$epoch"), None) => is_number && is_near_now(got),
            (Some("$as"), Some(name)) => {
                self.text(words.next().context("$as NAME PATTERN")?, got, is_number)?;
                self.captured.insert(name.to_owned(), got.to_owned());
                true
            }
            _ => {
                !is_number && got.as_bytes() == Expectation::fill(pattern.as_bytes(), self.captured)
            }
        };
        ensure!(met, "`{pattern}` expected, not `{got}`");
        Ok(())
    }
}

fn is_message_id(text: &str, place: &str) -> bool {
    let rest = text.strip_prefix(place).and_then(|rest| rest.strip_prefix('.'));
    rest.and_then(|rest| rest.split_once('.')).is_some_and(|(boot, number)| {
        !boot.is_empty() && !boot.contains('.') && number.parse::<u64>().is_ok()
    })
}

/// `2026-01-31T23:59:59.123Z`
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(byte, form): (u8, &u8)| {
        if *form == b'd' { byte.is_ascii_digit() } else { byte == *form }
    };
    text.len() == FORM.len() && text.bytes().zip(FORM).all(fits)
}

fn is_near_now(text: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    text.parse::<u64>().is_ok_and(|seconds| seconds.abs_diff(now) < 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Reply {
        Reply::Bulk(text.as_bytes().to_vec())
    }

    fn met(pattern: &str, reply: &Reply) -> bool {
        let expectation = Expectation::parse(pattern).unwrap();
        expectation.meet(reply, Protocol::Resp2, &mut Captured::new()).is_ok()
    }

    #[test]
    fn patterns_match_what_they_name_and_nothing_else() {
        assert!(met(r#""$id bob""#, &bulk("bob.t8k2m1.12")));
        assert!(!met(r#""$id bob""#, &bulk("bobby.t8k2m1.12")));
        assert!(!met(r#""$id bob""#, &bulk("bob.t8k2m1.x")));
        assert!(met(r#""$time""#, &bulk("2026-01-31T23:59:59.123Z")));
        assert!(!met(r#""$time""#, &bulk("2026-01-31 23:59:59.123Z")));
        assert!(!met(r#""1""#, &Reply::Integer(1)));
        assert!(!met("1", &bulk("1")));
    }

    #[test]
    fn json_has_no_field_more_or_less() {
        let pattern = r#"{"$json": {"a": 1, "b": "$text"}}"#;
        assert!(met(pattern, &bulk(r#"{"b":"x","a":1}"#)));
        assert!(!met(pattern, &bulk(r#"{"a":1}"#)));
        assert!(!met(pattern, &bulk(r#"{"b":"x","a":1,"c":2}"#)));
        assert!(!met(pattern, &bulk(r#"{"b":"x","a":2}"#)));
    }

    #[test]
    fn what_was_captured_is_filled_in() {
        let mut captured = Captured::new();
        let first = Expectation::parse(r#""$as task $id bob""#).unwrap();
        first.meet(&bulk("bob.b.1"), Protocol::Resp2, &mut captured).unwrap();
        assert_eq!(Expectation::fill(b"<${task}>", &captured), b"<bob.b.1>");
        let second = Expectation::parse("-NOTASK no task '${task}' is open here").unwrap();
        let reply = Reply::Error(b"NOTASK no task 'bob.b.1' is open here".to_vec());
        assert!(second.meet(&reply, Protocol::Resp2, &mut captured).is_ok());
    }

    #[test]
    fn a_map_is_flat_under_resp2_only() {
        let flat = Reply::Items(Kind::Array, vec![bulk("k"), Reply::Integer(1)]);
        let expectation = Expectation::parse(r#"{"k": 1}"#).unwrap();
        let mut captured = Captured::new();
        assert!(expectation.meet(&flat, Protocol::Resp2, &mut captured).is_ok());
        assert!(expectation.meet(&flat, Protocol::Resp3, &mut captured).is_err());
    }
}
