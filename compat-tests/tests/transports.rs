//! The same broker by other ways in: Unix socket, IPv6, several threads for connections.

use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::transcript::{Protocol, Transcript, compare_servers};

fn redis_cli(args: &[&str]) -> String {
    let output = Command::new("redis-cli").args(args).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_unix_socket_reaches_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let path = path.to_str().unwrap();
    let server = Server::clawlink_with(&["--unix-socket", path]).unwrap();
    server.connect().unwrap().call(&["SET", "k", "by tcp"]).unwrap();
    assert_eq!(redis_cli(&["-s", path, "GET", "k"]), "by tcp");
    assert_eq!(redis_cli(&["-s", path, "SET", "k", "by socket"]), "OK");
    let reply = server.connect().unwrap().ask(&["GET", "k"]).unwrap();
    assert_eq!(reply.text(), "by socket");
}

#[test]
fn a_socket_file_that_was_left_behind_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let options = ["--unix-socket", path.to_str().unwrap()];
    let killed = Server::clawlink_with(&options).unwrap();
    drop(killed);
    assert!(path.exists(), "a killed broker cannot clean up, so this shows nothing");
    let _again = Server::clawlink_with(&options).unwrap();
    assert_eq!(redis_cli(&["-s", options[1], "PING"]), "PONG");
}

#[test]
fn ipv6_loopback_answers_where_there_is_one() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("this machine has no IPv6 loopback: nothing to test");
        return;
    }
    let server = Server::clawlink().unwrap();
    assert!(TcpStream::connect((Ipv6Addr::LOCALHOST, server.port())).is_ok());
    assert_eq!(redis_cli(&["-h", "::1", "-p", &server.port().to_string(), "PING"]), "PONG");
}

#[test]
fn several_threads_give_the_same_replies() {
    for name in ["blocking", "pubsub", "transactions", "connection", "keys"] {
        let transcript = Transcript::read("transcripts", name).unwrap();
        let redis = Server::redis().unwrap();
        let ours = Server::clawlink_with(&["--io-threads", "2"]).unwrap();
        compare_servers(&transcript, &redis, &ours, Protocol::Resp3).unwrap().assert_clean();
    }
}
