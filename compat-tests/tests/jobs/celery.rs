//! Celery and kombu: the stories of `programs/jobs/celery`, with workers that `celery worker`
//! starts. The broker holds the results, too.

use std::process::Command;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::program::{Program, python_jobs};
use clawlink_compat_tests::server::Server;

use crate::python_story;

on_both! { calls control deaths messages }

/// After how many seconds a task that nobody has acknowledged comes back.
const VISIBILITY_SECONDS: &str = "2";

/// `celery worker` with these options.
fn worker(name: &'static str, server: &Server, options: &[&str]) -> Program {
    let mut command = Command::new(python_jobs("celery"));
    command.args(["-A", "app", "worker", "--loglevel", "info"]).args(options);
    command.current_dir(workspace().join("compat-tests/programs/jobs/celery"));
    command.env("VISIBILITY_TIMEOUT", VISIBILITY_SECONDS);
    Program::start(name, command, server)
}

fn calls(server: &Server) {
    let _worker = worker("worker", server, &["--pool", "solo", "--queues", "celery,reports"]);
    assert_eq!(
        python_story("celery", "calls", server),
        "\
2 + 3 = 5 and by name 9
sums: 380
ValueError: the printer is on fire - FAILURE - True
3 after SUCCESS of True
forgotten: PENDING
['ignored'] PENDING
later: 2 4 True
attempt 3 worked / ConnectionError: attempt 4 failed
TaskRevokedError: expired REVOKED
waiting: [('celery', 2), ('reports', 1)]
gate was open ['priority 0', 'priority 3', 'priority 5', 'priority 7', 'priority 9']
refused: revoked REVOKED
report on sales
chain: 10
group: [0, 2, 4, 6, 8]
chord: 90
chord of a chain: 106
chunks: [[0, 2], [4, 6]]
starmap: [3, 7]
chord: True True
links: [\"app.fail raised ValueError('the printer is on fire')\", 'linked']
restored: [0, 1, 2]
"
    );
}

fn control(server: &Server) {
    let options = ["--hostname", "ann@here", "--concurrency", "2", "--task-events"];
    let ann = worker("ann", server, &options);
    assert_eq!(
        python_story("celery", "control", server),
        "\
['task-received', 'task-sent', 'task-started', 'task-succeeded']
['task-failed', 'task-received', 'task-sent', 'task-started']
known: SUCCESS 3 ['ann@here']
ping: {'ann@here': {'ok': 'pong'}}
queues: ['celery']
tasks: True
pool: 2 ran: {'app.add': 1, 'app.fail': 1}
active: ['app.wait_at']
scheduled: ['app.add']
terminated: terminated REVOKED
[{'ann@here': {'ok': 'new rate limit set successfully'}}]
[{'ann@here': {'ok': 'add consumer extra'}}]
extra queue: 10
[{'ann@here': {'ok': 'no longer consuming from extra'}}]
[{'ann@here': {'ok': 'pool will grow'}}]
purged: 3
gone: []
"
    );
    let left = ann.finish();
    assert!(left.contains("Got shutdown from remote"), "{left}");
}

fn deaths(server: &Server) {
    let _ann = worker("ann", server, &["--hostname", "ann@here", "--concurrency", "1"]);
    let _ben = worker("ben", server, &["--hostname", "ben@here", "--concurrency", "1"]);
    assert_eq!(
        python_story("celery", "deaths", server),
        "\
after a process: SUCCESS redelivered: True
after a worker: SUCCESS elsewhere: True redelivered: True
"
    );
}

fn messages(server: &Server) {
    assert_eq!(
        python_story("celery", "messages", server),
        "\
simple: 3 {'number': 0} {'number': 1} left: 2 cleared: 2
empty
direct: ['hello', 'hello', 'spam', 'world', 'world'] {'alice'}
topic: ['web.error', 'db.error'] ['web.error', 'web.info']
fanout: {'ann': ['extra, extra'], 'ben': ['extra, extra']}
priorities: [0, 3, 6, 9]
taken: unfinished given back: unfinished True
left: 0
"
    );
}
