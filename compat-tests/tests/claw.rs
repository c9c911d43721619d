//! The `CLAW.*` commands, which Redis does not have, against the replies written beside them.
//!
//! One file alone: `cargo test -p clawlink-compat-tests --test claw -- files`.

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::transcript::{Protocol, Transcript, check};

const FOLDER: &str = "transcripts/claw";

/// What a transcript needs beside the defaults.
fn options(name: &str) -> &'static [&'static str] {
    match name {
        "require_identity" => &["--require-identity", "--stale-seconds", "1"],
        "stale" => &["--stale-seconds", "1"],
        _ => &[],
    }
}

fn run(name: &str, protocol: Protocol) {
    let transcript = Transcript::read(FOLDER, name).unwrap();
    let server = Server::clawlink_with(options(name)).unwrap();
    check(&transcript, &server, protocol).unwrap().assert_clean();
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn resp2() {
                run(stringify!($name), Protocol::Resp2);
            }

            #[test]
            fn resp3() {
                run(stringify!($name), Protocol::Resp3);
            }
        })*

        #[test]
        fn every_file_is_run() {
            let run = [$(stringify!($name)),*];
            assert_eq!(Transcript::names(FOLDER).unwrap(), run);
        }
    };
}

transcripts! {
    agents
    broadcasts
    caching
    cancel
    connection
    files
    files_locks
    files_merge
    files_past
    files_watch
    groups
    identity
    key_events
    knowledge
    leases
    removed
    require_identity
    retries
    scripts
    search
    stale
    talk
    tasks
    terms
}
