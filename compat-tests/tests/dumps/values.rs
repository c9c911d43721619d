//! Values of all types, made by the same commands on both servers.

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::reply::Reply;
use clawlink_compat_tests::walk::equality::Equality;

/// A request.
pub type Words = Vec<Vec<u8>>;

/// Values of a type, kept in one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    List,
    LongList,
    Hash,
    HashTable,
    Ints,
    SetTable,
    SortedSet,
    SortedTable,
    Stream,
    StreamWithGroups,
}

impl Shape {
    pub const ALL: [Self; 11] = [
        Self::Text,
        Self::List,
        Self::LongList,
        Self::Hash,
        Self::HashTable,
        Self::Ints,
        Self::SetTable,
        Self::SortedSet,
        Self::SortedTable,
        Self::Stream,
        Self::StreamWithGroups,
    ];

    /// Whether all bytes of a dump follow from the commands: neither an order of a table is in it, nor the time.
    pub fn has_one_dump(self) -> bool {
        !matches!(self, Self::HashTable | Self::SetTable | Self::StreamWithGroups)
    }

    /// The commands that make such a value.
    pub fn commands(self, key: &str, random: &mut Random) -> Vec<Words> {
        let one = |name: &str, words: Vec<Vec<u8>>| vec![command(name, key, words)];
        match self {
            Self::Text => one("SET", vec![word(random, 5_000)]),
            Self::List => one("RPUSH", many(random, 20, |random| vec![word(random, 90)])),
            Self::LongList => one("RPUSH", many(random, 400, |random| vec![word(random, 900)])),
            Self::Hash => {
                one("HSET", many(random, 30, |random| vec![word(random, 60), word(random, 60)]))
            }
            Self::HashTable => {
                let long = vec![b"long".to_vec(), vec![b'x'; 65]];
                let some = many(random, 30, |random| vec![word(random, 300), word(random, 300)]);
                one("HSET", [long, some].concat())
            }
            Self::Ints => one("SADD", many(random, 400, |random| vec![int(random)])),
            Self::SetTable => {
                let some = many(random, 40, |random| vec![word(random, 100)]);
                one("SADD", [vec![b"no number".to_vec()], some].concat())
            }
            Self::SortedSet => {
                one("ZADD", many(random, 30, |random| vec![score(random), word(random, 60)]))
            }
            Self::SortedTable => {
                let long = vec![score(random), vec![b'x'; 65]];
                let some = many(random, 300, |random| vec![score(random), word(random, 90)]);
                one("ZADD", [long, some].concat())
            }
            Self::Stream => entries(key, random),
            Self::StreamWithGroups => [entries(key, random), groups(key, random)].concat(),
        }
    }
}

fn command(name: &str, key: &str, words: Vec<Vec<u8>>) -> Words {
    [vec![name.into(), key.into()], words].concat()
}

fn many(
    random: &mut Random,
    most: usize,
    make: impl Fn(&mut Random) -> Vec<Vec<u8>>,
) -> Vec<Vec<u8>> {
    (0..1 + random.below(most)).flat_map(|_| make(random)).collect()
}

/// A word: integers, what compresses well or badly, nothing.
pub fn word(random: &mut Random, most: usize) -> Vec<u8> {
    let len = random.below(most);
    match random.below(8) {
        0 => int(random),
        1 => Vec::new(),
        2 => (0..len).map(|_| random.next_u64() as u8).collect(),
        3 | 4 => (0..len).map(|_| b'a' + random.below(3) as u8).collect(),
        5 => (0..len).map(|at| b"ab"[at % 2]).collect(),
        6 => {
            let words = (0..len / 6).map(|_| format!("word{} ", random.below(9)));
            words.collect::<String>().into_bytes()
        }
        _ => format!("f{}", random.below(50)).into_bytes(),
    }
}

fn int(random: &mut Random) -> Vec<u8> {
    let shift = random.below(64);
    (random.next_u64() as i64 >> shift).to_string().into_bytes()
}

fn score(random: &mut Random) -> Vec<u8> {
    match random.below(6) {
        0 => random.pick(&["inf", "-inf", "1e300", "-1e-300", "0.1", "4.5e15"]).into(),
        1 => int(random),
        2 => format!("{}.{}", random.below(1000), random.below(1 << 30)).into(),
        _ => random.below(300).to_string().into(),
    }
}

fn entries(key: &str, random: &mut Random) -> Vec<Words> {
    let mut fields = 1;
    let mut all = Vec::new();
    for (nth, _) in (1..).zip(0..1 + random.below(250)) {
        if random.below(5) == 0 {
            fields = 1 + random.below(3);
        }
        let id = format!("{}-{}", 5 * (nth / 3) + 1, nth);
        let values: Vec<_> = (0..fields).map(|_| word(random, 60)).collect();
        let pairs = [b"a", b"b", b"c"].into_iter().zip(values);
        let words = pairs.flat_map(|(field, value)| [field.to_vec(), value]);
        all.push(command("XADD", key, [vec![id.clone().into()], words.collect()].concat()));
        if random.below(9) == 0 {
            all.push(command("XDEL", key, vec![id.into()]));
        }
    }
    match random.below(4) {
        0 => all.push(command("XTRIM", key, text(&["MAXLEN", &random.below(99).to_string()]))),
        1 => all.push(command("XTRIM", key, text(&["MAXLEN", "~", "20"]))),
        _ => {}
    }
    all
}

fn groups(key: &str, random: &mut Random) -> Vec<Words> {
    let mut all = Vec::new();
    for group in &["g", "", "of three"][..1 + random.below(3)] {
        let start = random.pick(&["0", "$", "6-4"]);
        all.push(text(&["XGROUP", "CREATE", key, group, start]));
        for consumer in ["a", "b"] {
            let count = (1 + random.below(9)).to_string();
            let reading = ["XREADGROUP", "GROUP", group, consumer, "COUNT", &count];
            all.push([text(&reading), text(&["STREAMS", key, ">"])].concat());
        }
        all.push(text(&["XGROUP", "CREATECONSUMER", key, group, "idle"]));
    }
    all
}

fn text(words: &[&str]) -> Words {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// What a key holds, as far as a client can see it, and what of that is compared.
pub fn content(client: &mut Client, key: &str) -> Vec<(Vec<u8>, Equality)> {
    let kind = client.ask(&["TYPE", key]).unwrap().text();
    let (question, equality): (&[&str], _) = match &*kind {
        "string" => (&["GET", key], Equality::Exact),
        "list" => (&["LRANGE", key, "0", "-1"], Equality::Exact),
        "hash" => (&["HGETALL", key], Equality::Pairs),
        "set" => (&["SMEMBERS", key], Equality::Unordered),
        "zset" => (&["ZRANGE", key, "0", "-1", "WITHSCORES"], Equality::Exact),
        "stream" => (&["XINFO", "STREAM", key, "FULL", "COUNT", "0"], Equality::Clock),
        other => panic!("{key} holds a {other}"),
    };
    [(question, equality), (&["OBJECT", "ENCODING", key], Equality::Exact)]
        .into_iter()
        .map(|(question, equality)| (client.call(question).unwrap(), equality))
        .collect()
}

/// What DUMP answers.
pub fn dump(client: &mut Client, key: &str) -> Vec<u8> {
    let Reply::Bulk(payload) = client.ask(&["DUMP", key]).unwrap() else {
        panic!("there is no {key}")
    };
    payload
}
