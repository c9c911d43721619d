//! The servers that are measured: found, started on a free loopback port, stopped.

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::machine::Cores;

/// Connections a server must admit: 10 000 and some to spare.
const CONNECTIONS_MAX: &str = "12000";
/// Where a server's error output goes, in its own folder.
const STDERR: &str = "stderr";

/// Which program a server is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    /// The broker under test (or, in a control run, what stands in its place).
    ClawLink,
    /// What all ratios are taken to.
    Redis,
    /// Redis's successor.
    Valkey,
    /// For publishing alone: it has no commands in common with the others.
    Nats,
}

impl Kind {
    /// The name in tables and reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ClawLink => "clawlinkd",
            Self::Redis => "redis",
            Self::Valkey => "valkey",
            Self::Nats => "nats",
        }
    }
}

/// A program that can be started as a server.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Which one it is compared as.
    pub(crate) kind: Kind,
    /// Its file.
    pub(crate) path: PathBuf,
    /// What it says its version is.
    pub(crate) version: String,
    /// Whether it answers `CLAW.*` commands.
    pub(crate) is_broker: bool,
}

impl Program {
    /// The broker at `path`.
    pub(crate) fn broker(path: PathBuf) -> Result<Self> {
        // Servers run in folders of their own, where a relative path leads nowhere.
        let path = path.canonicalize().with_context(|| format!("no {}", path.display()))?;
        let version = version_of(&path)?;
        Ok(Self { kind: Kind::ClawLink, path, version, is_broker: true })
    }

    /// The named program, compared as `kind`, if it is installed.
    pub(crate) fn installed(kind: Kind, name: &str) -> Option<Self> {
        let folders = env::var_os("PATH")?;
        let path = env::split_paths(&folders).map(|dir| dir.join(name)).find(|p| p.is_file())?;
        let version = version_of(&path).ok()?;
        Some(Self { kind, path, version, is_broker: false })
    }

    /// Starts it on a free loopback port and on its core, and waits until it accepts.
    pub(crate) fn start(&self, cores: Option<Cores>) -> Result<Server> {
        let folder = tempfile::tempdir()?;
        let address = free_address()?;
        // What is started inherits the core, with every thread it will ever have.
        cores.map_or(Ok(()), Cores::enter_server)?;
        let child = Command::new(&self.path)
            .args(self.arguments(address.port()))
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A file, not a pipe: nobody reads along, and a full pipe would stop the server.
            .stderr(File::create(folder.path().join(STDERR))?)
            .spawn()
            .with_context(|| format!("cannot start {}", self.path.display()));
        cores.map_or(Ok(()), Cores::enter_load)?;
        let mut server = Server { kind: self.kind, address, child: child?, folder };
        server.wait_until_it_accepts()?;
        Ok(server)
    }

    fn arguments(&self, port: u16) -> Vec<String> {
        let port = port.to_string();
        let words: &[&str] = match self.kind {
            Kind::Nats => &["-a", "127.0.0.1", "-p", &port],
            _ if self.is_broker => &["--port", &port, "--maxclients", CONNECTIONS_MAX],
            _ => &[
                "--port",
                &port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
                "--maxclients",
                CONNECTIONS_MAX,
            ],
        };
        words.iter().map(|&word| word.to_owned()).collect()
    }
}

fn version_of(path: &PathBuf) -> Result<String> {
    let output = Command::new(path)
        .arg("--version")
        .output()
        .with_context(|| format!("cannot run {}", path.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// An address whose port nobody listens on at the moment.
fn free_address() -> Result<SocketAddr> {
    let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(probe.local_addr()?)
}

/// A running server; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    /// Which program it is.
    pub(crate) kind: Kind,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    folder: TempDir,
}

impl Server {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_it_accepts(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once, {status}: {}", self.kind.name(), self.last_words());
            }
            if Instant::now() > deadline {
                bail!("{} does not accept connections", self.kind.name());
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let words = fs::read_to_string(self.folder.path().join(STDERR)).unwrap_or_default();
        words.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It holds nothing worth saving, and an error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
