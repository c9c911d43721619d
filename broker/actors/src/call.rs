//! One command being run by an owner.

use std::ops::{Deref, DerefMut, Range};
use std::sync::Arc;

use bytes::Bytes;

use crate::command::Keys;
use crate::directory::Directory;
use crate::key_events::Event;
use crate::owner::Signals;
use crate::{Args, Command, Pipeline, Place, Refusal};

/// On whose behalf a request runs.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The connection's id.
    pub client: u64,
    /// The database it has selected, 0 to 15.
    pub db: u8,
    /// The agent that the connection speaks as.
    pub agent: Option<Arc<str>>,
    /// Whether it has shown that agent's key: it speaks for that agent alone then, whatever a request names.
    pub identified: bool,
    /// Whether the connection keeps copies of what it reads, and is to be told when that changes.
    pub tracks: bool,
    /// Whether what it reads is to look as if nobody had used it.
    pub no_touch: bool,
    /// If the request's keys have several owners: among which words this one is to pick its own.
    pub spanning: Option<Range<usize>>,
    /// Whether a script makes the request.
    pub scripted: bool,
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
        let (args, place, spanning) = (self.args, self.place, self.caller.spanning.clone());
        let own = move |index: &usize| {
            let is_own = || Place::of_key(args.word(*index)) == place;
            spanning.as_ref().is_none_or(|words| words.contains(index) && is_own())
        };
        self.command.keys.range(&args).filter(own)
    }

    /// The first key of this owner.
    pub fn key(&self) -> &'a [u8] {
        match self.command.keys {
            // Nearly every command has its only key in a fixed place.
            Keys::Range { first, .. } if self.caller.spanning.is_none() => {
                self.args.word(first as usize)
            }
            _ => self.keys().next().map_or(&b""[..], |index| self.args.word(index)),
        }
    }

    /// Notes that `key` was changed. The keyspace's keys are told apart by database; all others have one.
    pub fn modified(&mut self, key: &[u8]) {
        let db = self.signal_db();
        self.env.signals.modified(db, key);
    }

    /// Notes that `key` was changed, and tells those who listen what happened to it.
    pub fn changed(&mut self, event: Event, key: &[u8]) {
        self.modified(key);
        self.happened(event, key);
    }

    /// Tells those who listen what happened to `key`.
    pub fn happened(&self, event: Event, key: &[u8]) {
        // Looked at here, too, for what else it takes is for nothing while events are off.
        if self.env.directory.told_events().has(event.class) {
            self.env.directory.happened(self.signal_db(), event, key);
        }
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

    /// The agent that this request speaks for: the one named (`FROM`, `BY`), else the connection's, else nobody (an
    /// empty name).
    ///
    /// # Errors
    /// [`Refusal::NotYou`] when the connection has identified itself and another agent is named.
    pub fn speaker(&self, named: Option<Bytes>) -> Result<Arc<str>, Refusal> {
        let own = self.caller.agent.as_ref();
        let Some(named) = named else { return Ok(own.cloned().unwrap_or_default()) };
        let named: Arc<str> = String::from_utf8_lossy(&named).into();
        match own {
            Some(own) if self.caller.identified && *own != named => {
                Err(Refusal::NotYou((**own).into(), (*named).into()))
            }
            _ => Ok(named),
        }
    }

    /// Refuses a command whose agent is no option but one of its words ([`Command::actor`]) when that word names
    /// another agent than the connection has shown to be.
    ///
    /// # Errors
    /// [`Refusal::NotYou`]
    pub(crate) fn check_actor(&self) -> Result<(), Refusal> {
        if !self.caller.identified {
            return Ok(());
        }
        let named = self.command.actor().map(|word| self.value(word));
        self.speaker(named).map(drop)
    }

    fn signal_db(&self) -> u8 {
        if self.place == Place::Keyspace { self.caller.db } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Call, Caller, Env};
    use crate::directory::Directory;
    use crate::limits::Limits;
    use crate::owner::Signals;
    use crate::{Pipeline, Place, Refusal, command};

    /// Shows the call of a request by a connection that speaks as bob.
    fn as_bob<T>(identified: bool, words: &[&str], show: impl FnOnce(&Call<'_>) -> T) -> T {
        let system = actix::System::new();
        let arbiter = system.block_on(async { actix::Arbiter::current() });
        let directory = system.block_on(async { Directory::start(arbiter, Limits::default()) });
        let mut env = Env { signals: Signals::new(directory.clone()), directory };
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let command = command::find(words[0], b"").expect("a command");
        let pipeline = Pipeline::of(Some(command), &words);
        let caller = Caller { agent: Some("bob".into()), identified, ..Caller::default() };
        let (args, place) = (pipeline.request(0), Place::Registry);
        let (caller, env) = (&caller, &mut env);
        let (can_block, ready) = (false, None);
        show(&Call { args, command, caller, now: 0, place, env, can_block, ready })
    }

    #[test]
    fn who_is_identified_speaks_for_itself_alone() {
        let heard = |identified| {
            as_bob(identified, &["claw.discover"], |call| {
                [None, Some("bob"), Some("zoe")].map(|named| call.speaker(named.map(Into::into)))
            })
        };
        let (bob, zoe): (Arc<str>, Arc<str>) = ("bob".into(), "zoe".into());
        assert_eq!(heard(false), [Ok(bob.clone()), Ok(bob.clone()), Ok(zoe)]);
        let refusal = Refusal::NotYou("bob".into(), "zoe".into());
        assert_eq!(heard(true), [Ok(bob.clone()), Ok(bob), Err(refusal)]);
    }

    #[test]
    fn the_word_that_names_who_acts_is_checked_too() {
        let refusal = || Err(Refusal::NotYou("bob".into(), "zoe".into()));
        for name in ["claw.heartbeat", "claw.unregister", "claw.poll"] {
            let check = |identified, id| as_bob(identified, &[name, id], |call| call.check_actor());
            assert_eq!(check(true, "bob"), Ok(()), "{name}");
            assert_eq!(check(true, "zoe"), refusal(), "{name}");
            assert_eq!(check(false, "zoe"), Ok(()), "{name}");
        }
        // Whom a task is for is not who hands it out.
        let to = as_bob(true, &["claw.delegate", "zoe", "work"], |call| call.check_actor());
        assert_eq!(to, Ok(()));
    }
}
