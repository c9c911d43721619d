//! Who wants to know that a key changed: blocked clients, and transactions that watch it.
//!
//! The model is Redis's. A command that wants to wait names its keys; it is parked behind everyone who waits for
//! them already. A write marks the keys it touched as ready; when the command is over, the parked requests of the
//! ready keys run again, longest waiting first, until one finds nothing left.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ahash::{AHashMap, RandomState};
use bytes::Bytes;
use indexmap::{Equivalent, IndexMap};

use super::waiter::Waiter;
use crate::call::Caller;
use crate::directory::Directory;
use crate::outbox::Moment;
use crate::request::Pipeline;
use crate::tracking::{Changed, Readers};

/// A blocked request.
#[derive(Debug)]
pub struct Parked {
    /// Who waits.
    pub waiter: Arc<Waiter>,
    /// Its request, alone in its pipeline.
    pub request: Arc<Pipeline>,
    /// On whose behalf it runs.
    pub caller: Caller,
    keys: Vec<Key>,
}

/// A key of one database. Owners other than the keyspace have only database 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    db: u8,
    name: Box<[u8]>,
}

impl Key {
    /// Its name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }
}

struct KeyRef<'a> {
    db: u8,
    name: &'a [u8],
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // In step with the derived hash of `Key`.
        self.db.hash(state);
        self.name.hash(state);
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.db == key.db && *self.name == *key.name
    }
}

/// The parked requests and the watches of one owner.
#[derive(Debug)]
pub struct Signals {
    parked: IndexMap<Key, VecDeque<Arc<Parked>>, RandomState>,
    watched: IndexMap<Key, Vec<Arc<AtomicBool>>, RandomState>,
    by_client: AHashMap<u64, Arc<Parked>>,
    ready: VecDeque<Key>,
    waits: Vec<Key>,
    retry: Option<Arc<Pipeline>>,
    /// Who keeps copies of the owner's keys; most owners' keys nobody does.
    readers: Option<Box<Readers>>,
    /// Keys that were changed and not yet told to those who named prefixes.
    changed: Vec<Changed>,
    /// The client whose request runs; 0 when none does.
    client: u64,
    directory: Arc<Directory>,
}

impl Signals {
    /// Nobody waits, watches or keeps copies.
    pub fn new(directory: Arc<Directory>) -> Self {
        Self {
            parked: IndexMap::default(),
            watched: IndexMap::default(),
            by_client: AHashMap::default(),
            ready: VecDeque::new(),
            waits: Vec::new(),
            retry: None,
            readers: None,
            changed: Vec::new(),
            client: 0,
            directory,
        }
    }

    /// A key was changed: transactions that watch it fail, those who keep copies are told, and requests that wait for it are
    /// tried again.
    ///
    /// Call it for every change; it costs a few looks when nobody cares.
    #[inline]
    pub fn modified(&mut self, db: u8, name: &[u8]) {
        if self.somebody_cares() {
            self.altered(db, name);
            self.wake(db, name);
        }
    }

    /// A key's time was over: as [`modified`](Self::modified), but whoever's request has found it out did not do it.
    pub fn expired(&mut self, db: u8, name: &[u8]) {
        let client = std::mem::take(&mut self.client);
        self.modified(db, name);
        self.client = client;
    }

    /// A key was changed in a way that no request waits for.
    pub fn altered(&mut self, db: u8, name: &[u8]) {
        self.fail_watches(db, name);
        self.invalidate(name);
    }

    fn somebody_cares(&self) -> bool {
        !self.watched.is_empty()
            || !self.parked.is_empty()
            || self.readers.is_some()
            || self.directory.tracking.has_prefixes()
    }

    fn fail_watches(&mut self, db: u8, name: &[u8]) {
        if !self.watched.is_empty()
            && let Some(watches) = self.watched.swap_remove(&KeyRef { db, name })
        {
            watches.iter().for_each(|dirty| dirty.store(true, Ordering::Release));
        }
    }

    /// Requests that wait for a key are tried again.
    pub fn wake(&mut self, db: u8, name: &[u8]) {
        let key = KeyRef { db, name };
        if !self.parked.is_empty()
            && let Some((key, _)) = self.parked.get_key_value(&key)
            && !self.ready.contains(key)
        {
            self.ready.push_back(key.clone());
        }
    }

    /// Tells those who keep copies of a key that it was changed.
    fn invalidate(&mut self, name: &[u8]) {
        if let Some(readers) = &mut self.readers
            && let Some(clients) = readers.take(name)
        {
            let (directory, news) = (&self.directory, (name, self.client));
            let bytes_max = directory.limits.outbox_bytes_max.get();
            // Who is about to get a reply to what it has read must not be told before that reply; but who is parked here,
            // and not being served just now, gets one only after this.
            let (parked, others): (Vec<u64>, Vec<u64>) = clients
                .into_iter()
                .partition(|client| self.by_client.contains_key(client) && *client != self.client);
            for (clients, moment) in [(parked, Moment::BeforeReply), (others, Moment::AtEnd)] {
                if !clients.is_empty() {
                    directory.tracking.changed(&clients, news, moment, bytes_max);
                }
            }
        }
        if self.directory.tracking.has_prefixes() {
            self.changed.push((Bytes::copy_from_slice(name), self.client));
        }
    }

