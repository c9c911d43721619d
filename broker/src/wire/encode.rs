//! Replies to bytes, for the protocol version that a connection speaks.

use std::sync::Arc;

use bytes::Bytes;
use clawlink_actors::Reply;
use clawlink_actors::collections::number;
use clawlink_actors::collections::stream::{Entries, ID_LEN_MAX};
use clawlink_actors::keyspace::FieldList;
use clawlink_actors::outbox::{Publication, Reason};

use super::refusal::write_refusal;

/// Writes a reply. `resp3`: whether the connection has said `HELLO 3`.
pub fn encode(reply: &Reply, resp3: bool, out: &mut Vec<u8>) {
    match reply {
        Reply::Ok => out.extend_from_slice(b"+OK\r\n"),
        Reply::Bulk(bytes) => bulk(bytes, out),
        Reply::Short(bytes) => bulk(bytes, out),
        Reply::Int(value) => number(b':', *value, out),
        Reply::Nil if !resp3 => out.extend_from_slice(b"$-1\r\n"),
        Reply::NilArray if !resp3 => out.extend_from_slice(b"*-1\r\n"),
        Reply::Nil | Reply::NilArray => out.extend_from_slice(b"_\r\n"),
        Reply::Status(text) => line(b'+', text.as_bytes(), out),
        Reply::Text(text) => line(b'+', text, out),
        Reply::Error(refusal) => write_refusal(refusal, out),
        Reply::Double(value) => double(*value, resp3, out),
        Reply::Bool(yes) if resp3 => {
            out.extend_from_slice(if *yes { b"#t\r\n" } else { b"#f\r\n" });
        }
        Reply::Bool(yes) => number(b':', i64::from(*yes), out),
        Reply::Verbatim(text) => verbatim(b"txt", text.as_bytes(), resp3, out),
        Reply::Formatted(format, text) => verbatim(format, text, resp3, out),
        Reply::BigNumber(digits) if resp3 => line(b'(', digits, out),
        Reply::BigNumber(digits) => bulk(digits, out),
        Reply::Array(items) => list(b'*', items, resp3, out),
        Reply::Entries(found) => entries(found, resp3, out),
        Reply::Set(items) => list(if resp3 { b'~' } else { b'*' }, items, resp3, out),
        Reply::Push(items) => list(if resp3 { b'>' } else { b'*' }, items, resp3, out),
        Reply::Map(pairs) | Reply::Named(pairs) if resp3 => {
            header(b'%', pairs.len(), out);
            pairs.iter().for_each(|(key, value)| pair(key, value, resp3, out));
        }
        Reply::Fields(found) => fields(found, resp3, out),
        Reply::Pairs(pairs) if resp3 => {
            header(b'*', pairs.len(), out);
            for (key, value) in pairs {
                header(b'*', 2, out);
                pair(key, value, resp3, out);
            }
        }
        Reply::Named(pairs) => {
            header(b'*', pairs.len(), out);
            for (key, value) in pairs {
                header(b'*', 2, out);
                pair(key, value, resp3, out);
            }
        }
        Reply::Map(pairs) | Reply::Pairs(pairs) => {
            header(b'*', pairs.len() * 2, out);
            pairs.iter().for_each(|(key, value)| pair(key, value, resp3, out));
        }
        Reply::Attributes(pairs) => {
            if resp3 {
                header(b'|', pairs.len(), out);
                pairs.iter().for_each(|(key, value)| pair(key, value, resp3, out));
            }
        }
        Reply::Many(replies) => replies.iter().for_each(|reply| encode(reply, resp3, out)),
        Reply::Written(bytes) => out.extend_from_slice(bytes),
        Reply::Silence => {}
    }
}

/// Writes a published message. Its encoding for a protocol version is made once and shared by all subscribers.
pub fn encode_publication(publication: &Arc<Publication>, resp3: bool, out: &mut Vec<u8>) {
    let shared = &publication.encoded[usize::from(resp3)];
    // The only subscriber, and the last of several, need no encoding to share.
    if shared.get().is_none() && Arc::strong_count(publication) == 1 {
        return write_publication(publication, resp3, out);
    }
    let encoded = shared.get_or_init(|| {
        let mut encoded = Vec::with_capacity(publication.weight() + 32);
        write_publication(publication, resp3, &mut encoded);
        encoded.into()
    });
    out.extend_from_slice(encoded);
}

