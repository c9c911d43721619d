//! The checker itself: it must see a difference where there is one.

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::transcript::{Protocol, Report, Transcript, check, compare_servers};

/// Two servers that differ in one setting only: `SELECT 5` works on one of them.
fn run(text: &str, protocol: Protocol) -> Report {
    let reference = Server::redis().unwrap();
    let subject = Server::redis_with(&["--databases", "4"]).unwrap();
    let transcript = Transcript::parse("checker", text).unwrap();
    compare_servers(&transcript, &reference, &subject, protocol).unwrap()
}

#[test]
fn one_different_reply_is_found_and_shown() {
    let report = run("== x\nSELECT 3\nSELECT 5\nSELECT 2\n", Protocol::Resp2);
    assert_eq!(report.steps, 3);
    assert_eq!(report.differences.len(), 1);
    let shown = &report.differences[0];
    for part in ["checker.txt:3", "> SELECT 5", "+OK", "-ERR DB index is out of range"] {
        assert!(shown.contains(part), "{part} is missing in:\n{shown}");
    }
}

#[test]
fn a_difference_inside_a_transaction_is_found() {
    let text = "== x\nMULTI\nSET a 1\nSELECT 5\nEXEC\n";
    assert_eq!(run(text, Protocol::Resp3).differences.len(), 1);
}

#[test]
fn a_relaxed_comparison_still_sees_another_type() {
    let text = "== x\n@kind\nSELECT 5\n@shape\nSELECT 5\n@unordered\nSELECT 5\n";
    assert_eq!(run(text, Protocol::Resp2).differences.len(), 3);
}

#[test]
fn equal_servers_have_no_differences() {
    run("== x\nSET a 1\nGET a\n@unordered\nKEYS *\n", Protocol::Resp3).assert_clean();
}

#[test]
#[should_panic(expected = "nothing was compared")]
fn a_run_that_compares_nothing_is_no_success() {
    run("== x [resp3]\nPING\n", Protocol::Resp2).assert_clean();
}

#[test]
fn an_unmet_expectation_is_found() {
    let server = Server::redis().unwrap();
    let text = "== x\nPING\n= +PONG\nECHO hi\n= \"ho\"\nECHO hi\n= \"hi\"\nGET k\n";
    let transcript = Transcript::parse("checker", text).unwrap();
    let report = check(&transcript, &server, Protocol::Resp3).unwrap();
    // The wrong one, and the one without an expectation.
    assert_eq!(report.differences.len(), 2, "{report}");
}
