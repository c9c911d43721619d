//! An agent that may be killed at any moment: it takes tasks, does what they say, and answers with its receipts.
//!
//! What it was given and what became of it goes into a journal, one write a line, so that what the broker says of its
//! attempts can be checked against what happened. See `tests/deaths.rs`, which starts it:
//!
//! ```text
//! mortal PORT ID KEY CAPABILITY JOURNAL LEASE_MS SEED
//! ```

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::reply::Reply;
use serde_json::Value;

/// The longest piece of work.
const WORK_MS_MAX: usize = 6;
/// The most tasks that one poll brings.
const TASKS_MAX: usize = 3;

struct Mortal {
    id: String,
    capability: String,
    lease_ms: u64,
    journal: File,
    broker: Client,
    random: Random,
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [port, id, key, capability, journal, lease_ms, seed] = &words[..] else {
        anyhow::bail!("PORT ID KEY CAPABILITY JOURNAL LEASE_MS SEED");
    };
    let mut mortal = Mortal {
        id: id.clone(),
        capability: format!("@{capability}"),
        lease_ms: lease_ms.parse()?,
        journal: OpenOptions::new().append(true).create(true).open(journal)?,
        broker: Client::connect(port.parse()?)?,
        random: Random::new(seed.parse()?),
    };
    let resumed = mortal.broker.ask(&["CLAW.REGISTER", id, "KEY", key])?;
    ensure!(!matches!(resumed, Reply::Error(_)), "cannot resume {id}: {}", resumed.text());
    loop {
        mortal.take_and_work()?;
    }
}

impl Mortal {
    fn take_and_work(&mut self) -> Result<()> {
        let count = (1 + self.random.below(TASKS_MAX)).to_string();
        let polled = self.broker.ask(&["CLAW.POLL", &self.id, "COUNT", &count, "BLOCK", "500"])?;
        ensure!(!matches!(polled, Reply::Error(_)), "cannot poll: {}", polled.text());
        let mut tasks = Vec::new();
        for record in polled.items() {
            let record: Value = serde_json::from_slice(record.bytes().unwrap_or_default())?;
            if record["type"] == "task_delegation" {
                self.note(&format!("took {}", receipt(&record)?))?;
                tasks.push(record);
            }
        }
        tasks.iter().try_for_each(|task| self.work(task))
    }

    fn work(&mut self, task: &Value) -> Result<()> {
        let receipt = receipt(task)?;
        let first = task["attempt"] == 1;
        sleep(Duration::from_millis(self.random.below(WORK_MS_MAX) as u64));
        match task["task"].as_str().unwrap_or_default() {
            "split" => self.split(task)?,
            "stumble" if first => return self.respond(&receipt, "failed"),
            "hand back" if first => return self.hand_back(&receipt),
            // Longer than the lease, so somebody else has the task by the time this agent answers.
            "doze" if first => sleep(Duration::from_millis(self.lease_ms * 2)),
            _ => {}
        }
        self.respond(&receipt, "completed")
    }

    /// Has a part of the task done by another. Whoever takes the task again after a death asks again, for the same
    /// part if it is the same agent.
    fn split(&mut self, task: &Value) -> Result<()> {
        let id = task["message_id"].as_str().context("a task without an id")?;
        let sender = task["from_agent"].as_str().context("a task without a sender")?;
        let words = ["CLAW.DELEGATE", &self.capability, "part", "FROM", &self.id, "PARENT", id];
        let more = ["REPLY-TO", sender, "ID", id, "ATTEMPTS", "1000"];
        let sent = self.broker.ask(&[words.as_slice(), more.as_slice()].concat())?;
        ensure!(!matches!(sent, Reply::Error(_)), "cannot delegate: {}", sent.text());
        Ok(())
    }

    fn respond(&mut self, receipt: &str, status: &str) -> Result<()> {
        let text = format!("{status} by {}", self.id);
        self.tell(receipt, status, &["CLAW.RESPOND", receipt, &text, "STATUS", status])
    }

    fn hand_back(&mut self, receipt: &str) -> Result<()> {
        self.tell(receipt, "released", &["CLAW.RELEASE", receipt, "REASON", "not now"])
    }

    /// Sends what ends an attempt, and notes whether it did.
    fn tell(&mut self, receipt: &str, end: &str, words: &[&str]) -> Result<()> {
        let reply = self.broker.ask(words)?;
        if let Reply::Error(_) = reply {
            return self.note(&format!("refused {receipt} {}", reply.text()));
        }
        self.note(&format!("{end} {receipt}"))
    }

    fn note(&mut self, line: &str) -> Result<()> {
        Ok(self.journal.write_all(format!("{line}\n").as_bytes())?)
    }
}

fn receipt(task: &Value) -> Result<String> {
    let receipt = task["receipt"].as_str().context("a task without a receipt")?;
    Ok(receipt.to_owned())
}
