//! Dramatiq: the story of `programs/jobs/dramatiq`, with two workers that `dramatiq` starts.

use std::process::Command;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::program::{Program, python_jobs};
use clawlink_compat_tests::server::Server;

use crate::python_story;

on_both! { messages }

fn worker(name: &'static str, server: &Server) -> Program {
    let mut command = Command::new(python_jobs("dramatiq"));
    command.args(["app", "--processes", "1", "--threads", "2"]);
    command.current_dir(workspace().join("compat-tests/programs/jobs/dramatiq"));
    Program::start(name, command, server)
}

fn messages(server: &Server) {
    let _workers = [worker("ann", server), worker("ben", server)];
    assert_eq!(
        python_story("dramatiq", "messages", server),
        "\
2 + 3 = 5 and many: 380
attempt 3 worked / ValueError attempt 3 failed
dead letters: 1
not yet, later: 2 True
pipeline: 10
group: [0, 2, 4, 6, 8]
notes: ['all are done', 'alone']
limit of two: [True, True, False]
limit of two: [True, True, False]
barrier: True False True
gate was open in another process: True
queues: ['default', 'slow'] left: 0 0
"
    );
}
