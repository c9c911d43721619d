//! Programs that a test starts beside a server, and their interpreters.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary::workspace;
use crate::server::Server;

/// From start to end; an interpreter takes a second to start on a busy machine.
const RUN_MAX: Duration = Duration::from_secs(40);

/// How often what a program has started is looked for and killed: it may be about to fork.
const KILL_ROUNDS_MAX: usize = 50;

/// A program that is killed when the test is over, with all that it has started.
pub struct Program {
    name: String,
    child: Child,
    /// In the environment of the program and of all that it starts, and of nothing else.
    mark: String,
    output: PathBuf,
}

impl Program {
    /// Starts a command beside a server: its port is `CLAWLINK_PORT`, its address `CLAWLINK_RELAY`,
    /// its URL `REDIS_URL`. What it prints, errors included, goes to a file in the server's folder,
    /// and is shown if the test fails.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(name: &str, mut command: Command, server: &Server) -> Self {
        let output = server.folder().join(name);
        let file = std::fs::File::create(&output).unwrap();
        let mark = format!("CLAWLINK_PROGRAM={}", output.display());
        let child = command
            .env("CLAWLINK_PORT", server.port().to_string())
            .env("CLAWLINK_RELAY", format!("127.0.0.1:{}", server.port()))
            .env("REDIS_URL", format!("redis://127.0.0.1:{}", server.port()))
            .env("CLAWLINK_PROGRAM", &output)
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { name: name.to_owned(), child, mark, output }
    }

    /// What the program printed, once it has ended well.
    ///
    /// # Panics
    /// If it ends otherwise, or does not end in time.
    #[must_use]
    pub fn finish(mut self) -> String {
        let deadline = Instant::now() + RUN_MAX;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) if status.success() => {
                    return std::fs::read_to_string(&self.output).unwrap();
                }
                Some(status) => panic!("{} ended with {status}", self.name),
                None => assert!(Instant::now() < deadline, "{} hangs", self.name),
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
            assert!(goes_on, "{}: this did not come about: {fact}", self.name);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // These fail only when what is to be killed has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for _ in 0..KILL_ROUNDS_MAX {
            let started = marked(&self.mark);
            if started.is_empty() {
                break;
            }
            let _ = Command::new("kill").args(["-s", "KILL"]).args(&started).output();
        }
        if std::thread::panicking() {
            let printed = std::fs::read_to_string(&self.output).unwrap_or_default();
            eprintln!("{} printed:\n{printed}", self.name);
        }
    }
}

/// The ids of the processes with this variable in their environment. Workers of job libraries
/// fork, and what they fork may outlive them in a process group of its own.
fn marked(variable: &str) -> Vec<String> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ids = processes.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    // A process that is gone, or is somebody else's, has no environment that can be read.
    let bears = |id: &String| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    };
    ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).filter(bears).collect()
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

/// A program that was installed with the Python job libraries, such as `rq`.
#[must_use]
pub fn python_jobs(program: &str) -> PathBuf {
    client("python-jobs/bin").join(program)
}

/// The command that has Node run a file of the workspace, with the Node clients at hand.
#[must_use]
pub fn node(path: &str) -> Command {
    let modules = client("node/node_modules");
    // A Node of the right age is installed there when the system has none.
    let own = modules.join(".bin/node");
    let mut command = script(if own.exists() { own } else { "node".into() }, path);
    command.env("NODE_PATH", modules);
    command
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
