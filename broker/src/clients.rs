//! Who is connected.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use clawlink_actors::outbox::{Outbox, Subscriber};
use clawlink_actors::owner::now_ms;
use parking_lot::Mutex;

use crate::connection::Connection;
use tokio::sync::Notify;

/// What others may ask of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Order {
    /// Nothing.
    None = 0,
    /// Close: `CLIENT KILL`, shutdown.
    Close = 1,
    /// End the blocking command as if its time were over: `CLIENT UNBLOCK`.
    TimeOut = 2,
    /// End the blocking command with an error: `CLIENT UNBLOCK … ERROR`.
    Unblock = 3,
}

/// What is known of one connection, for itself and for everyone who lists or commands connections.
#[derive(Debug)]
pub struct Client {
    /// Its id: unique as long as the broker runs, in the order of connecting.
    pub id: u64,
    /// Its address, as `CLIENT LIST` shows it.
    pub peer: Box<str>,
    /// The address it connected to.
    pub local: Box<str>,
    /// When it connected, in milliseconds since 1970.
    pub since: u64,
    /// When it last sent something, in milliseconds since 1970.
    pub active: AtomicU64,
    /// The database it has selected.
    pub db: AtomicU8,
    /// The protocol version it speaks, 2 or 3.
    pub protocol: AtomicU8,
    /// How many channels, patterns and shard channels it is subscribed to.
    pub subscriptions: [AtomicUsize; 3],
    /// How many requests wait in its transaction; -1 without one, as Redis shows it.
    pub queued: std::sync::atomic::AtomicI64,
    /// Whether it is blocked.
    pub blocked: AtomicBool,
    /// Whether it waits until clients are no longer paused.
    pub held_back: AtomicBool,
    /// Whether it gets the monitor's lines.
    pub monitor: AtomicBool,
    /// `CLIENT NO-EVICT` and `CLIENT NO-TOUCH`.
    pub no_evict: AtomicBool,
    /// `CLIENT NO-TOUCH`.
    pub no_touch: AtomicBool,
    /// The name of its last command.
    pub last_command: Mutex<&'static str>,
    /// What it says of itself; most connections say nothing.
    labels: Mutex<Option<Box<Labels>>>,
    /// What is pushed to it.
    pub outbox: Arc<Outbox>,
    /// What its buffers hold.
    pub sizes: Sizes,
    order: AtomicU8,
}

/// What a connection's buffers hold, in bytes, as it was when it last looked: at every read, and when it begins to wait.
#[derive(Debug, Default)]
pub struct Sizes {
    /// Input that is not decoded, or being run.
    pub input: Size,
    /// Room for more of it.
    pub input_free: Size,
    /// The words of the request that runs alone.
    pub words: Size,
    /// The words of the requests that wait for `EXEC`.
    pub queued: Size,
    /// Output that the socket has not taken.
    pub output: Size,
    /// Room for output, with what waits.
    pub output_room: Size,
    /// The most output that ever waited.
    pub output_peak: Size,
}

impl Sizes {
    /// What all buffers take.
    pub fn total(&self) -> usize {
        let sizes = [&self.input, &self.input_free, &self.words, &self.queued, &self.output_room];
        sizes.iter().map(|size| size.get()).sum()
    }
}

/// A size in bytes that others may read. What a connection may hold fits in 32 bits; 4 GiB and more would be shown as such.
#[derive(Debug, Default)]
pub struct Size(AtomicU32);

