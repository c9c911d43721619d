//! Bee-Queue: results, progress, retries, delays, and a worker that is killed.

use clawlink_compat_tests::server::Server;

use crate::node_story;

on_both! { jobs }

fn jobs(server: &Server) {
    let expected = r#"result: [6,[{"numbers":3}]]
its name is taken: null
retried: [4,["stumbled, 2 left","stumbled, 1 left"]]
hopeless: "failed: stumbled, 0 left"
waits: 1
delayed: 5
not saved: 0
health: {"waiting":0,"active":0,"succeeded":103,"failed":1,"delayed":0,"newestJob":103}
failed: [{"numbers":[4],"until":-1}]
removed: 0
taken over: 6
left: 0
"#;
    assert_eq!(node_story("bee-queue", "jobs", server), expected);
}
