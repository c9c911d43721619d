//! arq: the story of `programs/jobs/arq`, with a worker that `arq` starts. Its redis-py is an
//! older one, which reads replies with hiredis.

use std::process::Command;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::program::{Program, client, script};
use clawlink_compat_tests::server::Server;

const FOLDER: &str = "compat-tests/programs/jobs/arq";

on_both! { jobs }

fn arq(name: &'static str, server: &Server, options: &[&str]) -> Program {
    let mut command = Command::new(client("python-arq/bin/arq"));
    command.args(options).arg("app.WorkerSettings").current_dir(workspace().join(FOLDER));
    Program::start(name, command, server)
}

fn jobs(server: &Server) {
    let _worker = arq("worker", server, &[]);
    let story = script(client("python-arq/bin/python"), &format!("{FOLDER}/jobs.py"));
    assert_eq!(
        Program::start("jobs", story, server).finish(),
        "\
2 + 3 = 5
many: 380
attempt 3 worked / JobExecutionFailed max 3 retries exceeded / \
ValueError the printer is on fire / JobExecutionFailed function 'unknown' not found / \n\
twice: None - deferred
waiting: [('add', (1, 1))]
later: 2 True
info: add (1, 1) 1 True complete
status: in_progress gate was open
aborted: True
Not waiting for job result because the job is not in queue. \
Is the worker function configured to keep result?
results: 22
"
    );
    let healthy = arq("check", server, &["--check"]).finish();
    assert!(healthy.contains("Health check successful"), "{healthy}");
}
