//! What one server dumps the other restores; most of it is the same bytes. What nobody has dumped is refused.

mod payload;
mod values;

use clawlink_compat_tests::client::Client;
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::server::Server;

use payload::{old_forms, seal, tamper};
use values::{Shape, content, dump, word};

const ROUNDS: usize = 12;
const STRINGS: usize = 800;
const TAMPERED: usize = 4_000;

/// What the broker may grow by at its highest while it reads what makes no sense, however much that promises to be.
const GROWTH_BYTES_MAX: u64 = 48 * 1024 * 1024;

const OK: &[u8] = b"+OK\r\n";
const NO_SENSE: &[u8] = b"-ERR Bad data format\r\n";

struct Pair {
    redis: (Server, Client),
    ours: (Server, Client),
}

impl Pair {
    /// Both servers; Redis looks at all that it restores.
    fn start() -> Self {
        let connected = |server: Server| {
            let client = server.connect().unwrap();
            (server, client)
        };
        let redis = Server::redis_with(&["--sanitize-dump-payload", "yes"]).unwrap();
        Self { redis: connected(redis), ours: connected(Server::clawlink().unwrap()) }
    }

    fn clients(&mut self) -> [&mut Client; 2] {
        [&mut self.redis.1, &mut self.ours.1]
    }

    /// Makes a value on both and gives what each dumps.
    fn make(&mut self, key: &str, shape: Shape, random: &mut Random) -> [Vec<u8>; 2] {
        let commands = shape.commands(key, random);
        self.clients().map(|client| {
            client.ask(&["DEL", key]).unwrap();
            commands.iter().for_each(|words| drop(client.call(words).unwrap()));
            dump(client, key)
        })
    }
}

fn restore(client: &mut Client, key: &str, payload: &[u8]) -> Vec<u8> {
    let reply = client.call(&[&b"RESTORE"[..], key.as_bytes(), b"0", payload, b"REPLACE"]);
    reply.unwrap_or_else(|error| panic!("{}\n{error:#}", payload.escape_ascii()))
}

#[test]
fn what_one_dumps_the_other_restores() {
    let (mut pair, mut random) = (Pair::start(), Random::new(5));
    for round in 0..ROUNDS {
        for shape in Shape::ALL {
            let [theirs, ours] = pair.make("value", shape, &mut random);
            if shape.has_one_dump() {
                assert!(theirs == ours, "{shape:?} of round {round} has two dumps");
            }
            for (client, payload) in pair.clients().into_iter().zip([&ours, &theirs]) {
                assert_eq!(restore(client, "copy", payload), OK, "{shape:?} of round {round}");
            }
            let mut shown = Vec::new();
            for client in pair.clients() {
                shown.extend([content(client, "value"), content(client, "copy")]);
            }
            for other in &shown[1..] {
                for ((left, equality), (right, _)) in shown[0].iter().zip(other) {
                    let equal = equality.holds(left, right).unwrap();
                    let (left, right) = (left.escape_ascii(), right.escape_ascii());
                    assert!(equal, "{shape:?} of round {round}:\n{left}\n{right}");
                }
            }
        }
    }
}

#[test]
fn strings_are_compressed_to_the_same_bytes() {
    let (mut pair, mut random) = (Pair::start(), Random::new(6));
    for nth in 0..STRINGS {
        // Short ones are where compressing just pays, long ones where it reaches its bounds.
        let most = [40, 90, 700, 20_000][nth % 4];
        let parts = (0..1 + random.below(4)).map(|_| word(&mut random, most));
        let text = parts.collect::<Vec<_>>().concat();
        let [theirs, ours] = pair.clients().map(|client| {
            client.call(&[&b"SET"[..], b"text", &text]).unwrap();
            dump(client, "text")
        });
        assert!(theirs == ours, "{}", text.escape_ascii());
    }
}

/// Whether the broker looks at more than Redis does in values of this kind: the scores of sorted sets must be numbers and
/// packed ones in order, the entries of a stream and what it says of them must agree, and in a listpack there is one way
/// to write the way back over a word.
fn is_stricter_about(payload: &[u8]) -> bool {
    matches!(payload, [3 | 12 | 15..=19, ..])
}

