//! Ending: in time, in order, and with a word to those who wait.

use std::time::Duration;

use clawlink_compat_tests::client::encode;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::server::Server;

const EXIT_MAX: Duration = Duration::from_secs(5);

#[test]
fn sigterm_ends_an_idle_broker() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::clawlink().unwrap();
        server.signal(signal).unwrap();
        let status = server.wait_for_exit(EXIT_MAX).unwrap();
        assert!(status.success(), "{signal}: {status}\n{}", server.log());
    }
}

#[test]
fn blocked_clients_are_told() {
    let mut server = Server::clawlink().unwrap();
    let commands: [&[&str]; 5] = [
        &["BLPOP", "queue", "0"],
        &["BRPOP", "inbox:bob", "inbox:@rust", "0"],
        &["BLMOVE", "queue", "inbox:bob", "LEFT", "RIGHT", "0"],
        &["XREAD", "BLOCK", "0", "STREAMS", "topic:news", "$"],
        &["BLMPOP", "0", "2", "queue", "inbox:carol", "LEFT"],
    ];
    let mut clients = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let mut client = server.connect().unwrap();
        client.send(command).unwrap();
        server.wait_for_blocked(index + 1);
        clients.push(client);
    }
    server.signal("TERM").unwrap();
    for (client, command) in clients.iter_mut().zip(commands) {
        let replies = client.replies_to_end().unwrap();
        assert!(matches!(replies.as_slice(), [Reply::Error(_)]), "{command:?}: {replies:?}");
    }
    assert!(server.wait_for_exit(EXIT_MAX).unwrap().success());
}

#[test]
fn subscribers_and_idle_clients_do_not_hold_it_up() {
    let mut server = Server::clawlink().unwrap();
    let mut idle = server.connect().unwrap();
    idle.call(&["PING"]).unwrap();
    let mut subscriber = server.connect().unwrap();
    subscriber.call(&["SUBSCRIBE", "topic:news"]).unwrap();
    let mut half = server.connect().unwrap();
    half.send_raw(b"*2\r\n$3\r\nGET\r\n$100\r\nhalf").unwrap();
    server.signal("TERM").unwrap();
    assert!(server.wait_for_exit(EXIT_MAX).unwrap().success());
    assert_eq!(idle.read_to_end().unwrap(), b"");
    assert_eq!(subscriber.read_to_end().unwrap(), b"");
}

/// What was answered was done, and what was done is answered: no reply is cut in half.
#[test]
fn what_is_in_flight_is_finished() {
    let mut server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    client.send_raw(&encode(&["INCR", "n"]).repeat(5_000)).unwrap();
    assert_eq!(client.read().unwrap(), Reply::Integer(1));
    server.signal("TERM").unwrap();
    let replies = client.replies_to_end().unwrap();
    for (index, reply) in replies.iter().enumerate() {
        assert_eq!(*reply, Reply::Integer(index as i64 + 2));
    }
    assert!(server.wait_for_exit(EXIT_MAX).unwrap().success());
}

#[test]
fn shutdown_by_command() {
    for command in [&["SHUTDOWN"] as &[&str], &["SHUTDOWN", "NOSAVE"]] {
        let mut server = Server::clawlink().unwrap();
        let mut client = server.connect().unwrap();
        client.send(command).unwrap();
        assert_eq!(client.read_to_end().unwrap(), b"");
        assert!(server.wait_for_exit(EXIT_MAX).unwrap().success());
    }
}
