//! Sidekiq: the stories of `programs/jobs/sidekiq`, which start `sidekiq` processes and end them.

use clawlink_compat_tests::program::{Program, script};
use clawlink_compat_tests::server::Server;

on_both! { queues retries processes }

/// What a story tells.
fn told(story: &'static str, server: &Server) -> String {
    let path = format!("compat-tests/programs/jobs/sidekiq/{story}.rb");
    let mut command = script("ruby".into(), &path);
    // In a plain C locale, Ruby escapes what is not ASCII.
    command.env("LC_ALL", "C.UTF-8");
    Program::start(story, command, server).finish()
}

fn queues(server: &Server) {
    let expected = r#"queues: ["critical", "default"], {"default"=>5, "critical"=>2}
waiting: ["žluťoučký kůň 💾", "three", "two", "unwanted", "one"]
found: Note ["unwanted"] true true
deleted: true 4
enqueued: 6, busy: 0, processes: 0
in this order: ["urgent", "critical too", "one", "two", "three", "žluťoučký kůň 💾"]
processed: 6, 6 today
processes: 0
given back: [["Gate", ["gate"]]]
by another: gate was open
each once: true
processed: true
cleared: 0 1
"#;
    assert_eq!(told("queues", server), expected);
}

fn retries(server: &Server) {
    let expected = r#"scheduled: ["bulk", "in two hours", "at once", "moved", "in an hour", "in half a second"]
scanned: ["in an hour", "in two hours"]
enqueued: ["at once"]
done: ["at once", "in half a second", "moved"]
within the hour: ["in an hour"]
left: 2
ArgumentError: stumbled 1, retry 0, 2 lines, in about 1000 s
ArgumentError: stumbled 2, retry 1, 2 lines, in about 2000 s
at last: ["it is up after 2"]
exhausted: ["given up after 1", "Hopeless is dead: no use"]
dead: [["Hopeless", "no use"]]
and again: ["given up after 1", "Hopeless is dead: no use"]
without a retry: ["Stumble is dead: stumbled 1"]
dead: ["Hopeless", "Stumble"]
killed: 0 7
processed: 17, failed: 13, dead: 0
"#;
    assert_eq!(told("retries", server), expected);
}

fn processes(server: &Server) {
    let expected = r#"processes: [["quiet", ["a", "b"], 2], ["stopped", ["b"], 3]]
their pids: true
threads: 5, memory: true
busy: Gate ["gate"] from a true
stopped: 0, left: ["quiet"]
finished meanwhile: ["gate was open"]
left: 1, processes: 0
cleaned up
"#;
    assert_eq!(told("processes", server), expected);
}
