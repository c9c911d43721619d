//! Where the owners are. Shared by every connection and every owner.

mod delays;
mod gauge;
mod seat;

pub use delays::{Delay, Delays, Kind};
pub use gauge::{Counters, Gauge};
use seat::Seat;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use actix::Addr;
use actix_rt::ArbiterHandle;
use ahash::AHashMap;
use parking_lot::RwLock;

use crate::files::{self, Files};
use crate::key_events::KeyEvents;
use crate::keyspace::Keyspace;
use crate::limits::Limits;
use crate::mailbox::{self, Mailbox};
use crate::message_number::{self, MessageNumber};
use crate::owner::{self, Execute, Home, Owner, Runner, State, Tell, now_ms};
use crate::registry::{self, Registry};
use crate::search::Search;
use crate::topics::{self, Topics};
use crate::tracking::Tracking;
use crate::{Place, Refusal};

/// A mailbox: its actor and its gauge.
#[derive(Debug, Clone)]
pub struct MailboxEntry {
    /// Where it is.
    seat: Seat<Mailbox>,
    /// What can be read without asking.
    pub gauge: Arc<Gauge>,
}

/// The single owners.
#[derive(Debug)]
struct Singles {
    registry: Seat<Registry>,
    topics: Seat<Topics>,
    files: Seat<Files>,
    keyspace: Seat<Keyspace>,
    /// The mailbox of nobody: always empty, never open. Read-only commands on inboxes that do not exist go there.
    nobody: MailboxEntry,
}

/// Where the owners are.
#[derive(Debug)]
pub struct Directory {
    singles: OnceLock<Singles>,
    mailboxes: RwLock<AHashMap<Arc<[u8]>, MailboxEntry>>,
    arbiter: ArbiterHandle,
    boot: Arc<str>,
    next_message: AtomicU64,
    /// How far the tasks are from the first of their chain that are a part of another one.
    hops: RwLock<AHashMap<Arc<str>, u64>>,
    /// The limits that owners keep.
    pub limits: Limits,
    /// What the whole broker counts.
    pub counters: Counters,
    /// What took too long.
    pub delays: Delays,
    /// What can be searched.
    pub search: Search,
    /// Who keeps copies of what it has read, and is told of changes.
    pub tracking: Arc<Tracking>,
    /// What becomes of keys, for those who listen.
    pub key_events: KeyEvents,
}

/// The address of an owner.
#[derive(Debug, Clone)]
pub enum OwnerAddr {
    /// The registry.
    Registry(Addr<Owner<Registry>>),
    /// The topics.
    Topics(Addr<Owner<Topics>>),
    /// The files.
    Files(Addr<Owner<Files>>),
    /// The keyspace.
    Keyspace(Addr<Owner<Keyspace>>),
    /// A mailbox.
    Mailbox(Addr<Owner<Mailbox>>),
}

/// Sends any message that all owners take.
macro_rules! tell {
    ($addr:expr, $message:expr) => {
        match $addr {
            OwnerAddr::Registry(addr) => addr.do_send($message),
            OwnerAddr::Topics(addr) => addr.do_send($message),
            OwnerAddr::Files(addr) => addr.do_send($message),
            OwnerAddr::Keyspace(addr) => addr.do_send($message),
            OwnerAddr::Mailbox(addr) => addr.do_send($message),
        }
    };
}

impl OwnerAddr {
    /// Sends a message that every owner takes: `Execute`, `Park`, `Borrow`, `Watch`… Order is kept.
    pub fn tell<M>(&self, message: M)
    where
        M: actix::Message<Result = ()> + Send + 'static,
        Owner<Registry>: actix::Handler<M>,
        Owner<Topics>: actix::Handler<M>,
        Owner<Files>: actix::Handler<M>,
        Owner<Keyspace>: actix::Handler<M>,
        Owner<Mailbox>: actix::Handler<M>,
    {
        tell!(self, message);
    }
}

impl Directory {
    /// Starts the single owners on `arbiter`, where all mailboxes will live too.
    pub fn start(arbiter: ArbiterHandle, limits: Limits) -> Arc<Self> {
        let directory = Arc::new(Self {
            singles: OnceLock::new(),
            mailboxes: RwLock::default(),
            arbiter,
            boot: base36(now_ms() / 1000).into(),
            next_message: AtomicU64::new(1),
            hops: RwLock::default(),
            limits,
            counters: Counters::default(),
            delays: Delays::default(),
            search: Search::default(),
            tracking: Arc::default(),
            key_events: KeyEvents::default(),
        });
        let nobody = directory.start_mailbox(b"".as_slice().into());
        let singles = Singles {
            registry: directory.start_owner(Home::Registry, Registry::default()),
            topics: directory.start_owner(Home::Topics, Topics::default()),
            files: directory.start_owner(Home::Files, Files::default()),
            keyspace: directory.start_owner(Home::Keyspace, Keyspace::default()),
            nobody,
        };
        let fresh = directory.singles.set(singles).is_ok();
        debug_assert!(fresh, "the directory is started once");
        directory
    }

