//! `INFO commandstats`, `errorstats`, `stats` and `keyspace` after the same commands.

use std::collections::BTreeMap;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::server::Server;

/// Fields of `INFO stats` that count what clients do.
const COUNTERS: &[&str] = &[
    "total_commands_processed",
    "expired_keys",
    "evicted_keys",
    "keyspace_hits",
    "keyspace_misses",
    "total_error_replies",
    "unexpected_error_replies",
    "pubsub_channels",
    "pubsub_patterns",
    "pubsubshard_channels",
    "rejected_connections",
];

/// The lines of an `INFO` text as a map.
fn fields(info: &str) -> BTreeMap<String, String> {
    let lines = info.lines().filter_map(|line| line.trim_end().split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The counts in a line of `INFO commandstats`: calls, rejected and failed.
fn counts(line: &str) -> String {
    let counts = line.split(',').filter(|part| !part.starts_with("usec"));
    counts.collect::<Vec<_>>().join(",")
}

/// All that a server has counted that does not depend on time.
fn counted(client: &mut Client) -> BTreeMap<String, String> {
    let info = client.ask(&["INFO", "everything"]).unwrap().text();
    let kept = |(name, value): (String, String)| {
        if name.starts_with("cmdstat_") {
            return Some((name, counts(&value)));
        }
        if name.starts_with("db") {
            let value = value.split(",avg_ttl").next().unwrap_or_default().to_owned();
            return Some((name, value));
        }
        let counter = COUNTERS.contains(&name.as_str()) || name.starts_with("errorstat_");
        counter.then_some((name, value))
    };
    fields(&info).into_iter().filter_map(kept).collect()
}

/// Sends the lines to a fresh server, words divided by single spaces, and gives what it counted since `RESETSTAT`.
fn figures(server: &Server, lines: &[&str]) -> BTreeMap<String, String> {
    let mut client = server.connect().unwrap();
    client.call(&["FLUSHALL"]).unwrap();
    client.call(&["CONFIG", "RESETSTAT"]).unwrap();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        client.call(&words).unwrap();
    }
    counted(&mut client)
}

/// Each case is a name and its commands.
const CASES: &[(&str, &[&str])] = &[
    (
        "plain commands",
        &[
            "SET a 1",
            "GET a",
            "GET a",
            "GET b",
            "INCR a",
            "DEL a b",
            "MGET a b c",
            "EXISTS a",
            "TTL a",
        ],
    ),
    (
        "errors",
        &[
            "SET a x",
            "INCR a",
            "LPUSH a 1",
            "GET",
            "GET a b c",
            "NOSUCH x",
            "CONFIG NOSUCH",
            "CONFIG",
            "OBJECT",
            "OBJECT x",
            "SET a 1 EX 0",
            "EXEC",
            "DISCARD",
            "HELLO 9",
            "CLIENT KILL x",
            "EVALSHA x 0",
            "XADD s 0-0 a 1",
            "SELECT 99",
        ],
    ),
    (
        "a transaction",
        &[
            "SET a 1",
            "MULTI",
            "INCR a",
            "LPUSH a 1",
            "GET nothing",
            "PING",
            "CONFIG GET save",
            "EXEC",
            "GET a",
        ],
    ),
    (
        "a transaction that is spoiled",
        &["MULTI", "NOSUCH", "GET", "SET a 1", "EXEC", "MULTI", "SET a 1", "DISCARD"],
    ),
    (
        "a transaction whose watch fails",
        &["WATCH a", "SET a 1", "MULTI", "GET a", "EXEC", "UNWATCH"],
    ),
    ("what may not be in a transaction", &["MULTI", "MULTI", "WATCH a", "SUBSCRIBE c", "EXEC"]),
    (
        "a script",
        &[
            "EVAL return{redis.call('set',KEYS[1],1),redis.call('get','a'),redis.call('get','b')} 1 a",
            "EVAL return(redis.call('config','get','save')) 0",
            "EVAL return(redis.call('ping')) 0",
            "EVAL return(redis.call('time')) 0",
            "EVAL return(redis.call('publish','c','x')) 0",
        ],
    ),
    (
        "errors of scripts",
        &[
            "SET a x",
            "EVAL return(redis.call('incr','a')) 0",
            "EVAL return(redis.pcall('incr','a')) 0",
            "EVAL redis.pcall('incr','a') 0",
            "EVAL return(redis.error_reply('MY_own')) 0",
            "EVAL return{err='MINE_x'} 0",
            "EVAL error('x') 0",
            "EVAL error({err='HIS_x'}) 0",
            "EVAL redis.call() 0",
            "EVAL redis.call('get') 0",
            "EVAL redis.call('nosuch') 0",
            "EVAL redis.call('config') 0",
            "EVAL redis.call('blpop','q',0) 0",
            "EVAL redis.call('multi') 0",
            "EVAL redis.call({}) 0",
            "EVAL redis.setresp(9) 0",
            "EVAL local 0",
            "EVAL_RO redis.call('set','a','1') 0",
            "EVAL redis.pcall('get') 0",
            "EVAL return{1,redis.pcall('incr','a')} 0",
            "EVAL return(x) 0",
            "EVAL x 9",
            "EVAL x -1",
            "SCRIPT LOAD return",
            "SCRIPT LOAD local",
            "SCRIPT NOSUCH",
            "EVALSHA_RO ffffffffffffffffffffffffffffffffffffffff 0",
        ],
    ),
    (
        "scripts in a transaction",
        &[
            "SET a x",
            "MULTI",
            "EVAL return(redis.call('get','a')) 0",
            "EVAL return(redis.call('incr','a')) 0",
            "EXEC",
        ],
    ),
    (
        "blocking commands that need not wait",
        &[
            "RPUSH q 1 2 3",
            "BLPOP q 0",
            "BRPOP q 1",
            "BLMOVE q p LEFT LEFT 1",
            "BLPOP x q p 1",
            "BLPOP q abc",
            "BLPOP",
            "BZPOPMIN z abc",
            "MULTI",
            "BLPOP q 0",
            "EXEC",
            "SET s 1",
            "BLPOP s 0",
        ],
    ),
    (
        "blocking commands in vain",
        &[
            "BLPOP q 0.01",
            "BLMOVE a b LEFT LEFT 0.01",
            "XREAD BLOCK 10 STREAMS s $",
            "BZPOPMIN z 0.01",
        ],
    ),
    (
        "hits and misses of hashes, sets and lists",
        &[
            "HSET h a 1",
            "HGET h a",
            "HGET h b",
            "HGET x a",
            "HGETALL h",
            "HGETALL x",
            "HMGET h a b",
            "HEXISTS h a",
            "HLEN x",
            "SADD s a",
            "SISMEMBER s a",
            "SMEMBERS x",
            "SCARD s",
            "SINTER s x",
            "RPUSH l a",
            "LRANGE l 0 -1",
            "LINDEX x 0",
            "LLEN l",
            "LPOP x",
            "LPOP l",
            "SPOP x",
            "SRANDMEMBER s",
            "HINCRBY h n 1",
            "HDEL h a",
            "LSET x 0 a",
            "LPOS x a",
            "HSETNX h z 1",
        ],
    ),
    (
        "hits and misses of sorted sets and streams",
        &[
            "ZADD z 1 a",
            "ZSCORE z a",
            "ZSCORE z b",
            "ZSCORE x a",
            "ZRANGE z 0 -1",
            "ZRANGE x 0 -1",
            "ZRANK z a",
            "ZCARD x",
            "ZPOPMIN x",
            "ZINCRBY z 1 a",
            "ZRANGEBYSCORE x 0 1",
            "ZCOUNT z 0 1",
            "ZUNIONSTORE d 2 z x",
            "ZRANGESTORE d z 0 -1",
            "XADD t * a 1",
            "XLEN t",
            "XLEN x",
            "XRANGE t - +",
            "XREAD STREAMS t x 0 0",
            "XINFO STREAM t",
            "XGROUP CREATE t g 0",
            "XREADGROUP GROUP g c STREAMS t >",
            "XPENDING t g",
            "XACK t g 1-1",
            "XDEL t 1-1",
            "XTRIM t MAXLEN 0",
        ],
    ),
    (
        "hits and misses of strings and keys",
        &[
            "SET a 1",
            "APPEND a 1",
            "STRLEN a",
            "STRLEN x",
            "GETRANGE a 0 1",
            "SETRANGE a 0 9",
            "GETSET a 1",
            "GETDEL x",
            "GETEX a",
            "SETNX a 1",
            "SET a 1 GET",
            "SET x 1 XX",
            "TYPE a",
            "TYPE x",
            "OBJECT ENCODING a",
            "OBJECT ENCODING x",
            "TTL x",
            "PTTL a",
            "EXPIRE a 100",
            "PERSIST a",
            "EXPIRETIME a",
            "RENAME a b",
            "RENAMENX b c",
            "COPY c d",
            "TOUCH c x",
            "UNLINK c x",
            "RANDOMKEY",
            "KEYS *",
            "SCAN 0",
            "DBSIZE",
            "SORT x",
            "SORT_RO d",
            "MEMORY USAGE d",
            "MEMORY USAGE x",
            "MSET a 1 b 2",
            "MSETNX a 1 z 2",
            "EXISTS a b x",
            "INCRBYFLOAT a 1",
            "LCS a b",
        ],
    ),
    (
        "expired keys",
        &[
            "SET a 1 PX 1",
            "DEBUG SLEEP 0.05",
            "GET a",
            "SET b 1 EX 100",
            "EXPIRE b -1",
            "SET c 1 EXAT 1",
            "GET c",
            "SET d 1",
            "PEXPIREAT d 1",
            "SET e 1 EX 1000",
            "HSET h a 1",
            "PEXPIRE h 1",
            "DEBUG SLEEP 0.05",
            "HGET h a",
            "SET f 1 PX 1",
            "DEBUG SLEEP 0.05",
            "GET f",
            "DEBUG SLEEP 0.3",
        ],
    ),
    (
        "databases",
        &[
            "SET a 1",
            "SELECT 1",
            "SET a 1 EX 100",
            "SET b 1",
            "SELECT 15",
            "RPUSH l 1",
            "SWAPDB 0 1",
            "MOVE l 3",
            "SELECT 0",
        ],
    ),
    (
        "subcommands",
        &[
            "CONFIG GET save",
            "CLIENT ID",
            "CLIENT SETNAME x",
            "CLIENT GETNAME",
            "COMMAND COUNT",
            "COMMAND INFO get",
            "OBJECT HELP",
            "MEMORY DOCTOR",
            "LATENCY LATEST",
            "SLOWLOG LEN",
            "ACL WHOAMI",
            "PUBSUB NUMPAT",
            "SCRIPT EXISTS x",
            "XINFO HELP",
            "COMMAND",
        ],
    ),
];

#[test]
fn the_same_commands_count_the_same() {
    let (redis, ours) = (Server::redis().unwrap(), Server::clawlink().unwrap());
    let mut wrong = String::new();
    for (name, lines) in CASES {
        let (expected, found) = (figures(&redis, lines), figures(&ours, lines));
        let names: std::collections::BTreeSet<_> = expected.keys().chain(found.keys()).collect();
        for field in names {
            if expected.get(field) != found.get(field) {
                let (expected, found) = (expected.get(field), found.get(field));
                wrong += &format!("{name}: {field}: redis {expected:?}, clawlink {found:?}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