impl Size {
    /// The size.
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed) as usize
    }

    /// Shows another one.
    pub fn set(&self, bytes: usize) {
        self.0.store(u32::try_from(bytes).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// What a connection says of itself.
#[derive(Debug, Default, Clone)]
pub struct Labels {
    /// `CLIENT SETNAME`.
    pub name: Bytes,
    /// `CLIENT SETINFO LIB-NAME`.
    pub lib_name: Bytes,
    /// `CLIENT SETINFO LIB-VER`.
    pub lib_version: Bytes,
    /// The agent it speaks as.
    pub agent: Option<Arc<str>>,
}

impl Client {
    /// Asks something of the connection.
    pub fn order(&self, order: Order) {
        // Nothing takes back an order to close.
        let _ = self.order.fetch_update(Ordering::AcqRel, Ordering::Acquire, |old| {
            (old != Order::Close as u8).then_some(order as u8)
        });
        self.outbox.wake();
    }

    /// Takes the order that was given, if one was. An order to close stays.
    pub fn take_order(&self) -> Order {
        match self.order.load(Ordering::Acquire) {
            1 => Order::Close,
            2 => {
                self.order.store(Order::None as u8, Ordering::Release);
                Order::TimeOut
            }
            3 => {
                self.order.store(Order::None as u8, Ordering::Release);
                Order::Unblock
            }
            _ => Order::None,
        }
    }

    /// How many channels, patterns and shard channels it is subscribed to.
    pub fn subscribed(&self) -> [usize; 3] {
        [0, 1, 2].map(|kind| self.subscriptions[kind].load(Ordering::Relaxed))
    }

    /// Whether it is subscribed to anything.
    pub fn is_subscribed(&self) -> bool {
        self.subscribed() != [0; 3]
    }

    /// Whether it came by the Unix socket: such a connection shows the socket's path where others have an address.
    pub fn is_local_socket(&self) -> bool {
        // No TCP connection comes from port 0.
        self.peer.ends_with(":0")
    }

    /// Whether it comes from this machine.
    pub fn is_local(&self) -> bool {
        let peer = self.peer.parse::<std::net::SocketAddr>();
        self.is_local_socket() || peer.is_ok_and(|peer| peer.ip().to_canonical().is_loopback())
    }

    /// The memory that the connection takes, in bytes.
    pub fn memory(&self) -> usize {
        CONNECTION_BYTES + self.sizes.total() + self.outbox.bytes()
    }

    /// What it says of itself.
    pub fn labels(&self) -> Labels {
        self.labels.lock().as_deref().cloned().unwrap_or_default()
    }

    /// Notes what it says of itself.
    pub fn label(&self, note: impl FnOnce(&mut Labels)) {
        note(self.labels.lock().get_or_insert_default());
    }

    /// This connection as a subscriber.
    pub fn subscriber(&self) -> Subscriber {
        Subscriber { client: self.id, outbox: self.outbox.clone() }
    }
}

/// What a connection takes beside its buffers, in bytes: its task, its session, and this.
const CONNECTION_BYTES: usize = size_of::<Client>() + size_of::<Connection>();

/// Every connection, by id.
#[derive(Debug, Default)]
pub struct Clients {
    next: AtomicU64,
    open: Mutex<BTreeMap<u64, Arc<Client>>>,
    accepted: AtomicU64,
    /// Connections that were refused because there were too many.
    pub rejected: AtomicU64,
    /// Rung whenever a connection has ended.
    ended: Notify,
}

impl Clients {
    /// A new connection. Times are in milliseconds since 1970.
    pub fn open(&self, peer: Box<str>, local: Box<str>, now: u64) -> Arc<Client> {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let client = Arc::new(Client {
            id,
            peer,
            local,
            since: now,
            active: AtomicU64::new(now),
            db: AtomicU8::new(0),
            protocol: AtomicU8::new(2),
            subscriptions: Default::default(),
            queued: std::sync::atomic::AtomicI64::new(-1),
            blocked: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
            monitor: AtomicBool::new(false),
            no_evict: AtomicBool::new(false),
            no_touch: AtomicBool::new(false),
            last_command: Mutex::new("NULL"),
            labels: Mutex::default(),
            outbox: Arc::default(),
            sizes: Sizes::default(),
            order: AtomicU8::new(Order::None as u8),
        });
        self.open.lock().insert(id, client.clone());
        client
    }

    /// A connection has ended.
    pub fn close(&self, id: u64) {
        if let Some(client) = self.open.lock().remove(&id) {
            client.outbox.close();
        }
        self.ended.notify_waiters();
    }

    /// Waits until none of these is connected any more.
    pub async fn gone(&self, ids: &[u64]) {
        loop {
            // Listens before it looks, so that no end falls between the two.
            let ended = self.ended.notified();
            if !ids.iter().any(|id| self.open.lock().contains_key(id)) {
                return;
            }
            ended.await;
        }
    }

    /// How many are connected.
    pub fn len(&self) -> usize {
        self.open.lock().len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many have ever connected.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Counts from 0 again.
    pub fn reset_accepted(&self) {
        self.accepted.store(0, Ordering::Relaxed);
    }

    /// Closes the connections that have sent nothing for this long, but those that wait for something: blocked
    /// clients, subscribers and monitors.
    pub fn close_idle(&self, timeout_ms: u64) {
        let now = now_ms();
        for client in self.open.lock().values() {
            let idle = now.saturating_sub(client.active.load(Ordering::Relaxed)) > timeout_ms;
            let waits = client.blocked.load(Ordering::Relaxed)
                || client.is_subscribed()
                || client.monitor.load(Ordering::Relaxed);
            if idle && !waits {
                client.order(Order::Close);
            }
        }
    }

    /// The connection with this id.
    pub fn get(&self, id: u64) -> Option<Arc<Client>> {
        self.open.lock().get(&id).cloned()
    }

    /// All of them, in order of id.
    pub fn all(&self) -> Vec<Arc<Client>> {
        self.open.lock().values().cloned().collect()
    }
}
