//! The programs `plain` and `mesh` of `programs/`: what the clients of every language do, one by one and together.

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::language::Language;
use clawlink_compat_tests::program::Program;
use clawlink_compat_tests::server::Server;

const TOKEN: &str = "sesame";

const PLAIN: &str = "\
wrong token: refused
bytes: 1048576 back
file: one two
pipeline: 1 2 3
transaction: 4 one two
watched: somebody else was first
script: 10
refused: WRONGTYPE Operation against a key holding the wrong kind of value
heard: the build is green
popped: a letter
connected again: one two
";

/// Has a language's `plain` play its part, and gives it what it waits for.
fn play(language: Language, protocol: &str, server: &Server) {
    let mut hand = server.connect().unwrap();
    hand.call(&["AUTH", TOKEN]).unwrap();
    let mut command = language.command("plain");
    command.env("CLAWLINK_TOKEN", TOKEN).env("CLAWLINK_PROTOCOL", protocol);
    let mut program = Program::start(language.folder(), command, server);

    program.until("it is subscribed", || subscribers(&mut hand, "topic:news") == 1);
    hand.call(&["PUBLISH", "topic:news", "the build is green"]).unwrap();
    let mut blocked = String::new();
    program.until("it waits for its inbox", || {
        blocked = blocked_client(&mut hand);
        !blocked.is_empty()
    });
    assert!(blocked.contains(&format!(" resp={protocol}")), "not RESP{protocol}: {blocked}");
    hand.call(&["LPUSH", "inbox:plain", "a letter"]).unwrap();
    assert_eq!(program.finish(), PLAIN, "left is what {language:?} printed");
}

fn subscribers(hand: &mut Client, channel: &str) -> i64 {
    let counts = hand.ask(&["PUBSUB", "NUMSUB", channel]).unwrap();
    counts.items()[1].integer().unwrap()
}

/// How `CLIENT LIST` shows the client that is blocked; empty if none is.
fn blocked_client(hand: &mut Client) -> String {
    let list = hand.ask(&["CLIENT", "LIST"]).unwrap().text();
    let line = list.lines().find(|line| line.contains(" cmd=brpop ") && line.contains(" flags=b "));
    line.unwrap_or_default().to_owned()
}

/// Has an agent of each of these languages in one mesh: they hear each other, each has its task answered by the next,
/// and all sign one file.
fn meet(languages: &[Language]) {
    let server = Server::clawlink_with(&["--require-identity"]).unwrap();
    let mut hand = server.connect().unwrap();
    hand.call(&["SET", "file:roll.txt", "present:\n"]).unwrap();

    let number = languages.iter().enumerate();
    let ids: Vec<String> =
        number.map(|(n, language)| format!("{}-{n}", language.folder())).collect();
    let count = ids.len();
    let mut programs = Vec::new();
    for (n, language) in languages.iter().enumerate() {
        let mut command = language.command("mesh");
        command.args([&ids[n], &ids[(n + 1) % count], &count.to_string()]);
        programs.push(Program::start(&ids[n], command, &server));
    }
    for program in &mut programs {
        program.until("all are subscribed", || {
            usize::try_from(subscribers(&mut hand, "topic:hello")) == Ok(count)
        });
    }
    hand.call(&["PUBLISH", "topic:hello", "begin"]).unwrap();

    let mut sorted = ids.clone();
    sorted.sort();
    for (n, program) in programs.into_iter().enumerate() {
        let lines = [
            format!("heard: {}", sorted.join(" ")),
            format!("greeters: {count}"),
            "refused: NOAGENT no agent 'nobody' is registered".to_owned(),
            format!("task from {}: greet me, attempt 1", ids[(n + count - 1) % count]),
            format!("answer from {}: hello {}", ids[(n + 1) % count], ids[n]),
            "the roll is signed: yes\n".to_owned(),
        ];
        assert_eq!(program.finish(), lines.join("\n"), "left is what {} printed", ids[n]);
    }
    let roll = hand.ask(&["GET", "file:roll.txt"]).unwrap().text();
    let mut signed: Vec<&str> = roll.lines().collect();
    assert_eq!(signed.remove(0), "present:");
    signed.sort_unstable();
    assert_eq!(signed, sorted);
}

#[test]
fn agents_of_all_languages_are_one_mesh() {
    meet(&Language::ALL);
}

/// A language and the protocol versions that its client speaks.
macro_rules! clients {
    ($($name:ident: $language:ident speaks $($protocol:literal)*;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn is_at_home_on_clawlink() {
                for protocol in [$($protocol),*] {
                    let server = Server::clawlink_with(&["--token", TOKEN]).unwrap();
                    play(Language::$language, protocol, &server);
                }
            }

            #[test]
            fn is_at_home_on_redis() {
                for protocol in [$($protocol),*] {
                    let server = Server::redis_with(&["--requirepass", TOKEN]).unwrap();
                    play(Language::$language, protocol, &server);
                }
            }

            #[test]
            fn is_an_agent() {
                meet(&[Language::$language, Language::$language]);
            }
        })*
    };
}

clients! {
    hiredis: C speaks "2";
    eredis: Erlang speaks "2";
    redigo: Go speaks "2";
    ioredis: Ioredis speaks "2" "3";
    redis_lua: Lua speaks "2";
    node_redis: NodeRedis speaks "2" "3";
    redis_pm: Perl speaks "2";
    phpredis: Php speaks "2";
    redis_py: Python speaks "2" "3";
    redis_rb: Ruby speaks "2";
    redis_rs: Rust speaks "2" "3";
}
