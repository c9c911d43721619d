//! Agents that die: twenty processes work off a thousand tasks while they are killed, one after the other.
//!
//! Whoever sent a task sees it completed once, whatever happened to those who had it; and what the broker says of the
//! attempts is what the agents wrote down before they died.

mod books;
mod colony;
mod late;
mod sender;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait::until;

use books::Books;
use colony::Colony;
use late::Late;
use sender::Sender;

const AGENTS: usize = 20;
const SENDERS: usize = 5;
const TASKS_EACH: usize = 200;
/// How long the dead keep what they had, unless they rise again.
const LEASE_S: u64 = 1;
/// The most responses between one death and the next.
const RESPONSES_MAX: usize = 16;
/// For the whole flow; it takes a few seconds on an idle machine.
const FLOW_MAX: Duration = Duration::from_secs(60);
/// Names the seed of an earlier run. Who is killed next follows from it; what it was doing then does not.
const SEED: &str = "DEATHS_SEED";

fn seed() -> u64 {
    let given = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = given.unwrap_or(clock.as_millis() as u64);
    println!("{SEED}={seed}");
    seed
}

#[test]
fn every_task_is_completed_once_though_agents_are_killed() {
    let mut random = Random::new(seed());
    let lease = LEASE_S.to_string();
    let server = Server::clawlink_with(&["--lease-seconds", &lease]).unwrap();
    server.connect().unwrap().call(&["CONFIG", "SET", "results-max", "100000"]).unwrap();
    let mut late = Late::join(&server);
    let mut colony = Colony::start(&server, AGENTS, random.next_u64()).unwrap();

    let (heard, flowing) = (AtomicUsize::new(0), AtomicUsize::new(SENDERS));
    let (senders, receipt, kills) = thread::scope(|scope| {
        let start = |number: usize, seed: u64| {
            let (server, heard, flowing) = (&server, &heard, &flowing);
            scope.spawn(move || {
                let mut sender = Sender::join(server, number, Random::new(seed));
                sender.send_and_hear(TASKS_EACH, heard);
                flowing.fetch_sub(1, Ordering::SeqCst);
                sender
            })
        };
        let threads: Vec<_> = (0..SENDERS).map(|number| start(number, random.next_u64())).collect();
        let receipt = late.take();
        let kills = kill_while_tasks_flow(&mut colony, &mut random, &heard, &flowing);
        let join = |thread: thread::ScopedJoinHandle<'_, Sender>| thread.join().expect("a sender");
        (threads.into_iter().map(join).collect::<Vec<_>>(), receipt, kills)
    });

    // Parts that agents had others do may still be on their way.
    until("no task is leased or queued", || {
        let mut books = server.connect().unwrap();
        sender::open_tasks(&mut books) == 0
    });
    drop(colony);
    let (id, _) = receipt.split_once('#').expect("a receipt");
    let answered = format!("ANSWERED task '{id}' was answered already (completed)");
    assert_eq!(late.answer(&receipt), answered);
    let mut books = Books::read(&server, senders);
    books.balance();
    println!("{kills} agents killed; {}", books.summary());
    assert!(kills >= AGENTS, "only {kills} were killed");
    for (field, section) in [("tasks_leased", "clawlink"), ("caught_panics", "clawlink")] {
        assert_eq!(server.info(section, field).unwrap(), "0", "{field}");
    }
}

/// Kills an agent whenever some responses have been heard, so that slow machines see as many deaths as fast ones.
fn kill_while_tasks_flow(
    colony: &mut Colony,
    random: &mut Random,
    heard: &AtomicUsize,
    flowing: &AtomicUsize,
) -> usize {
    let (mut kills, mut next) = (0, 0);
    let deadline = Instant::now() + FLOW_MAX;
    while flowing.load(Ordering::SeqCst) > 0 {
        let so_far = heard.load(Ordering::SeqCst);
        assert!(Instant::now() < deadline, "{so_far} responses in {FLOW_MAX:?}");
        if so_far < next {
            thread::sleep(Duration::from_millis(1));
            continue;
        }
        colony.kill_and_replace(random.below(AGENTS), random.below(2) == 0).unwrap();
        kills += 1;
        next = so_far + 1 + random.below(RESPONSES_MAX);
    }
    kills
}
