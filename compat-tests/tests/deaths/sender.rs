//! Those who send the tasks, and hear the responses.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;
use serde_json::Value;

use crate::FLOW_MAX;
use crate::colony::{CAPABILITY, NAMED};

/// Tasks that one sender lets be open at a time.
const OPEN_MAX: usize = 40;
/// What the agents know how to do; see `programs/mortal`. Most tasks are plain ones.
const KINDS: [&str; 24] = [
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "split",
    "split",
    "split",
    "stumble",
    "stumble",
    "stumble",
    "hand back",
    "hand back",
    "hand back",
    "doze",
];

/// An agent that sends tasks.
pub struct Sender {
    id: String,
    broker: Client,
    random: Random,
    /// The tasks it sent.
    pub sent: Vec<String>,
    /// The responses it got, by task.
    pub heard: BTreeMap<String, Vec<Value>>,
}

impl Sender {
    pub fn join(server: &Server, number: usize, random: Random) -> Self {
        let (id, mut broker) = (format!("sender-{number}"), server.connect().unwrap());
        broker.call(&["CLAW.REGISTER", &id]).unwrap();
        Self { id, broker, random, sent: Vec::new(), heard: BTreeMap::new() }
    }

    /// Sends so many tasks and hears a response to each.
    pub fn send_and_hear(&mut self, tasks: usize, heard: &AtomicUsize) {
        let deadline = Instant::now() + FLOW_MAX;
        while self.sent.len() < tasks || self.waiting() > 0 {
            while self.sent.len() < tasks && self.waiting() < OPEN_MAX {
                self.send();
            }
            let news = self.hear("100");
            heard.fetch_add(news, Ordering::SeqCst);
            let late = Instant::now() > deadline;
            assert!(!late, "{} waits for {} of {tasks} responses", self.id, self.waiting());
        }
    }

    fn waiting(&self) -> usize {
        self.sent.iter().filter(|id| !self.heard.contains_key(*id)).count()
    }

    fn send(&mut self) {
        let kind = self.random.pick(&KINDS);
        let to = if self.random.below(4) == 0 {
            format!("w{}", self.random.below(NAMED))
        } else {
            format!("@{CAPABILITY}")
        };
        let sent = self.broker.ask(&["CLAW.DELEGATE", &to, kind, "ATTEMPTS", "1000"]).unwrap();
        assert!(matches!(sent, Reply::Bulk(_)), "{to}: {sent:?}");
        self.sent.push(sent.text());
    }

    /// Reads what is in the inbox, after waiting for something at most so long. Returns how many responses there were.
    pub fn hear(&mut self, block_ms: &str) -> usize {
        let words = ["CLAW.POLL", &self.id, "COUNT", "100", "BLOCK", block_ms];
        let polled = self.broker.ask(&words).unwrap();
        assert!(matches!(polled, Reply::Items(..)), "{polled:?}");
        let mut responses = 0;
        for record in polled.items() {
            let record: Value = serde_json::from_slice(record.bytes().unwrap()).unwrap();
            if record["type"] == "task_response" {
                responses += 1;
                let id = record["message_id"].as_str().unwrap().to_owned();
                self.heard.entry(id).or_default().push(record);
            }
        }
        responses
    }
}

/// How many tasks are neither over nor given up.
pub fn open_tasks(broker: &mut Client) -> usize {
    let states = ["delayed", "queued", "delivered", "in_progress", "input_required", "dead"];
    let count = |state| broker.ask(&["CLAW.TASKS", "STATE", state]).unwrap().items().len();
    states.map(count).iter().sum()
}
