//! Requests out of a connection's read buffer.
//!
//! A request is a flat array of bulk strings, or a line typed by a person. Arrays are read header first, then element
//! by element: what has been read is never looked at again, however small the pieces it arrives in, and a nested
//! array is refused at its first byte (redis-protocol's decoder would recurse into it).

use bytes::BytesMut;
use clawlink_actors::collections::number;
use clawlink_actors::request::Word;
use clawlink_actors::{Command, Pipeline, command};
use redis_protocol::resp2::decode::decode_range;
use redis_protocol::resp2::types::RangeFrame;

use super::inline;

/// The longest bulk string: Redis's `proto-max-bulk-len`.
pub const BULK_LEN_MAX: i64 = 512 << 20;
/// The most words in a request: Redis counts them in a C `int`.
const WORDS_MAX: i64 = i32::MAX as i64;
/// The longest inline request, and the longest header of an array or a bulk string.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// The longest bulk string before authentication.
const UNTRUSTED_BULK_BYTES_MAX: i64 = 16_384;
/// The most words in a request before authentication.
const UNTRUSTED_WORDS_MAX: i64 = 10;
/// The most input that may wait to become complete: Redis's `client-query-buffer-limit`. Word offsets rely on it
/// to fit in 32 bits.
const PENDING_BYTES_MAX: usize = 1 << 30;

/// Why a connection's input cannot be read any further. The client is told, then the connection is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// A protocol error, with Redis's text. It may quote a byte of what was sent, whatever that is.
    Protocol(Vec<u8>),
    /// More input than may wait. Redis closes without a word.
    TooMuch,
}

/// Reads one connection's requests. Keeps its place in an unfinished one.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Words of the unfinished request.
    open: Vec<Word>,
    /// How many words are still to come.
    missing: usize,
    /// Up to where the buffer has been read.
    position: usize,
    /// The command of the last request, if its first word alone names it: a client mostly sends more of the same.
    last: Option<&'static Command>,
}

type Step = Result<Option<()>, Malformed>;

fn protocol(text: impl Into<Vec<u8>>) -> Malformed {
    Malformed::Protocol(text.into())
}

impl Decoder {
    /// Takes all complete requests off the front of `input` into `pipeline`, which is empty. If the input behind them
    /// is not readable, the answer says why. `trusted`: whether the client has authenticated; until it has, one
    /// request is taken at a time, because that one may change what is allowed to the next.
    pub fn decode(
        &mut self,
        input: &mut BytesMut,
        pipeline: &mut Pipeline,
        trusted: bool,
    ) -> Option<Malformed> {
        pipeline.reopen(&mut self.open);
        let mut complete = 0;
        let mut malformed = None;
        while self.position < input.len() {
            match self.step(pipeline, input, trusted) {
                Ok(Some(())) if self.missing == 0 => {
                    self.close(pipeline, input);
                    complete = self.position;
                    if !trusted {
                        break;
                    }
                }
                Ok(Some(())) => {}
                Ok(None) => break,
                Err(error) => {
                    malformed = Some(error);
                    break;
                }
            }
        }
        if input.len() - complete > PENDING_BYTES_MAX {
            malformed = Some(Malformed::TooMuch);
        }
        pipeline.keep_open(&mut self.open, complete);
        self.position -= complete;
        pipeline.set_bytes(input.split_to(complete).freeze());
        malformed
    }

    /// Reads a header, elements, or an inline line. `None`: more input is needed.
    fn step(&mut self, pipeline: &mut Pipeline, input: &mut BytesMut, trusted: bool) -> Step {
        match input[self.position] {
            _ if self.missing > 0 => self.elements(pipeline, input, trusted),
            b'*' => self.header(input, trusted),
            _ => self.line(pipeline, input),
        }
    }

    fn header(&mut self, input: &[u8], trusted: bool) -> Step {
        let rest = &input[self.position..];
        let (count, length) = match read_short_header(rest) {
            Some((count, length)) => (Some(count as i64), length),
            None => match read_header(rest, "too big mbulk count string")? {
                Some(header) => header,
                None => return Ok(None),
            },
        };
        let count = count.filter(|count| *count <= WORDS_MAX);
        let count = count.ok_or_else(|| protocol("invalid multibulk length"))?;
        if !trusted && count > UNTRUSTED_WORDS_MAX {
            return Err(protocol("unauthenticated multibulk length"));
        }
        self.position += length;
        self.missing = usize::try_from(count).unwrap_or(0);
        // An empty or null array is no request at all: the words of the next one follow.
        Ok(Some(()))
    }

