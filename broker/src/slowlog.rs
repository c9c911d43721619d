//! Requests that took long: `SLOWLOG`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use clawlink_actors::Args;
use parking_lot::Mutex;

use crate::clients::Client;
use crate::monitor;

/// How long a request may take before it is kept, in microseconds: Redis's default.
const SLOWER_THAN_US: i64 = 10_000;
/// How many requests are kept: Redis's default.
const LEN_MAX: usize = 128;
/// How many words of a request are kept, and how much of each: Redis's bounds.
const WORDS_MAX: usize = 32;
const WORD_BYTES_MAX: usize = 128;

/// A slow request.
#[derive(Debug, Clone)]
pub struct Slow {
    /// Its number; they are never used again.
    pub id: u64,
    /// When it ended, in seconds since 1970.
    pub at: u64,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// Its words, shortened.
    pub words: Vec<Bytes>,
    /// The client's address.
    pub peer: String,
    /// The client's name.
    pub name: Bytes,
}

/// The log.
#[derive(Debug)]
pub struct Slowlog {
    /// Requests that took at least this many microseconds are kept; negative: none.
    pub slower_than_us: AtomicI64,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    next: u64,
    len_max: usize,
    /// Newest first.
    requests: VecDeque<Slow>,
}

impl Default for Slowlog {
    fn default() -> Self {
        let kept = Kept { next: 0, len_max: LEN_MAX, requests: VecDeque::new() };
        Self { slower_than_us: AtomicI64::new(SLOWER_THAN_US), kept: Mutex::new(kept) }
    }
}

impl Slowlog {
    /// Whether a request that took this long is kept.
    pub fn wants(&self, took: Duration) -> bool {
        let limit = u128::try_from(self.slower_than_us.load(Ordering::Relaxed));
        limit.is_ok_and(|limit| took.as_micros() >= limit)
    }

    /// Keeps a request.
    ///
    /// `client`: who made it; `None`: a script, for which Redis shows an address that is none.
    pub fn note(&self, client: Option<&Client>, args: &Args<'_>, took: Duration) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let peer = client.map_or("?:0", |client| &client.peer).to_owned();
        let name = client.map(|client| client.labels().name).unwrap_or_default();
        let mut kept = self.kept.lock();
        let slow = Slow {
            id: kept.next,
            at,
            took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            words: shortened(args),
            peer,
            name,
        };
        kept.next += 1;
        kept.requests.push_front(slow);
        let len_max = kept.len_max;
        kept.requests.truncate(len_max);
    }

    /// The newest `count` requests, newest first.
    pub fn newest(&self, count: usize) -> Vec<Slow> {
        self.kept.lock().requests.iter().take(count).cloned().collect()
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.kept.lock().requests.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all.
    pub fn reset(&self) {
        self.kept.lock().requests.clear();
    }

    /// How many may be kept.
    pub fn len_max(&self) -> usize {
        self.kept.lock().len_max
    }

    /// Changes how many may be kept.
    pub fn set_len_max(&self, len_max: usize) {
        let mut kept = self.kept.lock();
        kept.len_max = len_max;
        kept.requests.truncate(len_max);
    }
}

/// The words of a request, so many and so much of each as is kept, and without what is secret.
fn shortened(args: &Args<'_>) -> Vec<Bytes> {
    let count = args.len();
    let shown = if count > WORDS_MAX { WORDS_MAX - 1 } else { count };
    let words = args.words().enumerate().take(shown);
    let mut words: Vec<Bytes> = words
        .map(|(at, word)| match word.len().checked_sub(WORD_BYTES_MAX) {
            _ if monitor::is_secret(args, at) => Bytes::from_static(monitor::REDACTED),
            None | Some(0) => Bytes::copy_from_slice(word),
            Some(more) => {
                let more = format!("... ({more} more bytes)");
                Bytes::from([&word[..WORD_BYTES_MAX], more.as_bytes()].concat())
            }
        })
        .collect();
    if count > shown {
        words.push(Bytes::from(format!("... ({} more arguments)", count - shown)));
    }
    words
}

#[cfg(test)]
mod tests {
    use clawlink_actors::Pipeline;

    use super::{Slowlog, shortened};
    use std::time::Duration;

    #[test]
    fn the_threshold_decides() {
        let log = Slowlog::default();
        assert!(
            log.wants(Duration::from_micros(10_000)) && !log.wants(Duration::from_micros(9_999))
        );
        log.slower_than_us.store(-1, std::sync::atomic::Ordering::Relaxed);
        assert!(!log.wants(Duration::from_secs(100)));
    }

    #[test]
    fn long_requests_are_shortened() {
        let long = [b'x'; 130];
        let pipeline = Pipeline::of(None, &[b"SET", b"k", &long]);
        let words = shortened(&pipeline.request(0));
        assert!(words[2].ends_with(b"x... (2 more bytes)") && words[2].len() == 128 + 18);
        let many: Vec<&[u8]> = (0..40).map(|_| &b"w"[..]).collect();
        let words = shortened(&Pipeline::of(None, &many).request(0));
        assert_eq!((words.len(), &words[31][..]), (32, &b"... (9 more arguments)"[..]));
    }

    #[test]
    fn tokens_are_not_kept() {
        let words = shortened(&Pipeline::of(None, &[b"AUTH", b"token"]).request(0));
        assert_eq!(words[1], "(redacted)");
    }
}
