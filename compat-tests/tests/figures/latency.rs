//! How the times of commands are distributed, with real figures.

use std::collections::BTreeSet;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::server::Server;

fn servers() -> [Server; 2] {
    [Server::redis().unwrap(), Server::clawlink().unwrap()]
}

/// The lines of `INFO latencystats`, without its title.
fn stats(client: &mut Client) -> Vec<String> {
    let text = client.ask(&["INFO", "latencystats"]).unwrap().text();
    let lines = text.lines().map(|line| line.trim_end().to_owned());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The commands of which there is a distribution.
fn commands(client: &mut Client) -> BTreeSet<String> {
    let names = stats(client).into_iter();
    names.map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

#[test]
fn the_commands_that_ran_have_percentiles() {
    let [redis, ours] = servers().map(|server| {
        let mut client = server.connect().unwrap();
        client.call(&["CONFIG", "RESETSTAT"]).unwrap();
        for line in [
            "SET a 1",
            "GET a",
            "GET",
            "INCR x",
            "LPUSH a 1",
            "BLPOP q 0.01",
            "MULTI",
            "INCR n",
            "EXEC",
            "EVAL return(redis.call('get','a')) 0",
            "CLIENT ID",
            "NOSUCH",
        ] {
            client.call(&line.split(' ').collect::<Vec<_>>()).unwrap();
        }
        commands(&mut client)
    });
    assert_eq!(ours, redis);
}

#[test]
fn percentiles_are_those_that_are_asked_for() {
    for server in servers() {
        let mut client = server.connect().unwrap();
        client.call(&["CONFIG", "SET", "latency-tracking-info-percentiles", "50 100"]).unwrap();
        client.call(&["CONFIG", "RESETSTAT"]).unwrap();
        client.call(&["DEBUG", "SLEEP", "0.02"]).unwrap();
        let lines = stats(&mut client);
        let line =
            lines.iter().find_map(|line| line.strip_prefix("latency_percentiles_usec_debug:"));
        let values: Vec<(&str, f64)> = line
            .unwrap()
            .split(',')
            .map(|part| part.split_once('=').map(|(name, us)| (name, us.parse().unwrap())).unwrap())
            .collect();
        let [("p50", median), ("p100", most)] = values[..] else {
            panic!("{}: {values:?}", server.name())
        };
        assert!(median >= 19_000.0 && median == most, "{}: {values:?}", server.name());
        client.call(&["CONFIG", "SET", "latency-tracking", "no"]).unwrap();
        assert!(stats(&mut client).is_empty(), "{}", server.name());
    }
}
