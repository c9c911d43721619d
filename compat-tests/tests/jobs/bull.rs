//! Bull: order, retries, repeated and limited jobs, and a worker that is killed.

use clawlink_compat_tests::server::Server;

use crate::node_story;

on_both! { jobs }

fn jobs(server: &Server) {
    let expected = r#"waiting: [true,["lifo","high","low","first","bulk"],["late"]]
done: ["bulk","first","high","late","lifo","low"]
result: [6,50,{"logs":["adding 3"],"count":1}]
fixed backoff: "up after 2"
exponential backoff: ["failed: stumbled 2","failed"]
tried again: "up after 2"
repeatable: [["sum",100]]
counts: {"waiting":0,"active":0,"completed":11,"failed":0,"delayed":0,"paused":0}
cleaned: 11
workers: 1
two in a time: true
held by nobody: "active"
taken over: "free"
left: 0
"#;
    assert_eq!(node_story("bull", "jobs", server), expected);
}