    /// The elements of the request that has begun, as many as are there.
    fn elements(&mut self, pipeline: &mut Pipeline, input: &mut BytesMut, trusted: bool) -> Step {
        while self.missing > 0 {
            let rest = &input[self.position..];
            // Nearly all elements are short and here as a whole.
            let (start, len) = match read_short_header(rest) {
                Some((len, header)) if rest[0] == b'$' && rest.len() >= header + len + 2 => {
                    (header, len)
                }
                _ => match read_element(rest, trusted)? {
                    Element::Whole(start, len) => (start, len),
                    Element::Missing(bytes) => {
                        // Fewer steps to a large element. What was only announced costs no more than what has arrived.
                        input.reserve(bytes.min(rest.len()));
                        return Ok(None);
                    }
                },
            };
            pipeline.push_word(self.position + start, len);
            self.position += start + len + 2;
            self.missing -= 1;
        }
        Ok(Some(()))
    }

    /// Completes a request, unless it is empty: an empty line or array is passed over.
    fn close(&mut self, pipeline: &mut Pipeline, input: &[u8]) {
        let word = |word: &Word| &input[word.start as usize..][..word.len as usize];
        let (name, second) = match pipeline.open() {
            [] => return,
            [name] => (word(name), &b""[..]),
            [name, second, ..] => (word(name), word(second)),
        };
        let same = |last: &&Command| last.name.as_bytes().eq_ignore_ascii_case(name);
        let command = self.last.filter(same).or_else(|| {
            let found = command::find(name, second);
            // A container's name says nothing without the word behind it.
            self.last = found.filter(|c| c.subcommands.is_empty() && !c.name.contains('|'));
            found
        });
        pipeline.close_request(command);
    }

    fn line(&mut self, pipeline: &mut Pipeline, input: &mut [u8]) -> Step {
        let rest = &mut input[self.position..];
        let Some(end) = find_in_line(rest, b'\n') else {
            let too_long = rest.len() > LINE_BYTES_MAX;
            return if too_long { Err(protocol("too big inline request")) } else { Ok(None) };
        };
        let line = &mut rest[..end];
        let words = inline::split(line).ok_or_else(|| protocol("unbalanced quotes in request"))?;
        for (start, len) in words {
            pipeline.push_word(self.position + start, len);
        }
        self.position += end + 1;
        Ok(Some(()))
    }
}

/// What is at the front of the input where an element is to be.
enum Element {
    /// A whole one: where its bytes start, and how many they are.
    Whole(usize, usize),
    /// A part of one: at least so many bytes are still to come.
    Missing(usize),
}

/// Reads an element of any length.
fn read_element(rest: &[u8], trusted: bool) -> Result<Element, Malformed> {
    let Some(kind) = rest.first() else {
        return Ok(Element::Missing(1));
    };
    if *kind != b'$' {
        // As in Redis, the line is judged when it is there.
        let line = read_header(rest, "too big bulk count string")?;
        // An error is one line.
        let got = if matches!(kind, b'\r' | b'\n') { b' ' } else { *kind };
        let text = [b"expected '$', got '", &[got][..], b"'"].concat();
        return line.map_or(Ok(Element::Missing(1)), |_| Err(protocol(text)));
    }
    // The decoder takes `$-1` and `$+5`, which no request holds; those go the slow way, and are refused there.
    if rest.get(1).is_some_and(|digit| (b'1'..=b'9').contains(digit))
        && let Ok(Some((RangeFrame::BulkString((start, end)), _))) = decode_range(rest)
        && (trusted || (end - start) as i64 <= UNTRUSTED_BULK_BYTES_MAX)
        && (end - start) as i64 <= BULK_LEN_MAX
    {
        return Ok(Element::Whole(start, end - start));
    }
    unusual_element(rest, trusted)
}

/// An element that has not arrived whole, is empty, or is not as it should be.
fn unusual_element(rest: &[u8], trusted: bool) -> Result<Element, Malformed> {
    let Some((len, length)) = read_header(rest, "too big bulk count string")? else {
        return Ok(Element::Missing(1));
    };
    let len = len.filter(|len| (0..=BULK_LEN_MAX).contains(len));
    let len = len.ok_or_else(|| protocol("invalid bulk length"))?;
    if !trusted && len > UNTRUSTED_BULK_BYTES_MAX {
        return Err(protocol("unauthenticated bulk length"));
    }
    let len = usize::try_from(len).unwrap_or(0);
    let missing = (length + len + 2).saturating_sub(rest.len());
    Ok(if missing == 0 { Element::Whole(length, len) } else { Element::Missing(missing) })
}

