//! Requests encoded before the clock starts, in batches that are sent in one write.

use crate::resp;
use crate::swarm::Script;

/// Requests encoded in advance: batches of `pipeline` requests each.
#[derive(Debug)]
pub(crate) struct Tape {
    bytes: Vec<u8>,
    /// Where each batch ends in `bytes`.
    ends: Vec<usize>,
    pipeline: usize,
}

impl Tape {
    /// Records `batches` batches of `pipeline` requests; `words` gives the words of the request
    /// with this number of batch and of request in it.
    pub(crate) fn record(
        batches: usize,
        pipeline: usize,
        mut words: impl FnMut(usize, usize) -> Vec<Vec<u8>>,
    ) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for batch in 0..batches {
            for place in 0..pipeline {
                let words = words(batch, place);
                let borrowed: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                resp::write_request(&mut bytes, &borrowed);
            }
            ends.push(bytes.len());
        }
        Self { bytes, ends, pipeline }
    }

    /// How many batches it holds.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn batch(&self, number: usize) -> &[u8] {
        let number = number % self.ends.len();
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[number]]
    }

    /// A script in which each of `conns` connections sends `batches` batches: connection 0 the
    /// first of the tape, 1 the second, … and then each the one `conns` further on, round and
    /// round. A tape of exactly `conns` batches thus gives every connection a batch of its own.
    pub(crate) fn script(&self, conns: usize, batches: usize) -> Playback<'_> {
        Playback { tape: self, conns, batches, sent: vec![0; conns] }
    }
}

/// A tape being played by a swarm.
#[derive(Debug)]
pub(crate) struct Playback<'a> {
    tape: &'a Tape,
    conns: usize,
    batches: usize,
    /// Batches that each connection has sent.
    sent: Vec<usize>,
}

impl Script for Playback<'_> {
    fn next(&mut self, conn: usize) -> Option<(&[u8], usize)> {
        let sent = &mut self.sent[conn];
        if *sent == self.batches {
            return None;
        }
        let number = *sent * self.conns + conn;
        *sent += 1;
        Some((self.tape.batch(number), self.tape.pipeline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_share_out_the_batches_and_start_again_at_the_end() {
        let name = |batch: usize, _| vec![batch.to_string().into_bytes()];
        let tape = Tape::record(4, 1, name);
        let mut script = tape.script(3, 2);
        let mut said = |conn| {
            let next = script.next(conn);
            next.map(|(bytes, due)| (String::from_utf8_lossy(bytes).into_owned(), due))
        };
        let expected = |name: &str| Some((format!("*1\r\n$1\r\n{name}\r\n"), 1));
        assert_eq!(said(2), expected("2"));
        assert_eq!(said(0), expected("0"));
        assert_eq!(said(0), expected("3"));
        assert_eq!(said(0), None);
        assert_eq!(said(1), expected("1"));
        assert_eq!(said(1), expected("0"), "batch 4 of a tape of 4 is batch 0");
    }
}
