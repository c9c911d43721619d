//! Random walks with an audience: not only is every reply Redis's, but also what others hear of each command. One
//! listens to keyspace notifications, one caches what it reads, and one asks for every change below a prefix.
//!
//! A failure prints the seed and the last steps; the walk is the same in every run.
//!
//! For longer: `WALK_SEEDS=500 cargo test -p clawlink-compat-tests --test heard` walks from so many seeds.

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::server::Server;

const STEPS: usize = 1_500;

/// How many of the steps before a difference are shown.
const SHOWN: usize = 25;

/// A command a line. `K` stands for a key, `V` for a value, `N` for a number, `F` for a field or a member; `?` in front
/// says that the reply is Redis's choice.
const COMMANDS: &str = include_str!("commands.txt");

/// What the client that caches reads.
const READS: &[&str] = &["GET K", "EXISTS K K", "LRANGE K 0 -1", "TYPE K", "HGET K f1", "TTL K"];

const KEYS: &[&str] = &["k1", "k2", "other", "k3"];
const VALUES: &[&str] = &["a", "b", "", "12", "-7", "3.5"];
const NUMBERS: &[&str] = &["0", "1", "2", "-1", "5"];
const FIELDS: &[&str] = &["f1", "f2", "f3"];

fn fill(random: &mut Random, template: &str) -> Vec<String> {
    let word = |word: &str| {
        match word {
            "K" => random.pick(KEYS),
            "V" => random.pick(VALUES),
            "N" => random.pick(NUMBERS),
            "F" => random.pick(FIELDS),
            word => word,
        }
        .to_owned()
    };
    template.split(' ').map(word).collect()
}

/// One server, who acts on it, and its audience.
struct Stage {
    actor: Client,
    /// Says when a step is over.
    speaker: Client,
    listener: Client,
    cacher: Client,
    follower: Client,
}

impl Stage {
    fn new(server: &Server, events: &str) -> Self {
        let join = |greeting: &[&str]| {
            let mut client = server.connect().unwrap();
            for line in greeting {
                client.call(&line.split(' ').collect::<Vec<_>>()).unwrap();
            }
            client
        };
        let setting = format!("CONFIG SET notify-keyspace-events {events}");
        Self {
            actor: join(&[&setting]),
            speaker: join(&[]),
            listener: join(&["PSUBSCRIBE __key*"]),
            cacher: join(&["HELLO 3", "CLIENT TRACKING ON"]),
            follower: join(&["HELLO 3", "CLIENT TRACKING ON BCAST PREFIX k"]),
        }
    }

    /// What the audience has heard since it was asked last.
    fn heard(&mut self) -> String {
        let end = b"end of step";
        self.speaker.call(&[&b"PUBLISH"[..], b"__keyend", end]).unwrap();
        self.cacher.send(&[&b"ECHO"[..], end]).unwrap();
        self.follower.send(&[&b"ECHO"[..], end]).unwrap();
        let mut heard = String::new();
        let audience = [
            ("listener", &mut self.listener),
            ("cacher", &mut self.cacher),
            ("follower", &mut self.follower),
        ];
        for (name, client) in audience {
            loop {
                let message = client.read_reply().unwrap();
                if message.windows(end.len()).any(|part| part == end) {
                    break;
                }
                heard.push_str(&format!("{name} {}\n", message.escape_ascii()));
            }
        }
        heard
    }
}

/// How much was heard in a walk.
fn walk(seed: u64, events: &str) -> usize {
    let servers = [Server::redis().unwrap(), Server::clawlink().unwrap()];
    let [mut redis, mut ours] = servers.each_ref().map(|server| Stage::new(server, events));
    let commands: Vec<&str> =
        COMMANDS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut random = Random::new(seed);
    let (mut done, mut count): (Vec<String>, usize) = (Vec::new(), 0);
    let mut is_open = false;
    for number in 0..STEPS {
        let template = random.pick(&commands);
        let command = fill(&mut random, template.trim_start_matches('?'));
        done.push(command.join(" "));
        let before = || done[done.len().saturating_sub(SHOWN)..].join("\n  ");
        let (expected, got) =
            (redis.actor.call(&command).unwrap(), ours.actor.call(&command).unwrap());
        // What was queued with an open reply leaves that of EXEC open.
        is_open = template.starts_with('?') || is_open && template != "DISCARD";
        assert!(
            got == expected || is_open,
            "seed {seed}, step {number}: the broker says {}, Redis says {}, to the last of\n  {}",
            got.escape_ascii(),
            expected.escape_ascii(),
            before(),
        );
        if got == b"+QUEUED\r\n" {
            continue;
        }
        is_open &= got.starts_with(b"-ERR MULTI");
        let (expected, got) = (redis.heard(), ours.heard());
        assert!(
            got == expected,
            "seed {seed}, step {number}: of the broker is heard\n{got}of Redis\n{expected}after\n  {}",
            before(),
        );
        count += expected.lines().count();
        if number % 2 == 0 {
            let template = random.pick(READS);
            let read = fill(&mut random, template);
            redis.cacher.call(&read).unwrap();
            ours.cacher.call(&read).unwrap();
            done.push(format!("(cached) {}", read.join(" ")));
        }
    }
    count
}

fn seeds() -> u64 {
    std::env::var("WALK_SEEDS").map_or(1, |text| text.parse().unwrap())
}

#[test]
fn what_happens_to_keys() {
    for seed in 31..31 + seeds() {
        let heard = walk(seed, "KEA");
        assert!(heard > STEPS / 4, "seed {seed}: only {heard} messages were heard");
    }
}

#[test]
fn what_happens_to_keys_and_what_is_missed() {
    for seed in 51..51 + seeds() {
        let heard = walk(seed, "EAnm");
        assert!(heard > STEPS / 4, "seed {seed}: only {heard} messages were heard");
    }
}
