//! The connection to the broker.

mod trouble;

use std::time::Duration;

use redis::{Client, Cmd, Connection, Value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::relay::Relay;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a reply may take, over and above the time that the command itself waits.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to a broker, and whom its commands are sent for.
pub(crate) struct Link {
    connection: Connection,
    relay: String,
    agent: Option<String>,
}

impl Link {
    /// Connects, and authenticates if there is a token or a password.
    pub(crate) fn open(
        relay: &Relay,
        token: Option<&str>,
        agent: Option<&str>,
    ) -> Result<Self, Failure> {
        let name = relay.to_string();
        let client = Client::open(relay.connection(token))
            .map_err(|error| Failure::new(Exit::Usage, format!("bad relay {name}: {error}")))?;
        let connection = client
            .get_connection_with_timeout(CONNECT_TIMEOUT)
            .map_err(|error| trouble::unconnected(&name, &error))?;
        Ok(Self { connection, relay: name, agent: agent.map(str::to_owned) })
    }

    /// The broker's address.
    pub(crate) fn relay(&self) -> &str {
        &self.relay
    }

    /// Sends a command that answers at once.
    pub(crate) fn ask(&mut self, command: &Cmd) -> Result<Value, Failure> {
        self.ask_waiting(command, Duration::ZERO)
    }

    /// Sends a command that the broker may answer as late as after `wait`.
    pub(crate) fn ask_waiting(&mut self, command: &Cmd, wait: Duration) -> Result<Value, Failure> {
        self.connection
            .set_read_timeout(Some(wait + REPLY_TIMEOUT))
            .and_then(|()| command.query(&mut self.connection))
            .map_err(|error| trouble::lost(&self.relay, &error, self.agent.as_deref()))
    }
}
