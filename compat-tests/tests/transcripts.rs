//! Every file in `transcripts/` against the real `redis-server`, under both protocols.
//!
//! One file alone: `cargo test -p clawlink-compat-tests --test transcripts -- strings`.

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::transcript::{Protocol, Transcript, compare_servers};

const FOLDER: &str = "transcripts";

fn compare(name: &str, subject: &Server, protocol: Protocol) {
    let transcript = Transcript::read(FOLDER, name).unwrap();
    let reference = Server::redis().unwrap();
    compare_servers(&transcript, &reference, subject, protocol).unwrap().assert_clean();
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn resp2() {
                compare(stringify!($name), &Server::clawlink().unwrap(), Protocol::Resp2);
            }

            #[test]
            fn resp3() {
                compare(stringify!($name), &Server::clawlink().unwrap(), Protocol::Resp3);
            }

            // Redis has to agree with itself, or the transcript demands what nobody can do.
            #[test]
            fn oracle_with_itself() {
                compare(stringify!($name), &Server::redis().unwrap(), Protocol::Resp2);
                compare(stringify!($name), &Server::redis().unwrap(), Protocol::Resp3);
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
    blocking
    commands
    config
    connection
    dump
    expiry
    found
    hashes
    jobs_python
    jobs_scripts
    keys
    latency
    lists
    notifications
    plain_streams
    pubsub
    scripts
    scripts_commands
    scripts_errors
    scripts_language
    scripts_libraries
    scripts_patterns
    scripts_sandbox
    scripts_values
    server
    sets
    sort
    stream_groups
    streams
    strings
    tracking
    transactions
    transactions_commands
    transactions_watch
    zsets
    zsets_blocking
    zsets_combined
    zsets_ranges
}
