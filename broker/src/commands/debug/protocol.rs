//! `DEBUG PROTOCOL`: a reply of each kind there is, for those who write clients.

use clawlink_actors::{Outcome, Refusal, Reply};

use crate::session::Session;

const KINDS: &str = "Wrong protocol type name. Please use one of the following: \
    string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false";

/// The reply of a kind.
#[expect(clippy::approx_constant, reason = "the double is Redis's")]
pub(super) fn reply(session: &Session, kind: &[u8]) -> Outcome {
    let text = Reply::text;
    let numbers = || (0..3).map(Reply::Int).collect();
    Ok(match kind.to_ascii_lowercase().as_slice() {
        b"string" => text("Hello World"),
        b"integer" => Reply::Int(12345),
        b"double" => Reply::Double(3.141),
        b"bignum" => Reply::BigNumber("1234567999999999999999999999999999999".into()),
        b"null" => Reply::Nil,
        b"array" => Reply::Array(numbers()),
        b"set" => Reply::Set(numbers()),
        b"map" => Reply::Map((0..3).map(|n| (Reply::Int(n), Reply::Bool(n == 1))).collect()),
        b"attrib" => {
            let popularity = Reply::Array(vec![text("key:123"), Reply::Int(90)]);
            Reply::Many(vec![
                Reply::Attributes(vec![(text("key-popularity"), popularity)]),
                text("Some real reply following the attribute"),
            ])
        }
        b"push" if !session.resp3 => {
            return Err(Refusal::Fixed("ERR", "RESP2 is not supported by this command"));
        }
        b"push" => Reply::Many(vec![
            Reply::Push(vec![text("server-cpu-usage"), Reply::Int(42)]),
            text("Some real reply following the push reply"),
        ]),
        b"verbatim" => Reply::Verbatim("This is a verbatim\nstring".into()),
        b"true" => Reply::Bool(true),
        b"false" => Reply::Bool(false),
        _ => return Err(Refusal::Fixed("ERR", KINDS)),
    })
}
