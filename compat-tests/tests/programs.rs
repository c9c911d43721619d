//! The programs of `programs/`, two processes each, against the broker and the real Redis.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clawlink_compat_tests::binary::{rust_program, workspace};
use clawlink_compat_tests::server::Server;

/// From start to end; an interpreter takes a second to start on a busy machine.
const RUN_MAX: Duration = Duration::from_secs(40);

#[derive(Clone, Copy)]
enum Language {
    Shell,
    Rust,
    Python,
    Ioredis,
    NodeRedis,
}

impl Language {
    /// The command that runs this language's `worker`, `requester` or other program.
    fn command(self, role: &str) -> Command {
        match self {
            Self::Shell => script("sh".into(), &format!("shell/{role}.sh")),
            Self::Rust => Command::new(rust_program(role).unwrap()),
            Self::Python => {
                let python = client("python/bin/python");
                script(python, &format!("python/{role}.py"))
            }
            Self::Ioredis => node(&format!("ioredis/{role}.cjs")),
            Self::NodeRedis => node(&format!("node-redis/{role}.cjs")),
        }
    }
}

fn script(interpreter: PathBuf, path: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(workspace().join("compat-tests/programs").join(path));
    command
}

fn node(path: &str) -> Command {
    let modules = client("node/node_modules");
    // A Node of the right age is installed there when the system has none.
    let own = modules.join(".bin/node");
    let mut command = script(if own.exists() { own } else { "node".into() }, path);
    command.env("NODE_PATH", modules);
    command
}

fn client(path: &str) -> PathBuf {
    let path = Path::new("target/clients").join(path);
    let path = workspace().join(path);
    assert!(path.exists(), "{} is missing: run scripts/test, which installs it", path.display());
    path
}

/// A program that is killed when the test is over.
struct Program {
    name: &'static str,
    child: Child,
    output: PathBuf,
}

impl Program {
    fn start(name: &'static str, language: Language, server: &Server) -> Self {
        let output = server.folder().join(name);
        let file = std::fs::File::create(&output).unwrap();
        let child = language
            .command(name)
            .env("CLAWLINK_PORT", server.port().to_string())
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { name, child, output }
    }

    /// What the program printed, once it has ended well.
    fn finish(mut self) -> String {
        let deadline = Instant::now() + RUN_MAX;
        loop {
            let printed = std::fs::read_to_string(&self.output).unwrap();
            match self.child.try_wait().unwrap() {
                Some(status) if status.success() => return printed,
                Some(status) => panic!("{} ended with {status}:\n{printed}", self.name),
                None => assert!(Instant::now() < deadline, "{} hangs:\n{printed}", self.name),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn play(requester: Language, worker: Language, server: &Server) {
    let worker = Program::start("worker", worker, server);
    let requester = Program::start("requester", requester, server);
    assert_eq!(requester.finish(), "answer: 10\nheard: the sum is 10\nfile: 10\n");
    assert_eq!(worker.finish(), "task from requester: sum numbers.txt\n");
}

#[test]
fn an_agents_key_is_the_password_of_a_python_client() {
    let server = Server::clawlink().unwrap();
    let agent = Program::start("agent", Language::Python, &server);
    let as_bob = "delegated by bob\n\
        NOTYOU this connection is agent 'bob', it cannot act as 'zoe'\n";
    let guessed = "invalid username-password pair or user is disabled.\n";
    assert_eq!(agent.finish(), [as_bob, as_bob, guessed].concat());
}

macro_rules! pairs {
    ($($name:ident: $requester:ident asks $worker:ident;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn on_clawlink() {
                let server = Server::clawlink().unwrap();
                play(Language::$requester, Language::$worker, &server);
            }

            #[test]
            fn on_redis() {
                let server = Server::redis().unwrap();
                play(Language::$requester, Language::$worker, &server);
            }
        })*
    };
}

pairs! {
    redis_cli: Shell asks Shell;
    redis_rs: Rust asks Rust;
    redis_py: Python asks Python;
    ioredis: Ioredis asks Ioredis;
    node_redis: NodeRedis asks NodeRedis;
    shell_and_rust: Shell asks Rust;
    rust_and_python: Rust asks Python;
    python_and_ioredis: Python asks Ioredis;
    ioredis_and_node_redis: Ioredis asks NodeRedis;
    node_redis_and_shell: NodeRedis asks Shell;
}
