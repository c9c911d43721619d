//! An agent that takes a task and is not heard of again until all is over.

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;
use serde_json::Value;

use crate::colony::CAPABILITY;

const ID: &str = "late";

/// The agent. Nobody kills it; it just does nothing for too long.
pub struct Late(Client);

impl Late {
    /// Joins, and waits for a task: it is the first who does.
    pub fn join(server: &Server) -> Self {
        let mut broker = server.connect().unwrap();
        for words in [&["CLAW.REGISTER", ID, "CAPS", CAPABILITY][..], &["CLAW.UNFOLLOW", ID, "*"]] {
            let reply = broker.ask(words).unwrap();
            assert!(!matches!(reply, Reply::Error(_)), "{words:?}: {}", reply.text());
        }
        broker.send(&["CLAW.POLL", ID, "COUNT", "1", "BLOCK", "0"]).unwrap();
        server.wait_for_blocked(1);
        Self(broker)
    }

    /// The receipt of the task that it got.
    pub fn take(&mut self) -> String {
        let polled = self.0.read().unwrap();
        let record = polled.items().first().and_then(Reply::bytes).expect("a record");
        let record: Value = serde_json::from_slice(record).unwrap();
        record["receipt"].as_str().expect("a task").to_owned()
    }

    /// What it hears when it answers at last.
    pub fn answer(&mut self, receipt: &str) -> String {
        let reply = self.0.ask(&["CLAW.RESPOND", receipt, "sorry to be late"]).unwrap();
        assert!(matches!(reply, Reply::Error(_)), "{}", reply.text());
        reply.text()
    }
}
