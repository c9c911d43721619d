//! RQ: the stories of `programs/jobs/rq`, with workers that `rq worker` starts.

use std::process::Command;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::program::{Program, python_jobs, script};
use clawlink_compat_tests::server::Server;

const FOLDER: &str = "compat-tests/programs/jobs/rq";

on_both! { results }

/// `rq worker` with these arguments: options and the queues, those that it prefers first.
fn worker(name: &'static str, server: &Server, arguments: &[&str]) -> Program {
    let mut command = Command::new(python_jobs("rq"));
    command.args(["worker", "--url", &format!("redis://127.0.0.1:{}", server.port())]);
    command.arg("--path").arg(workspace().join(FOLDER)).args(arguments);
    Program::start(name, command, server)
}

/// What a story tells.
fn story(name: &'static str, server: &Server) -> String {
    let path = format!("{FOLDER}/{name}.py");
    Program::start(name, script(python_jobs("python"), &path), server).finish()
}

fn results(server: &Server) {
    let _worker = worker("worker", server, &["high", "default", "low"]);
    assert_eq!(
        story("results", server),
        "\
2 + 3 = 5
counts finished {'owner': 'alice', 'done': 5} 5
waiting: [1, 2, 1] position 1
gate was open ['low', 'second', 'high', 'first'] canceled
ran in this order: high, first, second, low
both are done 3 7
ValueError: the printer is on fire / anyway / deferred
deferred: True
callbacks: tasks.add gave 1, tasks.fail raised ValueError
group: [0, 2, 4, 6]
Job with ID 'unique' already exists
one by one: ['one', 'two', 'three']
kept and gone: ['gate was open', None]
"
    );
}
