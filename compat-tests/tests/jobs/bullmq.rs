//! BullMQ: the stories of `programs/jobs/bullmq`, which start worker processes and kill them.

use clawlink_compat_tests::program::{Program, node};
use clawlink_compat_tests::server::Server;

use crate::node_story;

on_both! { results results_with_node_redis order retries flows schedules crowd stalled }

fn results(server: &Server) {
    assert_eq!(node_story("bullmq", "results", server), RESULTS);
}

/// BullMQ works over either of Node's clients.
fn results_with_node_redis(server: &Server) {
    let mut command = node("compat-tests/programs/jobs/bullmq/results.cjs");
    command.env("BULLMQ_CLIENT", "node-redis");
    assert_eq!(Program::start("results", command, server).finish(), RESULTS);
}

const RESULTS: &str = r#"result: 10
kept: ["sum",[1,2,3,4],10,1,"bob"]
state: "completed"
bulk: [3,0,1e+300]
report: "reported"
logs: {"logs":["60 percent","from outside"],"count":2}
progress: [{"percent":100,"note":"done"},{"žluťoučký kůň":"💾\u0000\n"}]
heard of it: [["added"],["waiting"],["active"],["progress",30],["progress",60],["progress",{"percent":100,"note":"done"}],["completed"],["duplicated"]]
counts: {"completed":5}
completed: ["report","4","empty","2","1"]
first completed: ["1","2"]
metrics: 6
workers: [["results","bull:cmVzdWx0cw==:w:bob"]]
listeners: 1
cleaned: ["1","2"]
left: {"completed":3}
keys left: []
"#;

fn order(server: &Server) {
    let expected = r#"paused: true
counts: {"delayed":2,"prioritized":4,"waiting":4}
priorities: {"0":4,"1":2,"2":1,"9":1}
waiting: ["lifo","first","second","promoted"]
prioritized: ["high","also-high","raised","low"]
delayed: ["sooner","late"]
order: ["lifo","first","second","promoted","high","also-high","raised","low"]
delayed: ["quick","slow"]
not before its time: true
drained: {"completed":10,"delayed":1}
drained of the delayed: [{"completed":10},"unknown"]
cleaned: ["unwanted"]
limited: [[2,2,2,2,2],true]
one at a time: 1
none began before another's end: true
after all: {}
"#;
    assert_eq!(node_story("bullmq", "order", server), expected);
}

fn retries(server: &Server) {
    let expected = r#"fails: "failed: stumbled 1"
why: ["stumbled 1",1,1]
state: "failed"
tried again: "up after 1"
fixed backoff: "up after 2"
heard of it: ["delayed","delayed","completed"]
exponential backoff: "up after 3"
40, 80 and 160 ms: true
exhausted: "failed: stumbled 2"
heard of it: ["failed","retries-exhausted"]
hopeless: "failed: no use"
attempts: 1
counts: {"completed":3,"failed":2}
failed: ["exhausted","hopeless"]
metrics: 4
again: 3
cleaned: ["exhausted","hopeless"]
left: {"completed":3}
"#;
    assert_eq!(node_story("bullmq", "retries", server), expected);
}

fn flows(server: &Server) {
    let expected = r#"parent waits: ["waiting-children",{"waiting-children":1},{"delayed":1,"prioritized":1,"waiting":1}]
depends on: ["bull:flows-children:one","bull:flows-children:three","bull:flows-children:two"]
tree: ["total",["one","three","two"]]
total: {"found":15,"ignored":[],"failed":[]}
children's values: [["bull:flows-children:one",3],["bull:flows-children:three",5],["bull:flows-children:two",7]]
counts: [{"processed":3,"unprocessed":0,"ignored":0,"failed":0},{"completed":1}]
a child fails its parent: "failed: child bull:flows-children:culprit failed"
a failure ignored: {"found":7,"ignored":["no use"],"failed":["no use"]}
a parent goes on: {"found":0,"ignored":["no use"],"failed":["no use"]}
bulk: [{"found":2,"ignored":[],"failed":[]},{"found":4,"ignored":[],"failed":[]}]
removed with its child: true
children: {"completed":7,"failed":3,"waiting":1}
"#;
    assert_eq!(node_story("bullmq", "flows", server), expected);
}

fn schedules(server: &Server) {
    let expected = r#"scheduler: ["tick",100,4,{"data":[1,2]}]
results: [3,3,3,3]
cron: 3
changed: ["0 0 1 1 *","Europe/Prague",0]
count: 2
removed: [true,false]
nothing more is planned: {"completed":5}
throttled: ["a","a"]
freed: ["c",5]
debounced: 5
replaced: true
told: ["b","x"]
"#;
    assert_eq!(node_story("bullmq", "schedules", server), expected);
}

fn crowd(server: &Server) {
    let expected = r#"by those who were hired: true
by each of them: 3
each once: true
counts: {"completed":300}
"#;
    assert_eq!(node_story("bullmq", "crowd", server), expected);
}

fn stalled(server: &Server) {
    let expected = r#"held by nobody: "active"
long: "slept"
taken over: "attempt 2"
stalled: ["trap"]
starts: [2,1,1]
"#;
    assert_eq!(node_story("bullmq", "stalled", server), expected);
}