/// Whether Redis would make room for more members of a table than the machine may have.
fn promises_too_much(payload: &[u8]) -> bool {
    const LONG_LENGTHS: [u8; 2] = [0x80, 0x81];
    matches!(payload, [2..=5, length, ..] if LONG_LENGTHS.contains(length))
}

#[test]
fn what_was_tampered_with_is_refused_where_redis_refuses_it() {
    let (mut pair, mut random) = (Pair::start(), Random::new(7));
    let mut payloads = old_forms();
    for payload in &payloads {
        let replies = pair.clients().map(|client| restore(client, "value", payload));
        assert_eq!(replies, [OK, OK], "{}", payload.escape_ascii());
    }
    for compressed in ["no", "no", "no", "yes"] {
        pair.redis.1.ask(&["CONFIG", "SET", "rdbcompression", compressed]).unwrap();
        for shape in Shape::ALL.into_iter().filter(|shape| *shape != Shape::LongList) {
            payloads.push(pair.make("value", shape, &mut random)[0].clone());
        }
    }
    let before = pair.ours.0.peak_bytes().unwrap();
    let (mut refused, mut refused_alone) = (0, 0);
    for _ in 0..TAMPERED {
        let payload = tamper(&payloads[random.below(payloads.len())], &mut random);
        if promises_too_much(&payload) {
            assert_eq!(restore(&mut pair.ours.1, "value", &payload), NO_SENSE);
            continue;
        }
        let [theirs, ours] = pair.clients().map(|client| restore(client, "value", &payload));
        let alone = theirs == OK && ours == NO_SENSE && is_stricter_about(&payload);
        refused += usize::from(ours == NO_SENSE);
        refused_alone += usize::from(alone);
        let (shown, left, right) =
            (payload.escape_ascii(), theirs.escape_ascii(), ours.escape_ascii());
        assert!(theirs == ours || alone, "{shown}\nRedis: {left}\nthe broker: {right}");
    }
    assert!((TAMPERED / 2..TAMPERED).contains(&refused), "{refused} were refused");
    assert!(refused_alone < TAMPERED / 40, "{refused_alone} were refused by the broker alone");
    // What the kernel counts is a little behind at times.
    let growth = pair.ours.0.peak_bytes().unwrap().saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "grew by {growth} bytes");
    assert_eq!(pair.ours.0.info("clawlink", "caught_panics").unwrap(), "0");
}

/// What stands before the first number of members, or of nodes, in a payload.
const BEFORE_COUNTS: [&[u8]; 10] =
    [&[1], &[2], &[3], &[4], &[5], &[14], &[15], &[18], &[18, 1], &[19]];

/// What stands before the first string.
const BEFORE_STRINGS: [&[u8]; 17] = [
    &[0],
    &[1, 1],
    &[2, 1],
    &[3, 1],
    &[4, 1],
    &[5, 1],
    &[9],
    &[10],
    &[11],
    &[12],
    &[13],
    &[14, 1],
    &[15, 1],
    &[16],
    &[17],
    &[18, 1, 2],
    &[19, 1],
];

#[test]
fn what_promises_much_costs_nothing() {
    let mut pair = Pair::start();
    let before = pair.ours.0.peak_bytes().unwrap();
    for length in [1u64 << 63, u64::MAX, 1 << 40, 1 << 32, (1 << 29) - 1] {
        let length = [&[0x81][..], &length.to_be_bytes()].concat();
        let compressed = [&[0xc3, 5][..], &length, b"\0a\xe0\xff\0"].concat();
        let counted = BEFORE_COUNTS.map(|before| [before, &length].concat());
        let long = BEFORE_STRINGS.map(|before| [before, &length].concat());
        let expanded = BEFORE_STRINGS.map(|before| [before, &compressed].concat());
        for content in counted.iter().chain(&long).chain(&expanded) {
            let reply = restore(&mut pair.ours.1, "value", &seal(content));
            assert!(reply == NO_SENSE, "{}", content.escape_ascii());
        }
    }
    // What the kernel counts is a little behind at times.
    let growth = pair.ours.0.peak_bytes().unwrap().saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "grew by {growth} bytes");
}
