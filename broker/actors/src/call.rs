//! One command being run by an owner.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use bytes::Bytes;

use crate::command::Keys;
use crate::directory::Directory;
use crate::owner::Signals;
use crate::{Args, Command, Pipeline, Place};

/// On whose behalf a request runs.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The connection's id.
    pub client: u64,
    /// The database it has selected, 0 to 15.
    pub db: u8,
    /// The agent that the connection speaks as.
    pub agent: Option<Arc<str>>,
    /// Whether the request's keys have several owners, so that each must pick its own.
    pub spanning: bool,
}

/// What an owner has besides its state: who waits for its keys, and the way to the other owners.
#[derive(Debug)]
pub struct Env {
    /// Who wants to know of changes.
    pub signals: Signals,
    /// The other owners. An owner may tell them something; it never waits for them.
    pub directory: Arc<Directory>,
}

/// A command being run: its arguments (through `Deref`: `call.next_word()`, `call.word(1)`), who asked, and when.
#[derive(Debug)]
pub struct Call<'a> {
    /// The request.
    pub args: Args<'a>,
    /// What it names.
    pub command: &'static Command,
    /// On whose behalf it runs.
    pub caller: &'a Caller,
    /// The time, in milliseconds since 1970. It does not change while the command runs.
    pub now: u64,
    /// The owner that runs it.
    pub place: Place<'a>,
    /// The owner's surroundings.
    pub env: &'a mut Env,
    /// Whether the client would wait if there is nothing.
    pub can_block: bool,
    /// When a parked request is tried again: the key that changed. A client that waits for several
    /// keys is served from the one that became ready first, not from the one it named first.
    pub ready: Option<&'a [u8]>,
}

impl<'a> Deref for Call<'a> {
    type Target = Args<'a>;

    fn deref(&self) -> &Args<'a> {
        &self.args
    }
}

impl<'a> DerefMut for Call<'a> {
    fn deref_mut(&mut self) -> &mut Args<'a> {
        &mut self.args
    }
}

impl<'a> Call<'a> {
    /// The database that plain keys are in.
    pub fn db(&self) -> u8 {
        self.caller.db
    }

    /// The indices of the words that are keys of this owner. When a request spans owners each sees only its own.
    pub fn keys(&self) -> impl Iterator<Item = usize> + use<'a> {
        let (args, place, spanning) = (self.args, self.place, self.caller.spanning);
        let own = move |index: &usize| !spanning || Place::of_key(args.word(*index)) == place;
        self.command.keys.range(&args).filter(own)
    }

    /// The first key of this owner.
    pub fn key(&self) -> &'a [u8] {
        match self.command.keys {
            // Nearly every command has its only key in a fixed place.
            Keys::Range { first, .. } if !self.caller.spanning => self.args.word(first as usize),
            _ => self.keys().next().map_or(&b""[..], |index| self.args.word(index)),
        }
    }

    /// Notes that `key` was changed. The keyspace's keys are told apart by database; all others have one.
    pub fn modified(&mut self, key: &[u8]) {
        let db = self.signal_db();
        self.env.signals.modified(db, key);
    }

    /// Notes that `key` was changed in a way that no blocked client waits for.
    pub fn altered(&mut self, key: &[u8]) {
        let db = self.signal_db();
        self.env.signals.altered(db, key);
    }

    /// Says that blocked clients that wait for `key` are to look again, though it is the same to transactions.
    pub fn wake(&mut self, key: &[u8]) {
        let db = self.signal_db();
        self.env.signals.wake(db, key);
    }

    /// Says that this command, which found nothing, would wait for a change of `key`.
    pub fn wait_on(&mut self, key: &[u8]) {
        if self.can_block {
            let db = self.signal_db();
            self.env.signals.wait_on(db, key);
        }
    }

    /// Says that these words are to run in place of the request when what it waits for has changed: those of its words
    /// that mean "as of now" must go on meaning the moment it was sent.
    pub fn retry_as(&mut self, words: &[&[u8]]) {
        if self.can_block {
            self.env.signals.retry_as(Pipeline::of(Some(self.command), words));
        }
    }

    /// The agent that this request speaks for: the one named (`FROM`, `BY`), else the connection's, else nobody.
    pub fn speaker(&self, named: Option<Bytes>) -> Arc<str> {
        match (named, &self.caller.agent) {
            (Some(named), _) => String::from_utf8_lossy(&named).into(),
            (None, Some(agent)) => agent.clone(),
            (None, None) => Arc::default(),
        }
    }

    fn signal_db(&self) -> u8 {
        if self.place == Place::Keyspace { self.caller.db } else { 0 }
    }
}
