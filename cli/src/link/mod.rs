//! The connection to the broker.

mod trouble;

use std::time::Duration;

use redis::{Client, Cmd, Connection, RedisResult, Value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::identity::Identity;
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
    /// What it can identify itself with and has not yet.
    identity: Option<Identity>,
}

impl Link {
    /// Connects, and authenticates if there is a token or a password. `identity` is shown to a broker that asks for one,
    /// and in place of a token that is not given: the key was given to somebody who had it.
    pub(crate) fn open(
        relay: &Relay,
        token: Option<&str>,
        agent: Option<&str>,
        identity: Option<Identity>,
    ) -> Result<Self, Failure> {
        let name = relay.to_string();
        let client = Client::open(relay.connection(token))
            .map_err(|error| Failure::new(Exit::Usage, format!("bad relay {name}: {error}")))?;
        let connection = connect(&client).or_else(|error| match &identity {
            Some(identity) if error.code() == Some("NOAUTH") => {
                let as_agent = Client::open(relay.connection_as(identity));
                as_agent.and_then(|client| connect(&client)).map_err(|_| error)
            }
            _ => Err(error),
        });
        let connection = connection.map_err(|error| trouble::unconnected(&name, &error))?;
        Ok(Self { connection, relay: name, agent: agent.map(str::to_owned), identity })
    }

    /// Shows the agent's key, if it is known here: the broker lets no other connection pass for this one then, nor this
    /// one for another agent.
    pub(crate) fn identify(&mut self) -> Result<(), Failure> {
        let Some(Identity { agent_id, key, .. }) = self.identity.take() else { return Ok(()) };
        self.agent.get_or_insert_with(|| agent_id.clone());
        self.send(redis::cmd("CLAW.IDENTIFY").arg(agent_id).arg(key), Duration::ZERO).map(drop)
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
        match self.send(command, wait) {
            // What is open to everybody elsewhere may need an identity here.
            Err(failure) if failure.code() == Some("NOIDENTITY") && self.identity.is_some() => {
                self.identify()?;
                self.send(command, wait)
            }
            answer => answer,
        }
    }

    fn send(&mut self, command: &Cmd, wait: Duration) -> Result<Value, Failure> {
        self.connection
            .set_read_timeout(Some(wait + REPLY_TIMEOUT))
            .and_then(|()| command.query(&mut self.connection))
            .map_err(|error| trouble::lost(&self.relay, &error, self.agent.as_deref()))
    }
}

fn connect(client: &Client) -> RedisResult<Connection> {
    client.get_connection_with_timeout(CONNECT_TIMEOUT)
}
