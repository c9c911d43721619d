//! RQ: the stories of `programs/jobs/rq`, with workers that `rq worker` starts.

use std::process::Command;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::program::{Program, python_jobs};
use clawlink_compat_tests::server::Server;

use crate::python_story;

on_both! { results failures deaths crowd }

/// `rq worker`, or another command of `rq`, with options and queues. A worker prefers the
/// queues that come first.
fn rq(name: &'static str, server: &Server, command: &str, arguments: &[&str]) -> Program {
    let mut rq = Command::new(python_jobs("rq"));
    rq.args([command, "--url", &format!("redis://127.0.0.1:{}", server.port())]);
    rq.arg("--path").arg(workspace().join("compat-tests/programs/jobs/rq")).args(arguments);
    Program::start(name, rq, server)
}

fn results(server: &Server) {
    let _worker = rq("worker", server, "worker", &["high", "default", "low"]);
    assert_eq!(
        python_story("rq", "results", server),
        "\
2 + 3 = 5
counts finished {'owner': 'alice', 'done': 5} 5
waiting: [1, 2, 1] 1
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

fn failures(server: &Server) {
    let _worker = rq("worker", server, "worker", &["--with-scheduler", "work"]);
    assert_eq!(
        python_story("rq", "failures", server),
        "\
failed - ValueError: attempt 1 failed
in the registry: True
finished - attempt 2 worked - 2 results
in the registry: 0
finished - attempt 3 worked
attempts left: 1
failed - ValueError: attempt 2 failed - True
to be tried again: scheduled
scheduled: [True, True, True]
finished finished 8 True
finished - attempt 2 worked
notes: ['again', 'again', 'again', 'soon'] called off: True
failed - rq.timeouts.JobTimeoutException: Task exceeded maximum timeout value (1 seconds)
failed at the end: 2 of ['work']
in a year or so: 0
"
    );
}

fn deaths(server: &Server) {
    let _ann = rq("ann", server, "worker", &["--name", "ann", "north"]);
    let _ben = rq("ben", server, "worker", &["--name", "ben", "south"]);
    let cleo = rq("cleo", server, "worker", &["--name", "cleo", "nothing"]);
    assert_eq!(
        python_story("rq", "deaths", server),
        "\
workers: 3 of north: ['ann']
queues: ['north'] ['south'] state: idle
connection of ann: ann
busy with: True True
stopped - tasks.wait_at was stopped
failed - Work-horse terminated unexpectedly
failed - Work-horse terminated unexpectedly
nobody knows: started True
tried again: queued True
finished - nowhere was open
failed - Moved to FailedJobRegistry, due to AbandonedJobError, - True
left: ['ann', 'ben']
"
    );
    let left = cleo.finish();
    assert!(left.contains("warm shut down requested"), "{left}");
}

fn crowd(server: &Server) {
    let _pool = rq("pool", server, "worker-pool", &["--num-workers", "3", "crowd"]);
    assert_eq!(
        python_story("rq", "crowd", server),
        "\
results: True
runs of each: {1} of 60
workers at once: 3
left: 0 0 0
"
    );
    let info = rq("info", server, "info", &["--raw", "--only-queues"]);
    assert_eq!(info.finish(), "queue crowd 0, 0 executing, 63 finished, 0 failed\n");
}
