//! The connections of one case to one server.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{Action, Payload, Protocol, Step};
use crate::client::Client;
use crate::server::Server;

/// How long a fact may take to come about: a key to expire, a client to be parked.
const FACT_MAX: Duration = Duration::from_secs(8);

/// The password of servers that have one.
const TOKEN: &str = "secret";

const POLL_EVERY: Duration = Duration::from_millis(2);

pub(super) struct Session<'a> {
    server: &'a Server,
    protocol: Protocol,
    clients: HashMap<String, Client>,
    /// Watches over the others, and takes no part in the case.
    observer: Client,
}

impl<'a> Session<'a> {
    /// Connects, and empties the server's keyspaces.
    pub(super) fn begin(server: &'a Server, protocol: Protocol) -> Result<Self> {
        let mut observer = server.connect()?;
        if observer.call(&["PING"])?.starts_with(b"-NOAUTH") {
            observer.call(&["AUTH", TOKEN])?;
        }
        let flushed = observer.call(&["FLUSHALL"])?;
        ensure!(flushed == b"+OK\r\n", "FLUSHALL answers {}", flushed.escape_ascii());
        Ok(Self { server, protocol, clients: HashMap::new(), observer })
    }

    /// Clears the agents' world, if the server has one. Where only agents may, the observer becomes one, which goes with
    /// the others.
    pub(super) fn flush_agents(&mut self) -> Result<()> {
        let mut flushed = self.observer.call(&["CLAW.FLUSH"])?;
        if flushed.starts_with(b"-NOIDENTITY") {
            self.observer.call(&["CLAW.REGISTER", "observer"])?;
            flushed = self.observer.call(&["CLAW.FLUSH"])?;
        }
        let is_redis = flushed.starts_with(b"-ERR unknown command");
        ensure!(flushed == b"+OK\r\n" || is_redis, "CLAW.FLUSH answers {}", flushed.escape_ascii());
        Ok(())
    }

    /// Does what a step says, and returns the bytes of the replies it read. `fill` puts values
    /// of earlier replies into an argument.
    pub(super) fn perform(
        &mut self,
        step: &Step,
        fill: &dyn Fn(&[u8]) -> Vec<u8>,
    ) -> Result<Vec<Vec<u8>>> {
        let filled = |args: &[Vec<u8>]| args.iter().map(|arg| fill(arg)).collect::<Vec<_>>();
        match &step.action {
            Action::Send { bytes, replies } => {
                let client = self.client(&step.client)?;
                match bytes {
                    Payload::Command(args) => client.send(&filled(args))?,
                    Payload::Raw(bytes) => client.send_raw(&fill(bytes))?,
                }
                read(client, *replies)
            }
            Action::Park { args } => self.park(&step.client, &filled(args)),
            Action::Until { args, reply } => {
                repeat_until(self.client(&step.client)?, &filled(args), reply)
            }
            Action::Read { replies } => read(self.client(&step.client)?, *replies),
            Action::Closed => Ok(vec![self.client(&step.client)?.read_to_end()?]),
            Action::Drop => {
                self.clients.remove(&step.client);
                Ok(Vec::new())
            }
        }
    }

    fn client(&mut self, name: &str) -> Result<&mut Client> {
        if !self.clients.contains_key(name) {
            let mut client = self.server.connect()?;
            if self.protocol == Protocol::Resp3 {
                client.call(&["HELLO", "3"])?;
            }
            self.clients.insert(name.to_owned(), client);
        }
        self.clients.get_mut(name).context("no such connection")
    }

    fn park(&mut self, name: &str, args: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
        let parked_before = self.blocked_clients()?;
        self.client(name)?.send(args)?;
        let deadline = Instant::now() + FACT_MAX;
        while self.blocked_clients()? <= parked_before {
            if Instant::now() > deadline {
                bail!("the client was not parked: INFO counts {parked_before} blocked_clients");
            }
            std::thread::sleep(POLL_EVERY);
        }
        Ok(Vec::new())
    }

    fn blocked_clients(&mut self) -> Result<u64> {
        let info = self.observer.ask(&["INFO", "clients"])?.text();
        let line = info.lines().find_map(|line| line.strip_prefix("blocked_clients:"));
        Ok(line.context("INFO clients has no blocked_clients")?.trim().parse()?)
    }
}

fn read(client: &mut Client, replies: usize) -> Result<Vec<Vec<u8>>> {
    (0..replies).map(|_| client.read_reply()).collect()
}

fn repeat_until(client: &mut Client, args: &[Vec<u8>], wanted: &[u8]) -> Result<Vec<Vec<u8>>> {
    let deadline = Instant::now() + FACT_MAX;
    loop {
        let reply = client.call(args)?;
        if reply.strip_suffix(b"\r\n") == Some(wanted) {
            return Ok(vec![reply]);
        }
        if Instant::now() > deadline {
            bail!("the reply stays `{}`", reply.escape_ascii());
        }
        std::thread::sleep(POLL_EVERY);
    }
}
