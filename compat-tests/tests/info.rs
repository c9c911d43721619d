//! INFO as clients, dashboards and people read it.

use clawlink_compat_tests::server::Server;

/// Fields that client libraries and common dashboards read, by section.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "server",
        &["redis_version", "redis_mode", "os", "arch_bits", "process_id", "run_id", "tcp_port"],
    ),
    ("server", &["uptime_in_seconds", "uptime_in_days", "server_time_usec"]),
    ("clients", &["connected_clients", "blocked_clients", "maxclients"]),
    ("memory", &["used_memory", "used_memory_human", "used_memory_rss", "used_memory_peak"]),
    ("memory", &["maxmemory", "maxmemory_policy"]),
    ("persistence", &["loading", "rdb_changes_since_last_save", "aof_enabled"]),
    ("stats", &["total_connections_received", "total_commands_processed"]),
    ("stats", &["instantaneous_ops_per_sec", "rejected_connections", "expired_keys"]),
    ("stats", &["evicted_keys", "keyspace_hits", "keyspace_misses", "pubsub_channels"]),
    ("replication", &["role", "connected_slaves", "master_repl_offset"]),
    ("cpu", &["used_cpu_sys", "used_cpu_user"]),
    ("cluster", &["cluster_enabled"]),
];

#[test]
fn the_fields_that_clients_read_are_there() {
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        for (section, fields) in FIELDS {
            for field in *fields {
                let value = server.info(section, field).unwrap();
                assert!(!value.is_empty(), "{section} {field} is empty");
            }
        }
    }
}

#[test]
fn facts_that_both_know_are_equal() {
    let (redis, ours) = (Server::redis().unwrap(), Server::clawlink().unwrap());
    for (section, field) in [
        ("server", "redis_version"),
        ("server", "redis_mode"),
        ("server", "arch_bits"),
        ("replication", "role"),
        ("replication", "connected_slaves"),
        ("persistence", "loading"),
        ("persistence", "aof_enabled"),
        ("cluster", "cluster_enabled"),
        ("memory", "maxmemory"),
        ("memory", "maxmemory_policy"),
    ] {
        let expected = redis.info(section, field).unwrap();
        assert_eq!(ours.info(section, field).unwrap(), expected, "{section} {field}");
    }
    assert_eq!(ours.info("server", "tcp_port").unwrap(), ours.port().to_string());
    assert_eq!(ours.info("server", "process_id").unwrap(), ours.pid().to_string());
}

/// `# Keyspace` and its lines, without the average time to live.
fn keyspace(server: &Server) -> String {
    let mut client = server.connect().unwrap();
    client.call(&["SET", "a", "1"]).unwrap();
    client.call(&["SET", "b", "1", "EX", "1000"]).unwrap();
    client.call(&["SELECT", "3"]).unwrap();
    client.call(&["RPUSH", "l", "x"]).unwrap();
    let text = client.ask(&["INFO", "keyspace"]).unwrap().text();
    let lines = text.split("\r\n").map(|line| line.split(",avg_ttl").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_keyspace_section_is_equal() {
    assert_eq!(keyspace(&Server::clawlink().unwrap()), keyspace(&Server::redis().unwrap()));
}

#[test]
fn counters_count() {
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        let mut client = server.connect().unwrap();
        client.call(&["SET", "k", "v"]).unwrap();
        client.call(&["CONFIG", "RESETSTAT"]).unwrap();
        client.call(&["GET", "k"]).unwrap();
        client.call(&["GET", "k"]).unwrap();
        client.call(&["GET", "missing"]).unwrap();
        client.call(&["SUBSCRIBE", "c"]).unwrap();
        let count = |field: &str| server.info("stats", field).unwrap();
        assert_eq!(count("keyspace_hits"), "2", "{}", server.name());
        assert_eq!(count("keyspace_misses"), "1", "{}", server.name());
        assert_eq!(count("pubsub_channels"), "1", "{}", server.name());
        let mut other = server.connect().unwrap();
        other.call(&["PSUBSCRIBE", "p*"]).unwrap();
        let by_script = ["EVAL", "return redis.call('INFO', 'stats')", "0"];
        let text = server.connect().unwrap().ask(&by_script).unwrap().text();
        for line in ["pubsub_channels:1\r\n", "pubsub_patterns:1\r\n", "pubsubshard_channels:0\r\n"]
        {
            assert!(text.contains(line), "{}: {text}", server.name());
        }
    }
}

#[test]
fn the_section_of_the_agents_world_counts_it() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    for command in [
        &["CLAW.REGISTER", "bob"] as &[&str],
        &["CLAW.DELEGATE", "bob", "task"],
        &["CLAW.FILE", "PUT", "f", "x"],
        &["CLAW.BROADCAST", "news", "x"],
    ] {
        client.call(command).unwrap();
    }
    assert_eq!(server.info("clawlink", "agents").unwrap(), "1");
    assert_eq!(server.info("clawlink", "files").unwrap(), "1");
    assert_eq!(server.info("clawlink", "caught_panics").unwrap(), "0");
    assert!(!server.info("clawlink", "version").unwrap().is_empty());
    for field in ["mailboxes", "tasks", "topics"] {
        let count: u64 = server.info("clawlink", field).unwrap().parse().unwrap();
        assert!(count >= 1, "{field}: {count}");
    }
}