    /// All keys are gone: everybody is told to forget all copies.
    pub fn invalidate_all(&mut self) {
        self.readers = None;
        self.directory.tracking.all_changed(self.directory.limits.outbox_bytes_max.get());
    }

    /// A client keeps a copy of a key. It is told when the key changes, or when there are too many to remember.
    pub(super) fn remember(&mut self, name: &[u8], client: u64) {
        let Self { readers, directory, .. } = self;
        let readers =
            readers.get_or_insert_with(|| Box::new(Readers::new(directory.tracking.clone())));
        readers.remember(name, client);
        let keys_max = directory.limits.tracked_keys_max.get();
        let keys_max = usize::try_from(keys_max).unwrap_or(usize::MAX);
        while keys_max > 0
            && let Some((key, clients)) = readers.make_room(keys_max)
        {
            let bytes_max = directory.limits.outbox_bytes_max.get();
            directory.tracking.changed(&clients, (&key, 0), Moment::AtEnd, bytes_max);
        }
    }

    /// From now on a request of this client runs.
    pub(super) fn begin(&mut self, client: u64) {
        self.client = client;
    }

    /// Tells what was changed to those who named prefixes.
    pub(super) fn broadcast(&mut self) {
        if !self.changed.is_empty() {
            let bytes_max = self.directory.limits.outbox_bytes_max.get();
            self.directory.tracking.broadcast(&std::mem::take(&mut self.changed), bytes_max);
        }
    }

    /// Every key may have changed.
    pub fn all_modified(&mut self) {
        if self.readers.is_some() {
            self.invalidate_all();
        }
        self.each_modified(|_| true);
    }

    /// The keys of a database for which `changed` is true were changed.
    pub fn modified_where(&mut self, db: u8, changed: impl Fn(&[u8]) -> bool) {
        self.each_modified(|key| key.db == db && changed(&key.name));
    }

    fn each_modified(&mut self, changed: impl Fn(&Key) -> bool) {
        let known = self.watched.keys().chain(self.parked.keys());
        let keys: Vec<Key> = known.filter(|key| changed(key)).cloned().collect();
        for key in keys {
            self.fail_watches(key.db, &key.name);
            self.wake(key.db, &key.name);
        }
    }

    /// Raises `dirty` when the key changes.
    pub fn watch(&mut self, db: u8, name: &[u8], dirty: Arc<AtomicBool>) {
        self.watched.entry(Key { db, name: name.into() }).or_default().push(dirty);
    }

    /// Ends all watches that raise `dirty`.
    pub fn unwatch(&mut self, dirty: &Arc<AtomicBool>) {
        self.watched.retain(|_, watches| {
            watches.retain(|watch| !Arc::ptr_eq(watch, dirty));
            !watches.is_empty()
        });
    }

    /// The running command found nothing and would wait for this key.
    pub(crate) fn wait_on(&mut self, db: u8, name: &[u8]) {
        self.waits.push(Key { db, name: name.into() });
    }

    /// When the running command is tried again, this is to run in its place.
    pub(crate) fn retry_as(&mut self, request: Pipeline) {
        self.retry = Some(Arc::new(request));
    }

    /// Parks a request on the keys it named with `wait_on` while it ran.
    pub(super) fn park(&mut self, waiter: Arc<Waiter>, request: Arc<Pipeline>, caller: Caller) {
        let keys = std::mem::take(&mut self.waits);
        let request = self.retry.take().unwrap_or(request);
        let parked = Arc::new(Parked { waiter, request, caller, keys });
        for key in &parked.keys {
            self.parked.entry(key.clone()).or_default().push_back(parked.clone());
        }
        self.by_client.insert(parked.waiter.id(), parked);
    }

    /// Forgets what the running command would have waited for.
    pub(super) fn drop_waits(&mut self) {
        self.waits.clear();
        self.retry = None;
    }

    /// Removes the parked request of a client that no longer waits.
    pub(super) fn unpark(&mut self, client: u64) {
        let Some(gone) = self.by_client.remove(&client) else {
            return;
        };
        for key in &gone.keys {
            let Some(queue) = self.parked.get_mut(key) else {
                continue;
            };
            // The one that is answered is nearly always the first.
            if let Some(at) = queue.iter().position(|parked| Arc::ptr_eq(parked, &gone)) {
                queue.remove(at);
            }
            if queue.is_empty() {
                self.parked.swap_remove(key);
            }
        }
    }

    /// Whether a key became ready.
    pub(super) fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next key that became ready.
    pub(super) fn next_ready(&mut self) -> Option<Key> {
        self.ready.pop_front()
    }

    /// The request that has waited for this key longer than all others but `skip`.
    pub(super) fn longest_waiting(&self, key: &Key, skip: usize) -> Option<Arc<Parked>> {
        self.parked.get(key)?.get(skip).cloned()
    }
}
