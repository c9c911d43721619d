//! The program under test, with a configuration folder of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

/// A user's home: where identities are stored.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// A path in the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Stores an identity the way the program does.
    pub(crate) fn store(&self, relay: &str, agent_id: &str, key: &str) {
        let identity = serde_json::json!({
            "relay": relay, "agent_id": agent_id, "name": agent_id, "key": key,
        });
        let path = self.identity(relay, agent_id);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, identity.to_string()).expect("written");
    }

    /// Where the program stores an identity.
    pub(crate) fn identity(&self, relay: &str, agent_id: &str) -> PathBuf {
        let relay = relay.replace(':', "%3A");
        self.path(&format!("clawlink/identities/{relay}/{agent_id}.json"))
    }

    /// The program, free of what the tester's own environment says.
    pub(crate) fn command(&self, relay: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clawlink"));
        for name in ["CLAWLINK_TOKEN", "CLAWLINK_AGENT", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.env("XDG_CONFIG_HOME", self.folder.path()).env("HOME", self.folder.path());
        command.env("CLAWLINK_RELAY", relay).args(args).current_dir(self.folder.path());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, relay: &str, args: &[&str]) -> Run {
        self.command(relay, args).stdin(Stdio::null()).output().expect("a run").into()
    }

    /// Runs it with something on standard input.
    pub(crate) fn run_with_input(&self, relay: &str, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(relay, args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a run");
        child.stdin.take().expect("a pipe").write_all(input).expect("it reads its input");
        child.wait_with_output().expect("a run").into()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it exits by itself"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Run {
    /// Standard output as text, after checking that all went well.
    #[track_caller]
    pub(crate) fn text(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:?}");
        String::from_utf8(self.stdout).expect("text")
    }

    /// Standard output as one line of JSON, after checking the exit code.
    #[track_caller]
    pub(crate) fn json(self, code: i32) -> Json {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stdout.iter().filter(|byte| **byte == b'\n').count(), 1, "{self:?}");
        serde_json::from_slice(&self.stdout).expect("JSON")
    }

    /// Standard error, after checking the exit code and that nothing was printed.
    #[track_caller]
    pub(crate) fn error(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_slice()), (code, &b""[..]), "{self:?}");
        self.stderr
    }
}
