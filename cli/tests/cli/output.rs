//! Colours, completions and readers that leave.

use std::process::Stdio;

use crate::support::{Broker, Home, Run, bulk, list};

#[test]
fn colours_are_for_terminals_and_no_color_wins() {
    let home = Home::new();
    let broker = Broker::with([1, 2, 3].map(|_| bulk("bob.t.1")));
    let coloured = |variables: &[(&str, &str)]| {
        let args = ["delegate", "--as", "me", "--to", "bob", "--task", "t"];
        let mut command = home.command(&broker.relay(), &args);
        command.envs(variables.iter().copied());
        Run::from(command.output().expect("a run")).text().contains('\x1b')
    };
    assert!(!coloured(&[]), "a pipe is no terminal");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    broker.heard();
}

#[test]
fn completions_are_complete() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.run("", &["completions", shell]).text();
        for word in ["delegate", "file-put", "msg-id", "relay"] {
            assert!(script.contains(word), "{shell} completes {word}");
        }
        let json = home.run("", &["completions", shell, "--json"]).json(0);
        assert_eq!((&json["shell"], &json["script"]), (&shell.into(), &script.into()));
    }
}

#[test]
fn a_reader_that_left_is_no_failure() {
    let home = Home::new();
    let broker = Broker::with([list([])]);
    let mut command = home.command(&broker.relay(), &["discover"]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command.stdout(writer).stderr(Stdio::piped()).output().expect("a run");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    broker.heard();
}
