//! What went wrong on a connection, and what to do about it.

use redis::{ErrorKind, RedisError};

use crate::exit::Exit;
use crate::failure::Failure;

/// Why there is no connection.
pub(super) fn unconnected(relay: &str, error: &RedisError) -> Failure {
    let failure = |said| Failure::new(Exit::NoBroker, said);
    if let Some(code) = error.code() {
        refusal(relay, code, error.detail().unwrap_or_default(), None)
    } else if error.is_connection_refusal() {
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

/// Why a command on a connection, sent for `agent`, came to nothing.
pub(super) fn lost(relay: &str, error: &RedisError, agent: Option<&str>) -> Failure {
    if let Some(code) = error.code() {
        return refusal(relay, code, error.detail().unwrap_or_default(), agent);
    }
    if error.is_timeout() {
        Failure::new(Exit::TimedOut, format!("the broker at {relay} does not answer"))
            .next("is it overloaded or stopped?")
    } else if error.is_io_error() {
        Failure::new(Exit::NoBroker, format!("lost the broker at {relay}: {error}"))
            .next("start it again with `clawlinkd`")
    } else {
        not_a_broker(relay, error)
    }
}

fn not_a_broker(relay: &str, error: &RedisError) -> Failure {
    let said = format!("what answers at {relay} is no ClawLink broker ({error})");
    Failure::new(Exit::NoBroker, said).next("check --relay or CLAWLINK_RELAY")
}

/// The broker's refusal: in its own words, unless they are about the protocol and not about what
/// the user did.
fn refusal(relay: &str, code: &str, said: &str, agent: Option<&str>) -> Failure {
    let said = match code {
        "NOAUTH" => format!("the broker at {relay} asks for a token"),
        "NOIDENTITY" => format!("the broker at {relay} lets only agents do this"),
        "WRONGPASS" => format!("the broker at {relay} does not accept this token"),
        "UNBLOCKED" if said.ends_with("shutting down") => {
            let said = format!("the broker at {relay} is shutting down");
            return Failure::new(Exit::NoBroker, said).next("start it again with `clawlinkd`");
        }
        _ => said.to_owned(),
    };
    let failure = Failure::refused(code, &said);
    match advice(code, &said, agent) {
        Some(next) => failure.next(next),
        None => failure,
    }
}

/// What to do after a refusal, where the broker's own text does not say it already.
fn advice(code: &str, said: &str, agent: Option<&str>) -> Option<String> {
    let myself = agent.filter(|id| code == "NOAGENT" && said.contains(&format!("'{id}'")));
    if let Some(id) = myself {
        return Some(format!("register it with `clawlink register --name NAME --id {id}`"));
    }
    if let ("NOIDENTITY", Some(id)) = (code, agent) {
        return Some(format!(
            "no key of {id} is stored here, so register it with `clawlink register --name NAME --id {id}`"
        ));
    }
    let next = match code {
        "NOIDENTITY" => {
            "register with `clawlink register --name NAME`, or say with --as which agent this is"
        }
        "NOTYOU" => "say with --as which agent this is",
        "BADKEY" => {
            "another session took the agent over: register under another --id, or delete the file \
             that `clawlink info` names"
        }
        "NOAGENT" => "see who is there with `clawlink discover --all`",
        "NOTASK" => "give the message_id that `clawlink poll` printed",
        "NOAUTH" | "WRONGPASS" => "give the broker's token with --token or CLAWLINK_TOKEN",
        // It names the ways out itself.
        "CONFLICT" if said.contains("FORCE") => return None,
        "CONFLICT" => {
            "add --merge, or get the newest version with `clawlink file-get`, merge, and put that"
        }
        "LOCKED" => "wait until it is free, ask its holder, or insist with --force",
        "NOFILE" => "see which there are with `clawlink file-list`",
        "NOUPLOAD" => "put the file again",
        "NOVERSION" => "see which there are with `clawlink file-log`",
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
    fn who_is_nobody_is_told_to_register() {
        let next = |agent| advice("NOIDENTITY", "", agent).unwrap_or_default();
        assert!(next(Some("bob")).contains("register --name NAME --id bob"));
        assert!(next(None).contains("--as"));
        assert!(advice("BADKEY", "", Some("bob")).is_some_and(|next| next.contains("info")));
    }

    #[test]
    fn a_plain_redis_is_recognised() {
        let said = "unknown command 'CLAW.POLL', with args beginning with: 'bob' ";
        assert!(advice("ERR", said, None).is_some_and(|next| next.contains("no ClawLink broker")));
        assert_eq!(advice("ERR", "syntax error", None), None);
    }
}
