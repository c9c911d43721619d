//! Programs that a test starts beside a server, and their interpreters.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary::workspace;
use crate::server::Server;

/// From start to end; an interpreter takes a second to start on a busy machine.
const RUN_MAX: Duration = Duration::from_secs(40);

/// A program that is killed when the test is over.
pub struct Program {
    name: String,
    child: Child,
    output: PathBuf,
}

impl Program {
    /// Starts a command beside a server: its port is `CLAWLINK_PORT`, its address `CLAWLINK_RELAY`.
    /// What it prints, errors included, goes to a file in the server's folder.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(name: &str, mut command: Command, server: &Server) -> Self {
        let output = server.folder().join(name);
        let file = std::fs::File::create(&output).unwrap();
        let child = command
            .env("CLAWLINK_PORT", server.port().to_string())
            .env("CLAWLINK_RELAY", format!("127.0.0.1:{}", server.port()))
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { name: name.to_owned(), child, output }
    }

    /// What the program printed, once it has ended well.
    ///
    /// # Panics
    /// If it ends otherwise, or does not end in time.
    #[must_use]
    pub fn finish(mut self) -> String {
        let deadline = Instant::now() + RUN_MAX;
        loop {
            let printed = self.printed();
            match self.child.try_wait().unwrap() {
                Some(status) if status.success() => return printed,
                Some(status) => panic!("{} ended with {status}:\n{printed}", self.name),
                None => assert!(Instant::now() < deadline, "{} hangs:\n{printed}", self.name),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a fact that the program brings about while it runs.
    ///
    /// # Panics
    /// If it ends before, or the fact does not come about in time.
    pub fn until(&mut self, fact: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + RUN_MAX;
        while !is_so() {
            let goes_on = self.child.try_wait().unwrap().is_none() && Instant::now() < deadline;
            assert!(goes_on, "{}: not so: {fact}; it printed\n{}", self.name, self.printed());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn printed(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command that has an interpreter run a file of the workspace.
#[must_use]
pub fn script(interpreter: PathBuf, path: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(workspace().join(path));
    command
}

/// The Python that has the Redis client.
#[must_use]
pub fn python() -> PathBuf {
    client("python/bin/python")
}

/// What `scripts/prepare` has installed for the tests.
///
/// # Panics
/// If it has not.
#[must_use]
pub fn client(path: &str) -> PathBuf {
    let path = workspace().join(Path::new("target/clients").join(path));
    assert!(path.exists(), "{} is missing: run scripts/test, which installs it", path.display());
    path
}
