//! The grammar names every command that both servers have, and every option of each.

use std::collections::{BTreeMap, BTreeSet};

use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::walk::grammar::{Grammar, Part};

/// Options that no walk sends, and why; `*` for all of a command.
const OPTIONS_LEFT_OUT: &[(&str, &str, &str)] = &[
    ("xadd", "*", "the id would be the time"),
    ("client|tracking", "*", "messages come on top of the replies; transcripts"),
    ("client|kill", "*", "would end connections of the walk; tests/clients.rs"),
    ("script|debug", "*", "scripts are not debugged"),
];

/// By command, as COMMAND LIST names it, all words of its lines in lower case.
fn walked() -> BTreeMap<String, BTreeSet<String>> {
    let grammar = Grammar::read().unwrap();
    let mut walked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let lines = grammar.families.values().flat_map(|family| &family.lines);
    for pattern in lines.flat_map(|line| &line.patterns) {
        let Part::Word(name) = &pattern.parts[0] else { panic!("a line begins with no name") };
        let name = text(name);
        let mut words = BTreeSet::new();
        collect(&grammar, &pattern.parts, &mut words);
        for word in &words {
            walked.entry(format!("{name}|{word}")).or_default().extend(words.clone());
        }
        walked.entry(name).or_default().extend(words);
    }
    walked
}

fn text(word: &[u8]) -> String {
    String::from_utf8_lossy(word).to_lowercase()
}

fn collect(grammar: &Grammar, parts: &[Part], words: &mut BTreeSet<String>) {
    for part in parts {
        match part {
            Part::Word(word) => drop(words.insert(text(word))),
            Part::Kind(kind) => {
                let Some(kind) = grammar.kinds.get(kind) else { continue };
                kind.usual.iter().chain(&kind.edges).for_each(|part| collect(grammar, part, words));
            }
            Part::OneOf(choices)
            | Part::Maybe(choices)
            | Part::AnyOf(choices)
            | Part::Times(_, choices) => {
                choices.iter().for_each(|parts| collect(grammar, parts, words));
            }
        }
    }
}

/// The names of the commands of a server, containers and their subcommands.
fn commands(server: &Server) -> BTreeSet<String> {
    let list = server.connect().unwrap().ask(&["COMMAND", "LIST"]).unwrap();
    list.items().iter().map(|name| name.text().to_lowercase()).collect()
}

#[test]
fn every_command_of_both_is_walked_or_left_out_for_a_reason() {
    let (redis, ours) = (Server::redis().unwrap(), Server::clawlink().unwrap());
    let (walked, left_out) = (walked(), Grammar::left_out().unwrap());
    let both: BTreeSet<String> = commands(&redis).intersection(&commands(&ours)).cloned().collect();
    assert!(both.len() > 200, "only {} commands are in both", both.len());
    let missing: Vec<_> = both
        .iter()
        .filter(|name| !walked.contains_key(*name) && !left_out.contains_key(*name))
        .collect();
    assert!(missing.is_empty(), "no walk sends {missing:?}");
    let needless: Vec<_> = left_out.keys().filter(|name| !both.contains(*name)).collect();
    assert!(needless.is_empty(), "left out, but not in both servers: {needless:?}");
}

#[test]
fn every_option_is_walked() {
    let (redis, walked) = (Server::redis().unwrap(), walked());
    let docs = redis.connect().unwrap().ask(&["COMMAND", "DOCS"]).unwrap();
    let mut missing = Vec::new();
    check_options(&docs, &walked, &mut missing);
    assert!(missing.is_empty(), "no walk uses {missing:?}");
}

/// Goes through a reply of COMMAND DOCS: names and what is said of each.
fn check_options(
    docs: &Reply,
    walked: &BTreeMap<String, BTreeSet<String>>,
    missing: &mut Vec<String>,
) {
    for entry in docs.items().chunks(2) {
        let name = entry[0].text().to_lowercase();
        for about in entry[1].items().chunks(2) {
            match (&*about[0].text(), walked.get(&name)) {
                ("subcommands", _) => check_options(&about[1], walked, missing),
                ("arguments", Some(words)) => {
                    let mut tokens = Vec::new();
                    collect_tokens(&about[1], &mut tokens);
                    let is_left_out = |token: &String| {
                        OPTIONS_LEFT_OUT.iter().any(|(command, option, _)| {
                            *command == name && (*option == "*" || option == token)
                        })
                    };
                    let absent = |token: &String| {
                        !words.contains(&token.to_lowercase()) && !is_left_out(token)
                    };
                    missing.extend(
                        tokens.into_iter().filter(absent).map(|token| format!("{name} {token}")),
                    );
                }
                _ => {}
            }
        }
    }
}

fn collect_tokens(arguments: &Reply, tokens: &mut Vec<String>) {
    for argument in arguments.items() {
        for pair in argument.items().chunks(2) {
            match &*pair[0].text() {
                "token" => tokens.push(pair[1].text()),
                "arguments" => collect_tokens(&pair[1], tokens),
                _ => {}
            }
        }
    }
}
