//! Somebody who types commands.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use clawlink_compat_tests::binary;
use clawlink_compat_tests::server::Server;
use serde_json::Value;

/// Somebody at a machine: a home of their own, and a broker to talk to.
pub(crate) struct Person {
    pub(crate) home: tempfile::TempDir,
    pub(crate) relay: String,
}

/// What a command printed and how it ended.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    /// The JSON that was printed; the command must have gone well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// The command must have ended with this code and have named all of these in its error.
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is missing in: {}", self.err);
        }
    }
}

impl Person {
    pub(crate) fn at(server: &Server) -> Self {
        let relay = format!("127.0.0.1:{}", server.port());
        Self { home: tempfile::tempdir().unwrap(), relay }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary::clawlink().unwrap());
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("CLAWLINK_RELAY", &self.relay)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn types(&self, args: &[&str]) -> Outcome {
        finish(self.command(args).spawn().unwrap())
    }

    /// Types a command that reads standard input.
    pub(crate) fn pipes(&self, input: &[u8], args: &[&str]) -> Outcome {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        finish(child)
    }

    /// Types a command with `--json`, which has to go well.
    pub(crate) fn asks(&self, args: &[&str]) -> Value {
        self.types(&[args, &["--json"]].concat()).json()
    }

    pub(crate) fn registers(&self, name: &str) {
        assert_eq!(self.asks(&["register", "--name", name])["agent_id"], name);
    }
}

pub(crate) fn finish(child: Child) -> Outcome {
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Two agents that know each other.
pub(crate) fn alice_and_bob(server: &Server) -> (Person, Person) {
    let (alice, bob) = (Person::at(server), Person::at(server));
    alice.registers("alice");
    bob.asks(&["register", "--name", "bob", "--caps", "rust,review", "--description", "reviews"]);
    // What was published while they came is no news for the tests.
    alice.asks(&["poll"]);
    (alice, bob)
}

/// The first message of a kind that a poll brings.
pub(crate) fn message(polled: &Value, kind: &str) -> Value {
    let messages = polled["messages"].as_array().unwrap();
    let found = messages.iter().find(|message| message["type"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {polled}")).clone()
}
