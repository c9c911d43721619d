//! The broker as a whole: starting, accepting connections, stopping.

mod listen;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_rt::{Arbiter, System};
use clawlink_actors::directory::Directory;
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::clients::{Clients, Order};
use crate::config::Config;
use crate::memory::Memory;
use crate::shared::{Shared, TCP_KEEPALIVE_S};
use listen::Listeners;

/// How long clients are given to take what they are owed when the broker stops.
const STOP_TIME_MAX: Duration = Duration::from_secs(4);

/// The broker.
#[derive(Debug)]
pub struct Broker;

/// A broker that runs in a thread of its own.
#[derive(Debug)]
pub struct RunningBroker {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: JoinHandle<io::Result<()>>,
}

impl Broker {
    /// Runs a broker in this thread until it is told to stop: `SHUTDOWN`, or what `stop` waits for.
    ///
    /// # Errors
    /// If an address cannot be listened on.
    pub fn run(
        config: Config,
        ready: impl FnOnce(&Arc<Shared>, &[SocketAddr]) + 'static,
        stop: impl Future<Output = ()> + 'static,
    ) -> io::Result<()> {
        System::new().block_on(async move {
            let listeners = Listeners::bind(&config)?;
            let shared = shared(config, &listeners.addresses());
            ready(&shared, &listeners.addresses());
            let stopping = shared.clone();
            actix_rt::spawn(async move {
                stop.await;
                stopping.stopping.send_replace(true);
            });
            let gauge = shared.clone();
            actix_rt::spawn(async move { keep_time(&gauge).await });
            listeners.serve(&shared).await;
            let mut stopped = shared.stopping.subscribe();
            // The sender lives as long as `shared`.
            let _ = stopped.wait_for(|stopped| *stopped).await;
            drain(&shared).await;
            shared.directory.search.stop();
            Ok(())
        })
    }

    /// Starts a broker in a thread of its own and returns when it listens.
    ///
    /// # Errors
    /// If an address cannot be listened on.
    pub fn start(config: Config) -> io::Result<RunningBroker> {
        let (ready, started) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("clawlinkd".into()).spawn(move || {
            let ready = move |shared: &Arc<Shared>, addresses: &[SocketAddr]| {
                let _ = ready.send((shared.clone(), addresses.first().copied()));
            };
            Self::run(config, ready, std::future::pending())
        })?;
        match started.recv() {
            Ok((shared, Some(address))) => Ok(RunningBroker { address, shared, thread }),
            Ok((_, None)) => Err(io::Error::other("the broker listens on no TCP address")),
            Err(_) => match thread.join() {
                Ok(Err(error)) => Err(error),
                _ => Err(io::Error::other("the broker's thread ended before it listened")),
            },
        }
    }
}

impl RunningBroker {
    /// The first address it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops it, as SIGTERM does, and waits for its end.
    ///
    /// # Errors
    /// What ended its thread, if something did before.
    pub fn stop(self) -> io::Result<()> {
        self.shared.stopping.send_replace(true);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the broker's thread panicked")))
    }
}

fn shared(mut config: Config, addresses: &[SocketAddr]) -> Arc<Shared> {
    if let Some(address) = addresses.first() {
        // Port 0 has become a real one.
        config.port = address.port();
    }
    let (stopping, _) = watch::channel(false);
    let limits = std::mem::take(&mut config.limits);
    Arc::new(Shared {
        directory: Directory::start(Arbiter::current(), limits),
        memory: Memory::new(config.memory_meter, config.max_memory),
        config: RwLock::new(config),
        clients: Clients::default(),
        pause: Default::default(),
        quiet: Default::default(),
        scripts: Default::default(),
        monitors: Default::default(),
        stats: Default::default(),
        commands: Default::default(),
        rates: Default::default(),
        slowlog: Default::default(),
        denials: Default::default(),
        tcp_keepalive_s: AtomicU64::new(TCP_KEEPALIVE_S),
        idle_timeout_s: AtomicU64::new(0),
        run_id: run_id(),
        started: Instant::now(),
        stopping,
    })
}

async fn keep_time(shared: &Shared) {
    let mut clock = tokio::time::interval(Duration::from_millis(Memory::SAMPLE_MS));
    loop {
        clock.tick().await;
        shared.tick();
    }
}

/// 40 hexadecimal digits made of hashes with random keys.
fn run_id() -> String {
    let hash = |part: u32| RandomState::new().hash_one((part, std::process::id()));
    let digits: String = (0..3).map(|part| format!("{:016x}", hash(part))).collect();
    digits[..40].to_owned()
}

/// Tells every connection to finish, and waits until they have or the time is over.
async fn drain(shared: &Shared) {
    shared.pause.end();
    let deadline = Instant::now() + STOP_TIME_MAX;
    while !shared.clients.is_empty() && Instant::now() < deadline {
        shared.clients.all().iter().for_each(|client| client.order(Order::Close));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
