//! The connection to the broker.

use std::time::Duration;

use redis::{Client, Cmd, Connection, ErrorKind, RedisError, Value};

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
            .map_err(|error| unconnected(&name, &error))?;
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
            .map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &RedisError) -> Failure {
        let relay = &self.relay;
        if error.is_timeout() {
            let said = format!("the broker at {relay} does not answer");
            return Failure::new(Exit::TimedOut, said).next("is it overloaded or stopped?");
        }
        match error.code() {
            Some(code) => self.refusal(code, error.detail().unwrap_or_default()),
            None if error.is_io_error() => {
                Failure::new(Exit::NoBroker, format!("lost the broker at {relay}: {error}"))
                    .next("start it again with `clawlinkd`")
            }
            None => not_a_broker(relay, error),
        }
    }

    fn refusal(&self, code: &str, said: &str) -> Failure {
        let failure = Failure::refused(code, said);
        match advice(code, said, self.agent.as_deref()) {
            Some(next) => failure.next(next),
            None => failure,
        }
    }
}

/// Why there is no connection.
fn unconnected(relay: &str, error: &RedisError) -> Failure {
    if let Some(code) = error.code() {
        let failure = Failure::refused(code, error.detail().unwrap_or_default());
        return match advice(code, error.detail().unwrap_or_default(), None) {
            Some(next) => failure.next(next),
            None => failure,
        };
    }
    let failure = |said| Failure::new(Exit::NoBroker, said);
    if error.is_connection_refusal() {
        failure(format!("no broker at {relay}")).next("start one with `clawlinkd`")
    } else if error.is_timeout() {
        failure(format!("{relay} does not answer")).next("is the address right? see --relay")
    } else if error.kind() == ErrorKind::Io {
        failure(format!("cannot connect to {relay}: {error}"))
            .next("check --relay or CLAWLINK_RELAY")
    } else {
        not_a_broker(relay, error)
    }
}

fn not_a_broker(relay: &str, error: &RedisError) -> Failure {
    Failure::new(Exit::NoBroker, format!("what answers at {relay} is no ClawLink broker ({error})"))
        .next("check --relay or CLAWLINK_RELAY")
}

/// What to do after a refusal, where the broker's own text does not say it already.
fn advice(code: &str, said: &str, agent: Option<&str>) -> Option<String> {
    let myself = agent.filter(|id| code == "NOAGENT" && said.contains(&format!("'{id}'")));
    if let Some(id) = myself {
        return Some(format!("register it with `clawlink register --name NAME --id {id}`"));
    }
    let next = match code {
        "NOAGENT" => "see who is there with `clawlink discover --all`",
        "NOTASK" => "give the message_id that `clawlink poll` printed",
        "NOAUTH" | "WRONGPASS" => "give the broker's token with --token or CLAWLINK_TOKEN",
        "CONFLICT" => "get the newest version with `clawlink file-get`, merge, and put that",
        "ANSWERED" => "the first answer stands",
        "OOM" => "wait until others have read their mail, or raise the broker's --max-memory",
        "ERR" if said.to_ascii_lowercase().contains("unknown command 'claw.") => {
            "this is no ClawLink broker: check --relay or CLAWLINK_RELAY"
        }
        _ => return None,
    };
    Some(next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn an_unregistered_self_is_told_to_register_and_a_missing_other_to_look() {
        let next = |agent| advice("NOAGENT", "no agent 'bob' is registered", agent);
        assert!(
            next(Some("bob")).is_some_and(|next| next.contains("register --name NAME --id bob"))
        );
        assert!(next(Some("bo")).is_some_and(|next| next.contains("discover --all")));
        assert!(next(None).is_some_and(|next| next.contains("discover --all")));
    }

    #[test]
    fn a_plain_redis_is_recognised() {
        let said = "unknown command 'CLAW.POLL', with args beginning with: 'bob' ";
        assert!(advice("ERR", said, None).is_some_and(|next| next.contains("no ClawLink broker")));
        assert_eq!(advice("ERR", "syntax error", None), None);
    }
}
