//! node-resque: Resque's queues, delayed jobs, retries and failures.

use clawlink_compat_tests::server::Server;

use crate::node_story;

on_both! { jobs }

fn jobs(server: &Server) {
    let expected = r#"once: [true,false]
queues: ["high","low","once"]
waiting: [[1,2],[3,4],[0]]
deleted: [1,2]
delayed: [2,1]
in this order: ["11","3","7"]
later: ["15"]
retried: ["it stumbled","it stumbled"]
failed: ["no use","Error","low",{"class":"stumble","queue":"low","args":["it"]},"bob"]
and again: ["it stumbled","it stumbled"]
workers: [["bob","high,low"],["zoe","high,low"]]
left: [["zoe","high,low"]]
by the other: ["1"]
leader: true
nothing is planned: []
"#;
    assert_eq!(node_story("node-resque", "jobs", server), expected);
}
