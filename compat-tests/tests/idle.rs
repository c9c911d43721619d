//! Settings that act on connections while they are open.

use std::time::Duration;

use clawlink_compat_tests::server::Server;
use clawlink_compat_tests::wait::until;

/// Longer than the timeout that the test sets, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(8);

#[test]
fn idle_clients_are_closed_and_those_that_wait_are_not() {
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        let mut idle = server.connect().unwrap();
        idle.call(&["PING"]).unwrap();
        let mut subscriber = server.connect().unwrap();
        subscriber.call(&["SUBSCRIBE", "c"]).unwrap();
        let mut blocked = server.connect().unwrap();
        blocked.send(&["BLPOP", "q", "0"]).unwrap();
        server.wait_for_blocked(1);
        let mut other = server.connect().unwrap();
        other.call(&["CONFIG", "SET", "timeout", "1"]).unwrap();

        idle.set_patience(PATIENCE).unwrap();
        assert_eq!(idle.read_to_end().unwrap(), b"", "{}", server.name());
        let mut other = server.connect().unwrap();
        other.call(&["CONFIG", "SET", "timeout", "0"]).unwrap();
        other.call(&["PUBLISH", "c", "x"]).unwrap();
        assert_eq!(subscriber.read().unwrap().items()[2].text(), "x", "{}", server.name());
        other.call(&["RPUSH", "q", "y"]).unwrap();
        assert_eq!(blocked.read().unwrap().items()[1].text(), "y", "{}", server.name());
    }
}

#[test]
fn maxclients_can_be_lowered_while_clients_are_connected() {
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        let mut first = server.connect().unwrap();
        until("only this connection is left", || {
            let list = first.ask(&["CLIENT", "LIST"]).unwrap().text();
            list.lines().count() == 1
        });
        first.call(&["CONFIG", "SET", "maxclients", "1"]).unwrap();
        let refused = server.connect().unwrap().replies_to_end().unwrap();
        assert_eq!(refused[0].text(), "ERR max number of clients reached", "{}", server.name());
        assert_eq!(first.ask(&["PING"]).unwrap().text(), "PONG");
    }
}

#[test]
fn ops_per_second_are_measured() {
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        let mut client = server.connect().unwrap();
        until("the rate of commands is shown", || {
            for _ in 0..200 {
                client.call(&["PING"]).unwrap();
            }
            server.info("stats", "instantaneous_ops_per_sec").unwrap() != "0"
        });
    }
}
