//! The programs of `programs/`, two processes each, against the broker and the real Redis.

use clawlink_compat_tests::language::Language;
use clawlink_compat_tests::program::Program;
use clawlink_compat_tests::server::Server;

fn play(requester: Language, worker: Language, server: &Server) {
    let worker = Program::start("worker", worker.command("worker"), server);
    let requester = Program::start("requester", requester.command("requester"), server);
    assert_eq!(requester.finish(), "answer: 10\nheard: the sum is 10\nfile: 10\n");
    assert_eq!(worker.finish(), "task from requester: sum numbers.txt\n");
}

#[test]
fn an_agents_key_is_the_password_of_a_python_client() {
    let server = Server::clawlink().unwrap();
    let agent = Program::start("agent", Language::Python.command("agent"), &server);
    let as_bob = "delegated by bob\n\
        NOTYOU this connection is agent 'bob', it cannot act as 'zoe'\n";
    let guessed = "invalid username-password pair or user is disabled.\n";
    assert_eq!(agent.finish(), [as_bob, as_bob, guessed].concat());
}

/// What `cache` says of a key whose value becomes "second".
fn cached(key: &str) -> String {
    format!(
        "read: first\nread: first\nread: first\n1 asked, 2 kept\n\
         changed: {key}\nread: second\nread: second\n2 asked, 3 kept\n"
    )
}

#[test]
fn a_client_library_keeps_copies_and_is_told_of_changes() {
    for server in [Server::clawlink().unwrap(), Server::redis().unwrap()] {
        let cache = Program::start("cache", Language::NodeRedis.command("cache"), &server);
        assert_eq!(cache.finish(), cached("cached"));
    }
}

#[test]
fn it_is_told_of_shared_files_that_an_agent_changes() {
    let server = Server::clawlink().unwrap();
    let mut command = Language::NodeRedis.command("cache");
    command.args(["file:plan.md", "CLAW.FILE", "PUT", "plan.md", "second", "BY", "bob"]);
    let cache = Program::start("cache", command, &server);
    assert_eq!(cache.finish(), cached("file:plan.md"));
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
