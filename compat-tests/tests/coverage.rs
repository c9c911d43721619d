//! No command without a test: what COMMAND LIST names is exercised by a transcript.

use std::collections::BTreeSet;

use clawlink_compat_tests::binary::workspace;
use clawlink_compat_tests::server::Server;

/// Commands that end or change the connection in ways a transcript has no words for, and the
/// test that exercises each.
const ELSEWHERE: [(&str, &str); 2] = [("monitor", "clients.rs"), ("shutdown", "shutdown.rs")];

/// The first words of all lines, lower case, and the first two as COMMAND LIST names
/// subcommands: `config|get`.
fn exercised() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["transcripts", "transcripts/claw", "transcripts/token"] {
        let path = workspace().join("compat-tests").join(folder);
        for entry in path.read_dir().unwrap() {
            // A folder inside is no text, and gets its own turn.
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
            for line in text.to_lowercase().lines() {
                let mut words = line.split(' ');
                let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
                names.extend([first.to_owned(), format!("{first}|{second}")]);
            }
        }
    }
    names
}

#[test]
fn every_command_is_exercised() {
    let server = Server::clawlink().unwrap();
    let list = server.connect().unwrap().ask(&["COMMAND", "LIST"]).unwrap();
    let exercised = exercised();
    let missing: Vec<String> = list
        .items()
        .iter()
        .map(|name| name.text().to_lowercase())
        .filter(|name| !exercised.contains(name))
        .filter(|name| !ELSEWHERE.iter().any(|(elsewhere, _)| elsewhere == name))
        .collect();
    assert!(list.items().len() > 100, "only {} commands are listed", list.items().len());
    assert!(missing.is_empty(), "no transcript uses {missing:?}");
}

#[test]
fn what_is_tested_elsewhere_is() {
    for (name, file) in ELSEWHERE {
        let path = workspace().join("compat-tests/tests").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("\"{}\"", name.to_uppercase())), "{file} has no {name}");
    }
}
