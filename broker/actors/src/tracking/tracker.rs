//! How one client is told of changes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use crate::outbox::{Moment, Outbox, Publication, Reason};

/// What a client is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Keys that it has read.
    Reads,
    /// Keys that it has read by commands that it said so of before (`OPTIN`).
    ChosenReads,
    /// Keys that it has read by commands that it said nothing of before (`OPTOUT`).
    OtherReads,
    /// Keys that begin with one of these (`BCAST`).
    Prefixes(BTreeSet<Bytes>),
}

impl Mode {
    /// Whether what the client reads is remembered.
    pub fn remembers_reads(&self) -> bool {
        !matches!(self, Self::Prefixes(_))
    }
}

/// Another connection that is told in the client's place.
#[derive(Debug, Clone)]
pub struct Redirection {
    /// Its id.
    pub client: u64,
    /// Its outbox.
    pub outbox: Arc<Outbox>,
}

/// How one client is told of changes.
#[derive(Debug)]
pub struct Tracker {
    /// Its connection's id.
    pub client: u64,
    /// Its outbox.
    pub outbox: Arc<Outbox>,
    /// Of what.
    pub mode: Mode,
    /// Whether it is not told of what it changes itself (`NOLOOP`).
    pub ignores_own: bool,
    /// Who is told in its place.
    pub redirection: Option<Redirection>,
    /// Whether that connection was found to be gone.
    pub is_broken: AtomicBool,
}

impl Tracker {
    /// The prefixes that it has named.
    pub fn prefixes(&self) -> impl Iterator<Item = &Bytes> {
        let named = if let Mode::Prefixes(prefixes) = &self.mode { Some(prefixes) } else { None };
        named.into_iter().flatten()
    }

    /// The connection that is told in its place; 0 if none is.
    pub fn redirected_to(&self) -> u64 {
        self.redirection.as_ref().map_or(0, |to| to.client)
    }

    /// Whether it is not told of what this client changes.
    pub(super) fn ignores(&self, by: u64) -> bool {
        self.ignores_own && by == self.client
    }

    /// Tells it, or whom it wants to be told.
    pub(super) fn tell(&self, news: &News, bytes_max: u64) {
        // Who does not keep up is closed: its own connection sees that its outbox has overflowed.
        match &self.redirection {
            None => self.outbox.push(&news.direct, bytes_max),
            Some(to) if !to.outbox.is_closed() => to.outbox.push(&news.redirected, bytes_max),
            Some(to) => {
                self.is_broken.store(true, Ordering::Relaxed);
                self.outbox.push(
                    &publication(Reason::RedirectionBroken(to.client), Moment::AtEnd),
                    bytes_max,
                )
            }
        };
    }
}

/// A message to all who are told the same.
pub(super) struct News {
    direct: Arc<Publication>,
    redirected: Arc<Publication>,
}

impl News {
    /// That these keys have changed. `None`: that all may have.
    pub(super) fn of(keys: Option<Vec<Bytes>>, moment: Moment) -> Self {
        let keys: Option<Arc<[Bytes]>> = keys.map(Into::into);
        let tell = |redirected| {
            publication(Reason::Invalidated { keys: keys.clone(), redirected }, moment)
        };
        Self { direct: tell(false), redirected: tell(true) }
    }
}

fn publication(reason: Reason, moment: Moment) -> Arc<Publication> {
    Publication::new(reason, Bytes::new(), Bytes::new(), moment)
}