/// A header with a number of one to three digits, such as `*3` or `$5`: its number and its length with CRLF. `None`:
/// it is another one, or not complete.
///
/// Nearly every header is like that, and reading it here takes a tenth of what the general decoder takes, which
/// was more than all else that a pipelined request costs.
fn read_short_header(rest: &[u8]) -> Option<(usize, usize)> {
    let digit = |byte: u8| usize::from(byte.wrapping_sub(b'0'));
    match *rest {
        [_, a @ b'1'..=b'9', b'\r', b'\n', ..] => Some((digit(a), 4)),
        [_, a @ b'1'..=b'9', b @ b'0'..=b'9', b'\r', b'\n', ..] => {
            Some((digit(a) * 10 + digit(b), 5))
        }
        [_, a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'\r', b'\n', ..] => {
            Some((digit(a) * 100 + digit(b) * 10 + digit(c), 6))
        }
        _ => None,
    }
}

/// Where a line's end is. Redis looks for it as C looks for a character in a string: a zero byte hides what follows.
fn find_in_line(rest: &[u8], end: u8) -> Option<usize> {
    let found = rest.iter().position(|byte| *byte == end || *byte == 0)?;
    (rest[found] == end).then_some(found)
}

/// A header line such as `*3` or `$5`: its number (`None` if it is not one) and its length with CRLF. `None`: it is
/// not complete.
fn read_header(rest: &[u8], too_long: &str) -> Result<Option<(Option<i64>, usize)>, Malformed> {
    let Some(end) = find_in_line(&rest[..rest.len().min(LINE_BYTES_MAX + 1)], b'\r') else {
        let over = rest.len() > LINE_BYTES_MAX;
        return if over { Err(protocol(too_long)) } else { Ok(None) };
    };
    if end + 1 >= rest.len() {
        return Ok(None);
    }
    let number = rest.get(1..end).and_then(number::parse_i64);
    Ok(Some((number, end + 2)))
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Malformed};
    use bytes::BytesMut;
    use clawlink_actors::Pipeline;

    /// Feeds `input` in pieces of `size` bytes and collects the words of all requests.
    fn decode(input: &[u8], size: usize, trusted: bool) -> (Vec<Vec<Vec<u8>>>, Option<Malformed>) {
        let (mut decoder, mut buffer) = (Decoder::default(), BytesMut::new());
        let mut requests = Vec::new();
        for piece in input.chunks(size) {
            buffer.extend_from_slice(piece);
            let mut pipeline = Pipeline::default();
            let malformed = decoder.decode(&mut buffer, &mut pipeline, trusted);
            for index in 0..pipeline.len() {
                let words = pipeline.request(index);
                requests.push(words.words().map(<[u8]>::to_vec).collect());
            }
            if malformed.is_some() {
                return (requests, malformed);
            }
        }
        (requests, None)
    }

    fn error(input: &[u8], trusted: bool) -> String {
        match decode(input, usize::MAX, trusted).1 {
            Some(Malformed::Protocol(text)) => String::from_utf8_lossy(&text).into_owned(),
            other => panic!("not a protocol error: {other:?}"),
        }
    }

    #[test]
    fn any_split_gives_the_same_requests() {
        let input = b"*2\r\n$3\r\nGET\r\n$0\r\n\r\nPING\r\n*-1\r\n*0\r\n\r\n*1\r\n$4\r\nPING\r\nset \"a b\" 'c'\n";
        let (whole, _) = decode(input, usize::MAX, true);
        assert_eq!(whole.len(), 4);
        assert_eq!(whole[0], [b"GET".to_vec(), Vec::new()]);
        assert_eq!(whole[3], [b"set".to_vec(), b"a b".to_vec(), b"c".to_vec()]);
        for size in 1..input.len() {
            assert_eq!(decode(input, size, true).0, whole, "pieces of {size}");
        }
    }

    #[test]
    fn what_redis_refuses_is_refused() {
        assert_eq!(error(b"*1\r\n*1\r\n", true), "expected '$', got '*'");
        assert_eq!(error(b"*1\r\n$-1\r\n", true), "invalid bulk length");
        assert_eq!(error(b"*1\r\n$+4\r\nPING\r\n", true), "invalid bulk length");
        assert_eq!(error(b"*1\r\n$536870913\r\n", true), "invalid bulk length");
        assert_eq!(error(b"*x\r\n", true), "invalid multibulk length");
        assert_eq!(error(b"*11\r\n", false), "unauthenticated multibulk length");
        assert_eq!(error(b"*1\r\n$16385\r\n", false), "unauthenticated bulk length");
        assert_eq!(error(b"a \"b\n", true), "unbalanced quotes in request");
        assert_eq!(error(&[b'a'; 70_000], true), "too big inline request");
        assert_eq!(error(&[b'*'; 70_000], true), "too big mbulk count string");
    }

    #[test]
    fn requests_before_a_malformed_one_are_kept() {
        let (requests, malformed) = decode(b"PING\r\n*1\r\nx\r\n", usize::MAX, true);
        assert_eq!(requests.len(), 1);
        assert!(malformed.is_some());
    }
}
