//! `INFO` and `MEMORY`: every field of Redis is there, and what has to be a figure is one.

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::server::Server;

/// Fields that say how Redis itself was built.
const OF_THE_BUILD: &[&str] = &["atomicvar_api", "gcc_version"];

/// The names of all fields of `INFO`, in order, but those with the name of a command, an error or a database.
fn names(client: &mut Client) -> Vec<String> {
    let text = client.ask(&["INFO", "everything"]).unwrap().text();
    let names =
        text.lines().filter_map(|line| line.split_once(':').map(|(name, _)| name.to_owned()));
    let varies = |name: &str| {
        let prefixes = ["cmdstat_", "errorstat_", "latency_percentiles_", "db"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    names.filter(|name| !varies(name) && !OF_THE_BUILD.contains(&name.as_str())).collect()
}

#[test]
fn all_fields_of_redis_are_there_in_their_order() {
    let (redis, ours) = (Server::redis().unwrap(), Server::clawlink().unwrap());
    let expected = names(&mut redis.connect().unwrap());
    let mut found = names(&mut ours.connect().unwrap());
    found.retain(|name| expected.contains(name));
    assert_eq!(found, expected);
}

fn number(server: &Server, section: &str, field: &str) -> f64 {
    let value = server.info(section, field).unwrap();
    value.trim_end_matches('%').parse().unwrap_or_else(|_| panic!("{field}:{value}"))
}

#[test]
fn memory_moves_with_what_is_kept() {
    for server in [Server::redis().unwrap(), Server::clawlink().unwrap()] {
        let mut client = server.connect().unwrap();
        let of = |field: &str| number(&server, "memory", field);
        let (used, dataset) = (of("used_memory"), of("used_memory_dataset"));
        assert!(of("used_memory_startup") > 0.0 && of("allocator_allocated") > 0.0);
        client.call(&["SET", "large", &"x".repeat(8_000_000)]).unwrap();
        let more = of("used_memory") - used;
        assert!((7e6..20e6).contains(&more), "{}: {more}", server.name());
        assert!(of("used_memory_dataset") - dataset > 7e6, "{}", server.name());
        client.call(&["DEL", "large"]).unwrap();
        assert!(of("used_memory_peak") > 8e6, "{}", server.name());
        // Redis may free a large value in another thread.
        clawlink_compat_tests::wait::until("the memory is free", || of("used_memory") - used < 4e6);
    }
}

/// The elements from one number on that a call adds.
type Elements = fn(usize) -> Vec<String>;

/// How many elements a call adds, and how many calls there are.
const ELEMENTS: usize = 100;
const CALLS: usize = 500;

fn each(from: usize, make: impl Fn(usize) -> Vec<String>) -> Vec<String> {
    (from..from + ELEMENTS).flat_map(make).collect()
}

/// What a value is said to take is what it takes: within a factor of two.
#[test]
fn usage_is_what_a_value_takes() {
    let server = Server::clawlink().unwrap();
    let mut client = server.connect().unwrap();
    let kinds: [(&str, Elements); 6] = [
        ("APPEND", |_| vec!["x".repeat(20_000)]),
        ("RPUSH", |from| each(from, |n| vec![format!("element:{n:08}")])),
        ("HSET", |from| each(from, |n| vec![format!("field:{n:08}"), format!("value:{n:08}")])),
        ("SADD", |from| each(from, |n| vec![format!("a member with a long name:{n:08}")])),
        ("ZADD", |from| each(from, |n| vec![n.to_string(), format!("member:{n:08}")])),
        ("XADD", |from| {
            let fields = each(from, |n| vec![format!("field:{n:08}"), format!("value:{n:08}")]);
            [vec!["*".to_owned()], fields].concat()
        }),
    ];
    for (command, elements) in kinds {
        let before = number(&server, "memory", "used_memory");
        for call in 0..CALLS {
            let words = [vec![command.to_owned(), "k".to_owned()], elements(call * ELEMENTS)];
            client.call(&words.concat()).unwrap();
        }
        let reply = client.call(&["MEMORY", "USAGE", "k"]).unwrap();
        let said: f64 = String::from_utf8_lossy(&reply[1..]).trim().parse().unwrap();
        let taken = number(&server, "memory", "used_memory") - before;
        assert!(said > taken / 2.0 && said < taken * 2.0, "{command}: said {said}, took {taken}");
        client.call(&["RENAME", "k", &format!("kept {command}")]).unwrap();
    }
}
