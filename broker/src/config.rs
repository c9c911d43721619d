//! How the broker is started.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The default port, the original's.
pub const PORT: u16 = 9077;

/// The broker's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The addresses to listen on. Empty: 127.0.0.1, and ::1 where there is IPv6.
    pub hosts: Vec<IpAddr>,
    /// The port; 0 picks a free one.
    pub port: u16,
    /// A Unix socket to listen on.
    pub unix_socket: Option<PathBuf>,
    /// The token that clients must give. Needed to listen beyond loopback.
    pub token: Option<String>,
    /// Threads for connections beside the owners' thread; 0: they share it.
    pub io_threads: usize,
    /// The most connections at a time.
    pub maxclients: usize,
    /// The memory limit in bytes; 0: none.
    pub max_memory: u64,
    /// Who may use `DEBUG`: `no`, `local` or `yes`.
    pub enable_debug_command: DebugAccess,
}

/// Who may use `DEBUG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DebugAccess {
    /// Nobody.
    No,
    /// Connections from this machine.
    Local,
    /// Everybody.
    Yes,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            port: PORT,
            unix_socket: None,
            token: None,
            io_threads: 0,
            maxclients: 10_000,
            max_memory: 0,
            enable_debug_command: DebugAccess::No,
        }
    }
}

impl Config {
    /// For a broker inside another program: a free port of 127.0.0.1.
    pub fn default_on_free_port() -> Self {
        Self { hosts: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], port: 0, ..Self::default() }
    }

    /// The addresses to listen on, and whether each must succeed.
    pub fn addresses(&self) -> Vec<(SocketAddr, bool)> {
        if self.hosts.is_empty() {
            let v4 = SocketAddr::from(([127, 0, 0, 1], self.port));
            let v6 = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], self.port));
            return vec![(v4, true), (v6, false)];
        }
        self.hosts.iter().map(|host| (SocketAddr::new(*host, self.port), true)).collect()
    }
}