    /// The owner of a place. `create`: whether a mailbox that does not exist is started; else its requests go to the
    /// mailbox of nobody, which is always empty and never open.
    ///
    /// # Errors
    /// [`Refusal::Custom`] when there are as many mailboxes as there may be.
    pub fn owner(self: &Arc<Self>, place: Place<'_>, create: bool) -> Result<OwnerAddr, Refusal> {
        let singles = self.singles();
        Ok(match place {
            Place::Registry => OwnerAddr::Registry(singles.registry.addr.clone()),
            Place::Topics => OwnerAddr::Topics(singles.topics.addr.clone()),
            Place::Files => OwnerAddr::Files(singles.files.addr.clone()),
            Place::Keyspace => OwnerAddr::Keyspace(singles.keyspace.addr.clone()),
            Place::Mailbox(name) => OwnerAddr::Mailbox(match self.mailbox(name) {
                Some(mailbox) => mailbox.seat.addr,
                None if create => self.open_mailbox(name)?.seat.addr,
                None => singles.nobody.seat.addr.clone(),
            }),
        })
    }

    /// Sends requests to the owner of a place, as [`Directory::owner`] finds it, without copying its address. `at_once`:
    /// whether the owner, if it lives on this thread, is given its turn.
    ///
    /// # Errors
    /// Those of [`Directory::owner`].
    pub fn execute(
        self: &Arc<Self>,
        place: Place<'_>,
        create: bool,
        requests: Execute,
        at_once: bool,
    ) -> Result<(), Refusal> {
        let singles = self.singles();
        let runner = match place {
            Place::Registry => singles.registry.execute(requests, at_once),
            Place::Topics => singles.topics.execute(requests, at_once),
            Place::Files => singles.files.execute(requests, at_once),
            Place::Keyspace => singles.keyspace.execute(requests, at_once),
            Place::Mailbox(name) => self.execute_mailbox(name, create, requests, at_once)?,
        };
        // Not earlier: a mailbox that has its turn may open another one.
        if let Some(runner) = runner {
            runner.turn();
        }
        Ok(())
    }

    fn execute_mailbox(
        self: &Arc<Self>,
        name: &[u8],
        create: bool,
        requests: Execute,
        at_once: bool,
    ) -> Result<Option<Rc<Runner>>, Refusal> {
        if let Some(mailbox) = self.mailboxes.read().get(name) {
            return Ok(mailbox.seat.execute(requests, at_once));
        }
        let opened;
        let mailbox = if create {
            opened = self.open_mailbox(name)?;
            &opened
        } else {
            &self.singles().nobody
        };
        Ok(mailbox.seat.execute(requests, at_once))
    }

    /// The mailbox of this name, if it has been started.
    pub fn mailbox(&self, name: &[u8]) -> Option<MailboxEntry> {
        self.mailboxes.read().get(name).cloned()
    }

    /// Shows the gauge of the mailbox of this name, if it has been started.
    pub fn gauge<T>(&self, name: &[u8], show: impl FnOnce(&Gauge) -> T) -> Option<T> {
        self.mailboxes.read().get(name).map(|mailbox| show(&mailbox.gauge))
    }

    /// The mailbox of this name, started if it is not there.
    ///
    /// # Errors
    /// [`Refusal::Custom`] when there are as many mailboxes as there may be.
    pub fn open_mailbox(self: &Arc<Self>, name: &[u8]) -> Result<MailboxEntry, Refusal> {
        let mut mailboxes = self.mailboxes.write();
        if let Some(mailbox) = mailboxes.get(name) {
            return Ok(mailbox.clone());
        }
        let most = self.limits.mailboxes_max.get();
        if mailboxes.len() as u64 >= most {
            return Err(Refusal::Custom(
                "ERR",
                format!("there are {most} inboxes, the limit").into(),
            ));
        }
        let name: Arc<[u8]> = name.into();
        let mailbox = self.start_mailbox(name.clone());
        mailboxes.insert(name, mailbox.clone());
        Ok(mailbox)
    }

    /// Shows every mailbox: its name and its gauge.
    pub fn each_mailbox(&self, mut show: impl FnMut(&Arc<[u8]>, &Gauge)) {
        self.mailboxes.read().iter().for_each(|(name, mailbox)| show(name, &mailbox.gauge));
    }

    /// How many mailboxes have been started.
    pub fn mailbox_count(&self) -> usize {
        self.mailboxes.read().len()
    }

