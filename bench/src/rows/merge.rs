//! Two edits of one file that are merged.

use anyhow::{Result, ensure};

use super::{Audience, Row, Site, line};
use crate::figure::Figure;
use crate::meter::Tally;
use crate::resp;
use crate::swarm::{Script, Swarm, ask};

/// Lines of the file.
const LINES: usize = 1_000;
/// Merges on one base: it is to be kept meanwhile, and of a file's versions 100 are.
const MERGES: usize = 90;
const KEY: &[u8] = b"merged";

/// One agent's edit of the first lines meets another's of the last ones.
pub(super) fn row() -> Row {
    let figures = [Figure::new("cpu", "µs/merge"), Figure::new("p50", "µs")];
    let lines = vec![line("PUT BASE MERGE of 1 000 lines, two edits apart", figures)];
    Row::new("merge", lines, measure).for_audience(Audience::BrokerAlone)
}

fn measure(site: Site<'_>) -> Result<Vec<f64>> {
    let put = |content: &[u8]| ask(site.server.address, &[b"CLAW.FILE", b"PUT", KEY, content]);
    ensure!(put(&text(None))? == b":1\r\n", "version 1 was not saved");
    ensure!(put(&text(Some(10)))? == b":2\r\n", "version 2 was not saved");
    let mut swarm = Swarm::connect(site.server.address, 1)?;
    let mut tally = Tally::new()?;
    let mut version = 2;
    while tally.elapsed < site.options.budget() {
        // Every merge saves a version, and so many drop the base.
        let base = version + 1;
        ensure!(put(&text(None))?.starts_with(b":"), "the base was not saved");
        ensure!(put(&text(Some(10)))?.starts_with(b":"), "the other's edit was not saved");
        let mut merges = Merges::new(base, MERGES);
        tally.play(site.server, &mut swarm, &mut merges)?;
        ensure!(merges.astray == 0, "{} puts were not merged", merges.astray);
        version = base + 1 + merges.done as u64;
    }
    Ok(vec![tally.cpu_us(), tally.quantile_us(0.5)])
}

/// The file, with one line changed.
fn text(changed: Option<usize>) -> Vec<u8> {
    let mark = |number| if changed == Some(number) { "changed" } else { "as it was" };
    let line = |number| format!("line {number} of the file, {}\n", mark(number));
    (0..LINES).map(line).collect::<String>().into_bytes()
}

/// The same edit, put again and again on the same base.
struct Merges {
    request: Vec<u8>,
    left: usize,
    done: usize,
    reply: Vec<u8>,
    /// Replies that tell of no merge.
    astray: u64,
}

impl Merges {
    fn new(base: u64, merges: usize) -> Self {
        let (text, base) = (text(Some(LINES - 10)), base.to_string());
        let mut request = Vec::new();
        let words: [&[u8]; 7] =
            [b"CLAW.FILE", b"PUT", KEY, &text, b"BASE", base.as_bytes(), b"MERGE"];
        resp::write_request(&mut request, &words);
        Self { request, left: merges, done: 0, reply: Vec::new(), astray: 0 }
    }

    fn check(&mut self) {
        let reply = std::mem::take(&mut self.reply);
        if reply.is_empty() {
            return;
        }
        self.done += 1;
        let head = &reply[..reply.len().min(64)];
        self.astray += u64::from(!head.windows(6).any(|word| word == b"merged"));
    }
}

impl Script for Merges {
    fn next(&mut self, _: usize) -> Option<(&[u8], usize)> {
        self.check();
        self.left = self.left.checked_sub(1)?;
        Some((&self.request, 1))
    }

    fn received(&mut self, _: usize, bytes: &[u8]) {
        self.reply.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_merge_is_noticed() {
        let mut merges = Merges::new(1, 2);
        for reply in [&b"*14\r\n$6\r\nstatus\r\n$6\r\nmerged\r\n"[..], b"-CONFLICT no\r\n"] {
            assert!(merges.next(0).is_some());
            merges.received(0, reply);
        }
        assert_eq!(merges.next(0), None);
        assert_eq!((merges.done, merges.astray), (2, 1));
    }

    #[test]
    fn the_edits_are_apart() {
        let changed = |one: usize| {
            let (base, edit) = (text(None), text(Some(one)));
            let lines = base.split(|byte| *byte == b'\n').zip(edit.split(|byte| *byte == b'\n'));
            lines.enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect::<Vec<_>>()
        };
        assert_eq!((changed(10), changed(LINES - 10)), (vec![10], vec![LINES - 10]));
    }
}