fn write_publication(publication: &Publication, resp3: bool, out: &mut Vec<u8>) {
    let Publication { channel, payload, .. } = publication;
    let kind = if resp3 { b'>' } else { b'*' };
    let mut push = |words: &[&[u8]]| {
        header(kind, words.len(), out);
        words.iter().for_each(|word| bulk(word, out));
    };
    match &publication.reason {
        Reason::Channel => push(&[b"message", channel, payload]),
        Reason::Shard => push(&[b"smessage", channel, payload]),
        Reason::Pattern(pattern) => push(&[b"pmessage", pattern, channel, payload]),
        Reason::Invalidated { keys, .. } => invalidation(keys.as_deref(), resp3, out),
        Reason::RedirectionBroken(client) => {
            header(kind, 2, out);
            bulk(b"tracking-redir-broken", out);
            number(b':', client.cast_signed(), out);
        }
        Reason::Monitor => {
            out.push(b'+');
            out.extend_from_slice(payload);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// That a client is to forget copies of keys, or of all. Under RESP2 it is a message on a channel of this name.
fn invalidation(keys: Option<&[Bytes]>, resp3: bool, out: &mut Vec<u8>) {
    if resp3 {
        header(b'>', 2, out);
        bulk(b"invalidate", out);
    } else {
        header(b'*', 3, out);
        bulk(b"message", out);
        bulk(b"__redis__:invalidate", out);
    }
    match keys {
        None => encode(&Reply::Nil, resp3, out),
        Some(keys) => {
            header(b'*', keys.len(), out);
            keys.iter().for_each(|key| bulk(key, out));
        }
    }
}

fn pair(key: &Reply, value: &Reply, resp3: bool, out: &mut Vec<u8>) {
    encode(key, resp3, out);
    encode(value, resp3, out);
}

fn list(kind: u8, items: &[Reply], resp3: bool, out: &mut Vec<u8>) {
    header(kind, items.len(), out);
    items.iter().for_each(|item| encode(item, resp3, out));
}

fn fields(fields: &FieldList, resp3: bool, out: &mut Vec<u8>) {
    // Names and values are short, so nothing here takes more than five bytes for a length.
    out.reserve(fields.bytes() + fields.len() * 14 + 5);
    if resp3 {
        header(b'%', fields.len(), out);
    } else {
        header(b'*', fields.len() * 2, out);
    }
    for (name, value) in fields.iter() {
        bulk(name, out);
        bulk(value, out);
    }
}

fn entries(entries: &Entries, resp3: bool, out: &mut Vec<u8>) {
    header(b'*', entries.len(), out);
    for (id, words) in entries.iter() {
        header(b'*', 2, out);
        bulk(id.text(&mut [0; ID_LEN_MAX]), out);
        let Some(words) = words else {
            encode(&Reply::NilArray, resp3, out);
            continue;
        };
        header(b'*', words.len(), out);
        words.for_each(|word| bulk(word, out));
    }
}

fn header(kind: u8, len: usize, out: &mut Vec<u8>) {
    number(kind, len as i64, out);
}

fn number(kind: u8, value: i64, out: &mut Vec<u8>) {
    let digit = |value: i64| b'0' + (value % 10) as u8;
    // Most lengths and counts are small; of a known size they are written without a call.
    match value {
        0..=9 => out.extend_from_slice(&[kind, digit(value), b'\r', b'\n']),
        10..=99 => {
            out.extend_from_slice(&[kind, digit(value / 10), digit(value), b'\r', b'\n']);
        }
        _ => line(kind, itoa::Buffer::new().format(value).as_bytes(), out),
    }
}

fn line(kind: u8, text: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(text);
    out.extend_from_slice(b"\r\n");
}

fn bulk(bytes: &[u8], out: &mut Vec<u8>) {
    header(b'$', bytes.len(), out);
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

fn double(value: f64, resp3: bool, out: &mut Vec<u8>) {
    if value.is_nan() {
        // As C writes it: only a script can make one.
        let text = if value.is_sign_negative() { "-nan" } else { "nan" };
        return if resp3 { line(b',', text.as_bytes(), out) } else { bulk(text.as_bytes(), out) };
    }
    let text = number::format_f64(value);
    if resp3 { line(b',', text.as_bytes(), out) } else { bulk(text.as_bytes(), out) }
}

fn verbatim(format: &[u8; 3], text: &[u8], resp3: bool, out: &mut Vec<u8>) {
    if !resp3 {
        return bulk(text, out);
    }
    header(b'=', text.len() + 4, out);
    out.extend_from_slice(format);
    out.push(b':');
    out.extend_from_slice(text);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::encode;
    use bytes::Bytes;
    use clawlink_actors::Reply;
    use clawlink_actors::keyspace::Hash;

    fn encoded(reply: &Reply) -> (String, String) {
        let text = |resp3| {
            let mut out = Vec::new();
            encode(reply, resp3, &mut out);
            String::from_utf8(out).unwrap()
        };
        (text(false), text(true))
    }

    #[test]
    fn maps_and_pairs_are_flat_under_resp2() {
        let pair = || vec![(Reply::text("a"), Reply::Int(1))];
        let flat = "*2\r\n$1\r\na\r\n:1\r\n".to_owned();
        assert_eq!(encoded(&Reply::Map(pair())), (flat.clone(), "%1\r\n$1\r\na\r\n:1\r\n".into()));
        let nested = "*1\r\n*2\r\n$1\r\na\r\n:1\r\n".to_owned();
        assert_eq!(encoded(&Reply::Pairs(pair())), (flat, nested));
    }

    #[test]
    fn the_fields_of_a_hash_are_a_map() {
        let (mut hash, mut pairs) = (Hash::default(), Vec::new());
        for number in 0..12 {
            let (name, value) = (format!("field:{number}"), "v".repeat(number));
            hash.insert(name.as_bytes(), Bytes::from(value.clone()).into());
            pairs.push((Reply::brief(name.as_bytes()), Reply::brief(value.as_bytes())));
        }
        let fields = hash.list().expect("it is small");
        assert_eq!(encoded(&Reply::Fields(fields)), encoded(&Reply::Map(pairs)));
    }

    #[test]
    fn numbers_of_any_length() {
        for value in [i64::MIN, -10, -1, 0, 9, 10, 99, 100, i64::MAX] {
            assert_eq!(encoded(&Reply::Int(value)).0, format!(":{value}\r\n"));
        }
    }

    #[test]
    fn both_nulls_are_one_under_resp3() {
        assert_eq!(encoded(&Reply::Nil), ("$-1\r\n".into(), "_\r\n".into()));
        assert_eq!(encoded(&Reply::NilArray), ("*-1\r\n".into(), "_\r\n".into()));
    }

    #[test]
    fn verbatim_text_names_its_format() {
        let both = encoded(&Reply::Verbatim("hi".into()));
        assert_eq!(both, ("$2\r\nhi\r\n".into(), "=6\r\ntxt:hi\r\n".into()));
    }
}
