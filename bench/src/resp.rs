//! Just enough of the Redis protocol to ask and to count answers.

/// Appends the request made of `words` to `out`.
pub(crate) fn write_request(out: &mut Vec<u8>, words: &[&[u8]]) {
    out.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// The request made of `words`.
pub(crate) fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    write_request(&mut out, words);
    out
}

/// Counts complete replies in a stream of bytes that may be cut anywhere, without keeping them.
///
/// It knows lengths and nesting, not values: it has to cost less than the server that is measured.
#[derive(Debug, Default)]
pub(crate) struct ReplyCounter {
    /// Bytes of a bulk string, and of its line end, that are still to come.
    skip: usize,
    /// Values that the reply at hand still lacks; 0 between replies.
    lacking: usize,
    /// Type byte of the header line at hand; 0 before its first byte.
    kind: u8,
    /// The number in that line so far, and whether it is negative.
    number: usize,
    negative: bool,
    /// Null replies and null elements so far.
    pub(crate) nulls: u64,
    /// The first error reply, if there was one.
    pub(crate) error: Option<Vec<u8>>,
    /// Whether the header line at hand is that first error.
    recording: bool,
}

impl ReplyCounter {
    /// Takes in what was read and returns how many replies it completed.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> usize {
        let mut complete = 0;
        while !bytes.is_empty() {
            if self.skip > 0 {
                let taken = self.skip.min(bytes.len());
                self.skip -= taken;
                bytes = &bytes[taken..];
                if self.skip == 0 {
                    complete += self.value_ends(0);
                }
                continue;
            }
            let (byte, rest) = (bytes[0], &bytes[1..]);
            bytes = rest;
            complete += self.header_byte(byte);
        }
        complete
    }

    /// One byte of a header line; returns 1 if it completes a reply.
    fn header_byte(&mut self, byte: u8) -> usize {
        match byte {
            _ if self.kind == 0 => self.header_begins(byte),
            b'\n' => return self.header_ends(),
            b'0'..=b'9' => {
                let digit = usize::from(byte - b'0');
                self.number = self.number.wrapping_mul(10).wrapping_add(digit);
            }
            b'-' => self.negative = true,
            _ => {}
        }
        if self.recording {
            self.error.get_or_insert_default().push(byte);
        }
        0
    }

    fn header_begins(&mut self, byte: u8) {
        self.kind = byte;
        self.number = 0;
        self.negative = false;
        self.lacking = self.lacking.max(1);
        self.recording = byte == b'-' && self.error.is_none();
    }

    /// The line is complete: a value of its own, or the promise of more.
    fn header_ends(&mut self) -> usize {
        let kind = std::mem::take(&mut self.kind);
        self.recording = false;
        let absent = kind == b'_' || (self.negative && matches!(kind, b'$' | b'*'));
        if absent {
            self.nulls += 1;
            return self.value_ends(0);
        }
        match kind {
            b'$' | b'=' | b'!' => {
                self.skip = self.number + 2;
                0
            }
            b'*' | b'~' | b'>' => self.value_ends(self.number),
            b'%' => self.value_ends(self.number * 2),
            _ => self.value_ends(0),
        }
    }

    /// A value has ended, or turned out to hold `elements` more; returns 1 if it was the last one.
    fn value_ends(&mut self, elements: usize) -> usize {
        self.lacking = self.lacking + elements - 1;
        usize::from(self.lacking == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLIES: &[u8] = b"+OK\r\n:-5\r\n$3\r\na\r\n\r\n$-1\r\n*2\r\n$1\r\nx\r\n*1\r\n:1\r\n\
        *0\r\n*-1\r\n%1\r\n+a\r\n_\r\n-ERR no-1\r\n$0\r\n\r\n-ERR later\r\n>2\r\n+a\r\n+b\r\n";

    #[test]
    fn counts_replies_of_every_type_wherever_they_are_cut() {
        for cut in 0..=REPLIES.len() {
            let mut counter = ReplyCounter::default();
            let (head, tail) = REPLIES.split_at(cut);
            assert_eq!(counter.feed(head) + counter.feed(tail), 12, "cut at {cut}");
            assert_eq!(counter.nulls, 3, "cut at {cut}");
            assert_eq!(counter.error.as_deref(), Some(&b"-ERR no-1\r"[..]), "cut at {cut}");
        }
    }

    #[test]
    fn counts_byte_by_byte() {
        let mut counter = ReplyCounter::default();
        let complete: usize = REPLIES.chunks(1).map(|byte| counter.feed(byte)).sum();
        assert_eq!(complete, 12);
    }

    #[test]
    fn a_request_is_an_array_of_bulk_strings() {
        assert_eq!(request(&[b"GET", b"k"]), b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    }
}
