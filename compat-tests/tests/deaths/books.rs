//! What everybody wrote down, compared: the broker's records, the agents' journals, the senders' responses.

use std::collections::{BTreeMap, BTreeSet};

use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

use crate::colony::JOURNALS;
use crate::sender::Sender;

/// A map's field.
pub fn field<'a>(map: &'a Reply, name: &str) -> &'a Reply {
    let mut pairs = map.items().chunks_exact(2);
    let found = pairs.find(|pair| pair[0].text() == name);
    &found.unwrap_or_else(|| panic!("no {name} in {map:?}"))[1]
}

/// An attempt, as the broker remembers it.
struct Attempt {
    agent: String,
    end: String,
}

/// Everything that is known after the flow.
pub struct Books {
    senders: Vec<Sender>,
    /// The attempts at each task, in order.
    tasks: BTreeMap<String, Vec<Attempt>>,
    /// How often the journals say something of a receipt: the agent, the word, the receipt.
    journal: BTreeMap<(String, String, String), usize>,
}

impl Books {
    pub fn read(server: &Server, mut senders: Vec<Sender>) -> Self {
        for sender in &mut senders {
            while sender.hear("1") > 0 {}
        }
        let mut broker = server.connect().unwrap();
        let all = broker.ask(&["CLAW.TASKS", "LIMIT", "1000000"]).unwrap();
        let ids = all.items().iter().map(|task| field(task, "message_id").text());
        let tasks = ids.map(|id| {
            let task = broker.ask(&["CLAW.TASK", &id]).unwrap();
            assert_eq!(field(&task, "status").text(), "completed", "{task:?}");
            (id, attempts(&task))
        });
        let tasks = tasks.collect();
        Self { senders, tasks, journal: journal(server) }
    }

    /// Fails on anything that does not add up.
    pub fn balance(&mut self) {
        self.each_task_is_completed_by_its_last_attempt();
        self.each_task_is_answered_once();
        self.journals_agree();
    }

    fn each_task_is_completed_by_its_last_attempt(&self) {
        for (id, attempts) in &self.tasks {
            let ends: Vec<_> = attempts.iter().map(|attempt| attempt.end.as_str()).collect();
            let completed = ends.iter().position(|end| *end == "completed");
            assert_eq!(completed, Some(ends.len() - 1), "{id}: {ends:?}");
        }
    }

    fn each_task_is_answered_once(&self) {
        let mut answered = BTreeSet::new();
        for sender in &self.senders {
            let unheard = sender.sent.iter().find(|id| !sender.heard.contains_key(*id));
            assert_eq!(unheard, None, "a task without a response");
            for (id, responses) in &sender.heard {
                assert_eq!(responses.len(), 1, "{responses:?}");
                assert!(answered.insert(id), "{id} was answered to two senders");
                let last = self.tasks[id].last().expect("an attempt");
                assert_eq!(responses[0]["status"], "completed");
                assert_eq!(responses[0]["from_agent"], *last.agent, "{id}");
                assert_eq!(responses[0]["result"], format!("completed by {}", last.agent));
            }
        }
        let silent: Vec<_> = self.tasks.keys().filter(|id| !answered.contains(id)).collect();
        assert!(silent.is_empty(), "nobody heard of {silent:?}");
    }

    /// What agents wrote down happened, once. Not all that happened was written down: an agent may die in between.
    fn journals_agree(&self) {
        let mut holders = BTreeMap::new();
        for ((agent, word, receipt), times) in &self.journal {
            assert_eq!(*times, 1, "{agent} {word} {receipt}");
            let (id, number) = receipt.split_once('#').expect("a receipt");
            let number: usize = number.parse().expect("a number");
            let attempt = &self.tasks[id][number - 1];
            assert_eq!(attempt.agent, *agent, "{word} {receipt}");
            match word.as_str() {
                "took" => {
                    let before = holders.insert(receipt, agent);
                    assert_eq!(before, None, "{receipt} was handed out twice");
                }
                "refused" => assert_ne!(attempt.end, "completed", "{receipt}"),
                end => assert_eq!(attempt.end, *end, "{receipt}"),
            }
        }
        for (id, attempts) in &self.tasks {
            for (attempt, number) in attempts.iter().zip(1..) {
                let said = |word: &str| {
                    let entry = (attempt.agent.clone(), word.to_owned(), format!("{id}#{number}"));
                    self.journal.contains_key(&entry)
                };
                let unseen = ["lease_lost", "resumed", "undelivered"].contains(&&*attempt.end);
                assert!(unseen || said("took"), "{id}#{number} ended {}, unseen", attempt.end);
            }
        }
    }

    /// How many attempts ended how.
    pub fn summary(&self) -> String {
        let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
        for attempt in self.tasks.values().flatten() {
            *ends.entry(&attempt.end).or_default() += 1;
        }
        let attempts: usize = ends.values().sum();
        format!("{} tasks, {attempts} attempts: {ends:?}", self.tasks.len())
    }
}

fn attempts(task: &Reply) -> Vec<Attempt> {
    let attempts = field(task, "attempts").items().iter();
    let numbered = attempts.zip(1..).map(|(attempt, number)| {
        assert_eq!(field(attempt, "attempt").integer(), Some(number), "{task:?}");
        Attempt { agent: field(attempt, "agent").text(), end: field(attempt, "end").text() }
    });
    numbered.collect()
}

fn journal(server: &Server) -> BTreeMap<(String, String, String), usize> {
    let mut entries = BTreeMap::new();
    for file in std::fs::read_dir(server.folder().join(JOURNALS)).unwrap() {
        let file = file.unwrap();
        let agent = file.file_name().into_string().unwrap();
        for line in std::fs::read_to_string(file.path()).unwrap().lines() {
            let mut words = line.split(' ').map(str::to_owned);
            let (word, receipt) = (words.next().unwrap(), words.next().unwrap());
            if word == "refused" {
                let code = words.next().unwrap_or_default();
                assert!(["NOTHELD", "ANSWERED"].contains(&&*code), "{line}");
            }
            *entries.entry((agent.clone(), word, receipt)).or_default() += 1;
        }
    }
    entries
}
