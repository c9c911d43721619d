//! Servers as child processes on free loopback ports, gone when their handle is dropped.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::binary;
use crate::client::Client;

/// How long a server may take until it answers: generous, since debug builds start on
/// machines that are busy with compiling.
const START_MAX: Duration = Duration::from_secs(20);

/// Another process may take the free port between our looking and the server's binding.
const PORT_ATTEMPTS_MAX: usize = 5;

/// A running server. Dropping it kills the process.
pub struct Server {
    name: &'static str,
    port: u16,
    child: Child,
    /// Its working folder, so that nothing is ever written into the source tree.
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts the real `redis-server`, which writes nothing to disk.
    pub fn redis() -> Result<Self> {
        Self::redis_with(&[])
    }

    /// Starts the real `redis-server` with further options, such as `--requirepass x`.
    pub fn redis_with(options: &[&str]) -> Result<Self> {
        let mut fixed = vec!["--save", "", "--appendonly", "no", "--daemonize", "no"];
        fixed.extend(["--bind", "127.0.0.1", "--enable-debug-command", "yes"]);
        fixed.extend(options);
        Self::start("redis-server", Path::new("redis-server"), &fixed)
    }

    /// Starts `clawlinkd`.
    pub fn clawlink() -> Result<Self> {
        Self::clawlink_with(&[])
    }

    /// Starts `clawlinkd` with further options, such as `--token x`.
    pub fn clawlink_with(options: &[&str]) -> Result<Self> {
        let mut all = options.to_vec();
        if !options.contains(&"--enable-debug-command") {
            all.extend(["--enable-debug-command", "yes"]);
        }
        Self::start("clawlinkd", &binary::clawlinkd()?, &all)
    }

    fn start(name: &'static str, program: &Path, options: &[&str]) -> Result<Self> {
        let mut last = None;
        for _ in 0..PORT_ATTEMPTS_MAX {
            match Self::start_once(name, program, options) {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no attempt was made")?)
    }

    fn start_once(name: &'static str, program: &Path, options: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let child = Command::new(program)
            .arg("--port")
            .arg(port.to_string())
            .args(options)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let mut server = Self { name, port, child, folder };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_MAX;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}:\n{}", self.name, self.log());
            }
            if self.answers_ping() {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{} does not answer PING:\n{}", self.name, self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// With a password set, the refusal of PING shows readiness as well as its answer does.
    fn answers_ping(&self) -> bool {
        let Ok(mut client) = Client::connect(self.port) else {
            return false;
        };
        client
            .call(&["PING"])
            .is_ok_and(|reply| reply.starts_with(b"+PONG") || reply.starts_with(b"-NOAUTH"))
    }

    /// `redis-server` or `clawlinkd`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A folder that lives as long as the server.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new RESP2 connection.
    pub fn connect(&self) -> Result<Client> {
        Client::connect(self.port).with_context(|| format!("cannot connect to {}", self.name))
    }

    /// The value of a field of `INFO`, such as `blocked_clients`.
    pub fn info(&self, section: &str, field: &str) -> Result<String> {
        let info = self.connect()?.ask(&["INFO", section])?.text();
        let value = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let value = value.with_context(|| format!("INFO {section} has no {field}:\n{info}"))?;
        Ok(value.trim().to_owned())
    }

    /// Waits until this many clients are parked in a blocking command. Panics if they never are.
    pub fn wait_for_blocked(&self, clients: usize) {
        let wanted = clients.to_string();
        crate::wait::until(&format!("{clients} blocked clients"), || {
            self.info("clients", "blocked_clients").is_ok_and(|count| count == wanted)
        });
    }

    /// What the server has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Resident memory of the process in bytes, from `/proc`.
    pub fn resident_bytes(&self) -> Result<u64> {
        self.status_bytes("VmRSS:")
    }

    /// The most resident memory that the process has ever had, in bytes.
    pub fn peak_bytes(&self) -> Result<u64> {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find(|line| line.starts_with(name));
        let mut words = line.with_context(|| format!("no {name}"))?.split_whitespace();
        let kib: u64 = words.nth(1).with_context(|| format!("{name} is empty"))?.parse()?;
        Ok(kib * 1024)
    }

    /// Sends the process a signal by name, such as `TERM`.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("kill").args(["-s", signal, &self.pid().to_string()]).status()?;
        anyhow::ensure!(status.success(), "kill -s {signal} failed");
        Ok(())
    }

    /// Waits until the process has ended by itself, at most `limit`.
    pub fn wait_for_exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("{} still runs after {limit:?}:\n{}", self.name, self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the process is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process is gone already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A TCP port of 127.0.0.1 that nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