    /// Lets a mailbox know something, starting it if it is not there. A notice for one mailbox too many is dropped;
    /// registering, which comes first, is what is refused then.
    pub fn tell_mailbox(self: &Arc<Self>, name: &[u8], notice: mailbox::Notice) {
        if let Ok(mailbox) = self.open_mailbox(name) {
            mailbox.seat.addr.do_send(Tell(notice));
        }
    }

    /// Lets the registry know something.
    pub fn tell_registry(&self, notice: registry::Notice) {
        self.singles().registry.addr.do_send(Tell(notice));
    }

    /// Lets the topics know something.
    pub fn tell_topics(&self, notice: topics::Notice) {
        self.singles().topics.addr.do_send(Tell(notice));
    }

    /// Lets the files know something.
    pub fn tell_files(&self, notice: files::Notice) {
        self.singles().files.addr.do_send(Tell(notice));
    }

    /// A sign of life of this agent, if it is one.
    pub fn seen(&self, agent: &[u8], now: u64) {
        if let Some(mailbox) = self.mailboxes.read().get(agent) {
            let gauge = &mailbox.gauge;
            gauge.last_seen.store(now, Ordering::Relaxed);
            if gauge.stale.load(Ordering::SeqCst) && gauge.stale.swap(false, Ordering::SeqCst) {
                let agent = String::from_utf8_lossy(agent).into();
                self.tell_registry(registry::Notice::Awake { agent });
            }
        }
    }

    /// When this agent last gave a sign of life, in milliseconds since 1970; 0 if it never has.
    pub fn last_seen(&self, agent: &[u8]) -> u64 {
        self.gauge(agent, |gauge| gauge.last_seen.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// How far a task is from the first of its chain. One that is no part of another, or is not known, is the first.
    pub fn hops(&self, task: &str) -> u64 {
        self.hops.read().get(task).copied().unwrap_or(0)
    }

    /// A task is known that is a part of another one.
    pub fn note_hops(&self, task: Arc<str>, hops: u64) {
        self.hops.write().insert(task, hops);
    }

    /// A task is not known any more.
    pub fn forget_hops(&self, task: &str) {
        self.hops.write().remove(task);
    }

    /// Refuses a message of so many bytes that does not fit into this agent's inbox any more.
    ///
    /// # Errors
    /// [`Refusal::InboxFull`], [`Refusal::InboxFullBytes`]
    pub fn check_room(&self, agent: &str, bytes: usize) -> Result<(), Refusal> {
        let room = |gauge: &Gauge| {
            let (queued, out) = (&gauge.queued, &gauge.handed_out);
            let messages = queued.load(Ordering::Relaxed) + out.load(Ordering::Relaxed);
            let bytes = gauge.bytes.load(Ordering::Relaxed) + bytes;
            mailbox::refuse_full(agent.as_bytes(), messages, bytes, &self.limits)
        };
        self.gauge(agent.as_bytes(), room).unwrap_or(Ok(()))
    }

    /// A new message id: `<place>.<boot>.<number>`. The place is an agent, `@capability` or `#topic`.
    pub fn message_id(&self, place: &str) -> String {
        message_number::write_id(place, &self.boot, self.next_number())
    }

    /// As [`Directory::message_id`], for a message whose id is written only if somebody asks for it.
    pub fn message_number(&self) -> MessageNumber {
        MessageNumber::new(self.boot.clone(), self.next_number())
    }

    /// What tells the ids of this run of the broker from those of others.
    pub fn boot(&self) -> &str {
        &self.boot
    }

    /// The number that stands in the id of a message of this run of the broker.
    pub fn message_number_at(&self, number: u64) -> MessageNumber {
        MessageNumber::new(self.boot.clone(), number)
    }

    fn next_number(&self) -> u64 {
        self.next_message.fetch_add(1, Ordering::Relaxed)
    }

    fn singles(&self) -> &Singles {
        self.singles.get().expect("`start` sets them before it hands the directory out")
    }

    fn start_owner<S: State + Send>(self: &Arc<Self>, home: Home, state: S) -> Seat<S> {
        let directory = self.clone();
        let make = move || Owner::new(home, state, directory);
        let (addr, runner) = owner::start(&self.arbiter, make);
        Seat { addr, runner }
    }

    fn start_mailbox(self: &Arc<Self>, name: Arc<[u8]>) -> MailboxEntry {
        let gauge = Arc::new(Gauge::default());
        let state = Mailbox::new(name.clone(), gauge.clone());
        MailboxEntry { seat: self.start_owner(Home::Mailbox(name), state), gauge }
    }
}

/// Lower-case digits and letters, most significant first: the boot time in seconds takes six of them.
fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::base36;

    #[test]
    fn numbers_are_written_in_base_36() {
        assert_eq!(base36(0), "0");
        assert_eq!(base36(35), "z");
        assert_eq!(base36(36 * 36 + 1), "101");
    }
}
