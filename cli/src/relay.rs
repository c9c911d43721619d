//! Where the broker is.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use crate::identity::Identity;

/// The port that `clawlinkd` listens on unless told otherwise.
const PORT: u16 = 9077;

/// What `--relay` takes when nobody says.
pub(crate) const DEFAULT: &str = "127.0.0.1:9077";

/// A broker's address, with the user and password that its URL may carry.
#[derive(Debug, Clone)]
pub(crate) struct Relay(ConnectionInfo);

impl FromStr for Relay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // An empty variable counts as unset.
        let text = if text.is_empty() { DEFAULT } else { text };
        let mut url = redis::parse_redis_url(&as_redis_url(text)?)
            .ok_or_else(|| format!("not an address: give {FORMS}"))?;
        if url.scheme() == "redis" {
            // The agents' world is one, reached from every database number, and the HTTP form may
            // carry a path: neither changes which broker is meant.
            url.set_path("");
            let port = url.port().unwrap_or(PORT);
            url.set_port(Some(port)).map_err(|()| "the address names no host".to_owned())?;
        }
        let info = url.into_connection_info().map_err(|error| reason(&error))?;
        Ok(Self(info))
    }
}

const FORMS: &str = "HOST:PORT, redis://[USER:TOKEN@]HOST:PORT, http://HOST:PORT or unix:///PATH";

/// Rewrites every accepted form as one that the Redis client reads.
fn as_redis_url(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("redis", text));
    match scheme {
        "redis" | "http" => Ok(format!("redis://{rest}")),
        "unix" | "redis+unix" => Ok(format!("unix://{rest}")),
        "rediss" | "https" => Err("connections with TLS are not supported yet".to_owned()),
        other => Err(format!("unknown scheme '{other}': give {FORMS}")),
    }
}

/// The client's reason, without the kind of error that it puts after it.
fn reason(error: &redis::RedisError) -> String {
    let text = error.to_string();
    text.split_once(" - ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

impl Relay {
    /// What to connect to. RESP3, because its replies say themselves what is a map; a `token` wins
    /// over the password in the address.
    pub(crate) fn connection(&self, token: Option<&str>) -> ConnectionInfo {
        let settings = self.0.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        // Without the library's name the handshake is one command, so one timeout bounds it.
        let settings = settings.set_skip_set_lib_name();
        let settings = match token {
            Some(token) => settings.set_password(token),
            None => settings,
        };
        self.0.clone().set_redis_settings(settings)
    }

    /// What to connect to as an agent: a broker that asks for a token takes the key of an agent as well.
    pub(crate) fn connection_as(&self, identity: &Identity) -> ConnectionInfo {
        let info = self.connection(Some(&identity.key));
        let user = format!("agent:{}", identity.agent_id);
        let settings = info.redis_settings().clone().set_username(user);
        info.set_redis_settings(settings)
    }

    /// The name that identities are stored under. The names of this machine's loopback are one.
    pub(crate) fn store_name(&self) -> String {
        match self.0.addr() {
            ConnectionAddr::Tcp(host, port) if matches!(host.as_str(), "localhost" | "::1") => {
                format!("127.0.0.1:{port}")
            }
            _ => self.to_string(),
        }
    }
}

/// The address without user and password, fit for messages.
impl fmt::Display for Relay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.addr() {
            ConnectionAddr::Tcp(host, port) if host.contains(':') => write!(out, "[{host}]:{port}"),
            addr => write!(out, "{addr}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, Relay};

    fn shown(text: &str) -> String {
        text.parse::<Relay>().map_or_else(|error| error, |relay| relay.to_string())
    }

    #[test]
    fn every_form_names_the_same_host() {
        for form in [
            "",
            DEFAULT,
            "127.0.0.1",
            "redis://127.0.0.1",
            "redis://127.0.0.1:9077/3",
            "redis://:secret@127.0.0.1:9077",
            "http://127.0.0.1:9077",
            "http://127.0.0.1:9077/poll/bob",
        ] {
            assert_eq!(shown(form), DEFAULT, "{form}");
        }
        assert_eq!(shown("http://broker.example:80"), "broker.example:80");
        assert_eq!(shown("[::1]:7000"), "[::1]:7000");
        assert_eq!(shown("unix:///run/claw.sock"), "/run/claw.sock");
        assert_eq!(shown("redis+unix:///run/claw.sock"), "/run/claw.sock");
    }

    #[test]
    fn loopback_has_one_name_in_the_store() {
        for form in ["localhost", "[::1]", "127.0.0.1:9077"] {
            let relay: Relay = form.parse().expect("an address");
            assert_eq!(relay.store_name(), "127.0.0.1:9077", "{form}");
        }
    }

    #[test]
    fn a_token_wins_over_the_password_in_the_address() {
        let relay: Relay = "redis://me:p%40ss@host".parse().expect("an address");
        let password =
            |token| relay.connection(token).redis_settings().password().map(str::to_owned);
        assert_eq!(password(None).as_deref(), Some("p@ss"));
        assert_eq!(password(Some("token")).as_deref(), Some("token"));
    }

    #[test]
    fn what_is_no_address_says_what_would_be() {
        assert!(shown("ftp://host").contains("HOST:PORT"));
        assert!(shown("rediss://host").contains("TLS"));
        for bad in ["host:port", "redis://", "unix://"] {
            assert!(bad.parse::<Relay>().is_err(), "{bad:?}");
        }
    }
}
