//! Listening and accepting.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_rt::Arbiter;
use clawlink_actors::owner::now_ms;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener};

use crate::config::Config;
use crate::connection::{Connection, Stream};
use crate::session::Session;
use crate::shared::Shared;

/// Connections that wait to be accepted: Redis's default.
const BACKLOG: u32 = 511;
/// How long accepting pauses when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What a client over the limit reads; Redis's text.
const TOO_MANY: &[u8] = b"-ERR max number of clients reached\r\n";

/// The sockets that the broker listens on.
#[derive(Debug)]
pub(super) struct Listeners {
    tcp: Vec<TcpListener>,
    unix: Option<(UnixListener, PathBuf)>,
}

impl Listeners {
    /// Listens on all addresses of the configuration.
    pub(super) fn bind(config: &Config) -> io::Result<Self> {
        let mut tcp: Vec<TcpListener> = Vec::new();
        for (mut address, must) in config.addresses() {
            if let Some(first) = tcp.first().filter(|_| address.port() == 0) {
                // A free port is chosen once, for all addresses.
                address.set_port(first.local_addr()?.port());
            }
            match listen(address) {
                Ok(listener) => tcp.push(listener),
                Err(error) if must => return Err(at(&address.to_string(), &error)),
                Err(error) => tracing::info!(%address, %error, "not listening"),
            }
        }
        let unix = config.unix_socket.as_ref().map(bind_unix).transpose()?;
        Ok(Self { tcp, unix })
    }

    /// The TCP addresses.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.tcp.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Accepts connections, each on its arbiter, until the broker stops.
    pub(super) async fn serve(self, shared: &Arc<Shared>) {
        let io_threads = shared.config.read().io_threads;
        let arbiters: Arc<[Arbiter]> = (0..io_threads).map(|_| Arbiter::new()).collect();
        for listener in self.tcp {
            let (shared, arbiters) = (shared.clone(), arbiters.clone());
            actix_rt::spawn(until_stopped(shared.clone(), accept_tcp(listener, shared, arbiters)));
        }
        if let Some((listener, path)) = self.unix {
            let accepting = accept_unix(listener, path.clone(), shared.clone());
            let shared = shared.clone();
            actix_rt::spawn(async move {
                until_stopped(shared, accepting).await;
                let _ = std::fs::remove_file(path);
            });
        }
    }
}

async fn until_stopped(shared: Arc<Shared>, accepting: impl Future<Output = ()>) {
    let mut stopping = shared.stopping.subscribe();
    tokio::select! {
        _ = stopping.wait_for(|stopped| *stopped) => {}
        () = accepting => {}
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Listens on a Unix socket. A socket file that nobody listens on any more is replaced.
fn bind_unix(path: &PathBuf) -> io::Result<(UnixListener, PathBuf)> {
    if std::os::unix::net::UnixStream::connect(path).is_err() {
        let _ = std::fs::remove_file(path);
    }
    let listener = UnixListener::bind(path).map_err(|e| at(&path.display().to_string(), &e))?;
    Ok((listener, path.clone()))
}

fn at(address: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
}

async fn accept_tcp(listener: TcpListener, shared: Arc<Shared>, arbiters: Arc<[Arbiter]>) {
    let mut next = 0;
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Some(stream) = admit(&shared, stream) else {
            continue;
        };
        let local = stream.local_addr().map(|local| local.to_string()).unwrap_or_default().into();
        let (peer, shared) = (peer.to_string().into(), shared.clone());
        if arbiters.is_empty() {
            serve(&shared, Stream::Tcp(stream), peer, local);
        } else if let Ok(stream) = stream.into_std() {
            next = (next + 1) % arbiters.len();
            arbiters[next].spawn_fn(move || match TcpStream::from_std(stream) {
                Ok(stream) => serve(&shared, Stream::Tcp(stream), peer, local),
                Err(error) => tracing::warn!(%error, "a connection was lost between two threads"),
            });
        }
    }
}

async fn accept_unix(listener: UnixListener, path: PathBuf, shared: Arc<Shared>) {
    let address: Box<str> = format!("{}:0", path.display()).into();
    loop {
        match listener.accept().await {
            Ok((stream, _)) if is_full(&shared) => drop(stream.try_write(TOO_MANY)),
            Ok((stream, _)) => {
                serve(&shared, Stream::Unix(stream), address.clone(), address.clone());
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Whether there are as many clients as there may be. One more is counted and turned away.
fn is_full(shared: &Shared) -> bool {
    let full = shared.clients.len() >= shared.config.read().maxclients;
    shared.clients.rejected.fetch_add(u64::from(full), Ordering::Relaxed);
    full
}

/// Turns away a client when there are too many, and makes the others' sockets ready.
fn admit(shared: &Shared, stream: TcpStream) -> Option<TcpStream> {
    if is_full(shared) {
        let _ = stream.try_write(TOO_MANY);
        return None;
    }
    // Replies are written whole; waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    keep_alive(&stream, shared.tcp_keepalive_s.load(Ordering::Relaxed));
    Some(stream)
}

/// Lets the system look after this many seconds of silence whether the client is still there; 0: never. As in Redis it
/// looks three times within the same time again before it gives the connection up.
fn keep_alive(stream: &TcpStream, seconds: u64) {
    if seconds > 0 {
        let interval = Duration::from_secs((seconds / 3).max(1));
        let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(seconds));
        let keepalive = keepalive.with_interval(interval).with_retries(3);
        // Without it only a client that vanished without a word is noticed later.
        let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
    }
}

/// Serves a connection on this thread's arbiter.
fn serve(shared: &Arc<Shared>, stream: Stream, peer: Box<str>, local: Box<str>) {
    let client = shared.clients.open(peer, local, now_ms());
    let session = Session::new(shared.clone(), client);
    actix_rt::spawn(Box::new(Connection::new(session, stream)).serve());
}
