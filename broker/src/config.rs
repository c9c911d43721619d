//! How the broker is started.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clawlink_actors::limits::Limits;

use crate::memory::{self, Meter};

/// The default port, the original's.
pub const PORT: u16 = 9077;

/// The broker's settings.
#[derive(Debug)]
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
    /// How the memory in use is measured: as the program's allocator counts it, else what is resident.
    pub memory_meter: Meter,
    /// Who may use `DEBUG`.
    pub enable_debug_command: DebugAccess,
    /// The limits that owners keep. The directory takes them over when the broker starts.
    pub limits: Limits,
}

/// Who may use `DEBUG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
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
            memory_meter: memory::RESIDENT,
            enable_debug_command: DebugAccess::No,
            limits: Limits::default(),
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

    /// Refuses settings that would let anybody in: an address that others reach needs a token.
    ///
    /// # Errors
    /// What is wrong and what to do about it.
    pub fn check(&self) -> Result<(), String> {
        if self.token.as_ref().is_some_and(String::is_empty) {
            return Err("the token is empty".into());
        }
        let open = self.hosts.iter().find(|host| !host.is_loopback());
        match open {
            Some(host) if self.token.is_none() => Err(format!(
                "{host} can be reached by others: set a token with --token or CLAWLINKD_TOKEN"
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn an_open_address_needs_a_token() {
        let open = |token: Option<&str>| Config {
            hosts: vec!["0.0.0.0".parse().unwrap()],
            token: token.map(str::to_owned),
            ..Config::default()
        };
        assert!(open(None).check().is_err());
        assert!(open(Some("")).check().is_err());
        assert!(open(Some("secret")).check().is_ok());
        assert!(Config::default().check().is_ok());
    }
}
