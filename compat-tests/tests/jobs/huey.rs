//! Huey: the story of `programs/jobs/huey` with two ways to keep tasks, and a consumer that
//! `huey_consumer` starts.

use std::process::Command;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::program::{Program, python_jobs, script};
use clawlink_compat_tests::server::Server;

const FOLDER: &str = "compat-tests/programs/jobs/huey";

on_both! { lists_and_hashes sorted_sets_and_strings }

/// Plays the story with a consumer of two processes.
fn play(server: &Server, storage: &str, order: &str) {
    let mut consumer = Command::new(python_jobs("huey_consumer"));
    consumer.args(["app.huey", "--worker-type", "process", "--workers", "2"]);
    consumer.args(["--scheduler-interval", "1"]).env("HUEY", storage);
    consumer.current_dir(workspace().join(FOLDER));
    let _consumer = Program::start("consumer", consumer, server);

    let mut story = script(python_jobs("python"), &format!("{FOLDER}/tasks.py"));
    story.env("HUEY", storage);
    let expected = format!(
        "\
2 + 3 = 5 and many: 90
attempt 3 worked / ValueError('the printer is on fire')
later: 2 True
scheduled: ['note']
waiting: 4 True False
not yet
['first', 'second', 'third'] in this order: {order}
['gate was open', 'gate was open']
locked: TaskLockedException('unable to acquire lock only one')
then: had the lock
pipeline: [3, 6, 10]
limit: 3
put once: True False 1
signals: {{'error': '3', 'retrying': '2', 'revoked': '1', 'locked': '1'}}
left: 0 0 0
"
    );
    assert_eq!(Program::start("tasks", story, server).finish(), expected);
}

fn lists_and_hashes(server: &Server) {
    play(server, "RedisHuey", "['first', 'second', 'third']");
}

/// The third task is urgent, and here that has a meaning.
fn sorted_sets_and_strings(server: &Server) {
    play(server, "PriorityRedisExpireHuey", "['third', 'first', 'second']");
}
