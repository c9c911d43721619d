//! List commands on running owners: what blocked clients get, and what a full inbox refuses.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot::Receiver;

use crate::call::Caller;
use crate::command;
use crate::directory::Directory;
use crate::limits::{Limit, Limits};
use crate::owner::{Park, Served, Waiter};
use crate::{Pipeline, Place, Refusal, Reply};

/// A broker without an edge, whose inboxes hold three messages.
struct Desk {
    directory: Arc<Directory>,
    clients: u64,
}

impl Desk {
    fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
        actix_rt::System::new().block_on(async {
            let limits = Limits { inbox_messages_max: Limit::new(3), ..Limits::default() };
            let directory = Directory::start(actix_rt::Arbiter::current(), limits);
            test(Self { directory, clients: 0 }).await;
        });
    }

    /// Sends a request to the owner of its first key. A client that goes away drops the receiver.
    fn ask(&mut self, words: &str) -> Receiver<Served> {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        let command = command::find(words[0], words[1]).expect("a command");
        let request = Arc::new(Pipeline::of(Some(command), &words));
        self.clients += 1;
        let (waiter, answer) = Waiter::new(self.clients);
        let park = Park { request, caller: Caller::default(), waiter: Arc::new(waiter) };
        let place = Place::of_key(words[1]);
        self.directory.owner(place, true).expect("there is room for a mailbox").tell(park);
        answer
    }

    async fn reply(&mut self, words: &str) -> Reply {
        answer(self.ask(words)).await
    }
}

async fn answer(answer: Receiver<Served>) -> Reply {
    let answered = tokio::time::timeout(Duration::from_secs(10), answer).await;
    answered.expect("an answer in time").expect("an answer").reply
}

fn texts(texts: &[&'static str]) -> Reply {
    Reply::Array(texts.iter().map(|text| Reply::text(text)).collect())
}

#[test]
fn a_full_inbox_takes_all_of_a_push_or_nothing() {
    Desk::run(async |mut desk| {
        assert_eq!(desk.reply("LPUSH inbox:bob a").await, Reply::Int(1));
        for push in ["LPUSH inbox:bob b c d", "RPUSH inbox:bob b c d"] {
            let refused = desk.reply(push).await;
            assert_eq!(refused, Refusal::InboxFull("bob".into(), 3).into());
            assert_eq!(desk.reply("LRANGE inbox:bob 0 -1").await, texts(&["a"]));
        }
        assert_eq!(desk.reply("RPUSH inbox:bob b c").await, Reply::Int(3));
        assert_eq!(desk.reply("RPOP inbox:bob 2").await, texts(&["c", "b"]));
    });
}

#[test]
fn plain_lists_and_inboxes_serve_blocked_clients_alike() {
    for key in ["plain", "inbox:bob"] {
        Desk::run(async |mut desk| {
            let first = desk.ask(&format!("BLPOP {key} 0"));
            let gone = desk.ask(&format!("BLPOP {key} 0"));
            let second = desk.ask(&format!("BRPOP {key} 0"));
            drop(gone);
            // The whole push counts before anybody is served.
            assert_eq!(desk.reply(&format!("LPUSH {key} a b c")).await, Reply::Int(3));
            let pair = |value| Reply::Array(vec![Reply::copy(key.as_bytes()), Reply::text(value)]);
            assert_eq!(answer(first).await, pair("c"));
            assert_eq!(answer(second).await, pair("a"));
            assert_eq!(desk.reply(&format!("LRANGE {key} 0 -1")).await, texts(&["b"]));
        });
    }
}

#[test]
fn a_client_is_served_from_the_key_that_changed() {
    Desk::run(async |mut desk| {
        let blocked = desk.ask("BLPOP one two 0");
        assert_eq!(desk.reply("SET one string").await, Reply::Ok);
        assert_eq!(desk.reply("RPUSH two x").await, Reply::Int(1));
        assert_eq!(answer(blocked).await, texts(&["two", "x"]));
    });
}

#[test]
fn a_pop_can_be_undone() {
    let words = |pipeline: &Pipeline| -> Vec<String> {
        pipeline.request(0).words().map(|word| word.escape_ascii().to_string()).collect()
    };
    let many = Reply::Array(vec![Reply::text("k"), texts(&["a", "b", "c"])]);
    for (request, reply, undone) in [
        ("BLPOP k 0", texts(&["k", "a"]), "lpush k a"),
        ("BRPOP k 0", texts(&["k", "a"]), "rpush k a"),
        ("BLMPOP 0 1 k LEFT COUNT 3", many.clone(), "lpush k c b a"),
        ("BLMPOP 0 1 k RIGHT COUNT 3", many, "rpush k c b a"),
    ] {
        let request: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        let command = command::find(request[0], b"").expect("a command");
        let undo = command.undo.expect("a blocking pop can be undone");
        let pipeline = Pipeline::of(Some(command), &request);
        let push = undo(&pipeline.request(0), &reply).expect("there is something to undo");
        assert_eq!(words(&push).join(" "), undone);
        assert!(undo(&pipeline.request(0), &Reply::NilArray).is_none());
    }
}
