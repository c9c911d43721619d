//! Input that no client would send: the answer is Redis's, and the broker lives on.

use clawlink_compat_tests::client::{Client, encode};
use clawlink_compat_tests::random::Random;
use clawlink_compat_tests::server::Server;

/// What a connection may cost at most while it sends nonsense, however much of it.
const GROWTH_BYTES_MAX: u64 = 48 * 1024 * 1024;

/// How many differences a failed test prints.
const SHOWN_MAX: usize = 20;

/// Everything a server answers to these bytes until the connection ends.
fn answer(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut client = server.connect().unwrap();
    // The server may close, and so reset the connection, while we are still sending.
    let _ = client.send_raw(bytes);
    let _ = client.finish_sending();
    client.read_to_end().unwrap()
}

/// Collects every case that differs, so that one run shows all of them.
struct Comparison {
    redis: Server,
    ours: Server,
    differences: Vec<String>,
}

impl Comparison {
    fn between(redis: Server, ours: Server) -> Self {
        Self { redis, ours, differences: Vec::new() }
    }

    fn send(&mut self, what: &str, bytes: &[u8]) {
        let (expected, got) = (answer(&self.redis, bytes), answer(&self.ours, bytes));
        if got != expected {
            let (expected, got) = (expected.escape_ascii(), got.escape_ascii());
            self.differences.push(format!("{what}\n  redis: {expected}\n  ours:  {got}"));
        }
    }

    fn assert_equal(&self) {
        let count = self.differences.len();
        let shown = &self.differences[..count.min(SHOWN_MAX)];
        assert!(count == 0, "{count} answers differ\n{}", shown.join("\n"));
        assert_alive(&self.ours);
    }
}

fn assert_alive(server: &Server) {
    let reply = server.connect().unwrap().call(&["PING"]).unwrap();
    let answers = [b"+PONG\r\n".as_slice(), b"-NOAUTH Authentication required.\r\n"];
    assert!(answers.contains(&reply.as_slice()), "{}", reply.escape_ascii());
}

#[test]
fn malformed_requests_are_refused_as_redis_refuses_them() {
    let mut pair = Comparison::between(Server::redis().unwrap(), Server::clawlink().unwrap());
    let cases: &[(&str, &[u8])] = &[
        ("no number of arguments", b"*abc\r\n"),
        ("an empty number of arguments", b"*\r\n"),
        ("a signed number of arguments", b"*+1\r\n$4\r\nPING\r\n"),
        ("a number with a blank", b"*1 \r\n$4\r\nPING\r\n"),
        ("no arguments", b"*0\r\n*1\r\n$4\r\nPING\r\n"),
        ("a negative number of arguments", b"*-1\r\n*1\r\n$4\r\nPING\r\n"),
        ("a very negative number of arguments", b"*-9223372036854775808\r\nPING\r\n"),
        ("too many arguments", b"*1048577\r\n"),
        ("more than an int", b"*2147483648\r\n"),
        ("more than a long", b"*92233720368547758080\r\n"),
        ("an integer for an argument", b"*1\r\n:1\r\n"),
        ("an array for an argument", b"*1\r\n*1\r\n$4\r\nPING\r\n"),
        ("a letter for an argument", b"*2\r\nfoo\r\n"),
        ("an unprintable byte for an argument", b"*1\r\n\x01\r\n"),
        ("a high byte for an argument", b"*1\r\n\xff\r\n"),
        ("an empty line for an argument", b"*1\r\n\r\n"),
        ("no length", b"*1\r\n$abc\r\n"),
        ("an empty length", b"*1\r\n$\r\n"),
        ("a negative length", b"*1\r\n$-1\r\n"),
        ("a length over the limit", b"*1\r\n$536870913\r\n"),
        ("a length over a long", b"*1\r\n$92233720368547758080\r\n"),
        ("a length that is too short", b"*1\r\n$2\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
        ("no line end after an argument", b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n"),
        ("a bare newline in a header", b"*1\n$4\nPING\n"),
        ("a carriage return without newline", b"*1\rx$4\r\nPING\r\n"),
        ("good, then bad", b"*1\r\n$4\r\nPING\r\n*1\r\n$x\r\n*1\r\n$4\r\nPING\r\n"),
        ("an open quote", b"SET k \"open\r\nPING\r\n"),
        ("a quote inside a word", b"SET \"a\"b c\r\nPING\r\n"),
        ("a request cut off", b"*2\r\n$3\r\nGET\r\n$3\r\nfo"),
        ("nothing", b""),
        ("an HTTP GET", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("an HTTP POST", b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n"),
        ("zero bytes", b"\0\0\0\0\r\nPING\r\n"),
    ];
    for (what, bytes) in cases {
        pair.send(what, bytes);
    }
    pair.assert_equal();
}

#[test]
fn headers_and_lines_that_are_too_long_are_refused() {
    let mut pair = Comparison::between(Server::redis().unwrap(), Server::clawlink().unwrap());
    let long = vec![b'1'; 70_000];
    pair.send("a line without end", &long);
    pair.send("a count without end", &[b"*", &long[..]].concat());
    pair.send("a length without end", &[b"*1\r\n$", &long[..]].concat());
    pair.assert_equal();
}

#[test]
fn nested_arrays_neither_crash_nor_cost_memory() {
    let mut pair = Comparison::between(Server::redis().unwrap(), Server::clawlink().unwrap());
    let before = pair.ours.resident_bytes().unwrap();
    let nested = b"*1\r\n".repeat(2 * 1024 * 1024);
    for _ in 0..4 {
        let mut client = pair.ours.connect().unwrap();
        let _ = client.send_raw(&nested);
        // The refusal may be lost when the server closes on unread input; if it comes, it is
        // Redis's.
        let got = client.read_to_end().unwrap();
        let refusal = b"-ERR Protocol error: expected '$', got '*'\r\n";
        assert!(got.is_empty() || got == refusal, "{}", got.escape_ascii());
    }
    pair.send("two of them", b"*1\r\n*1\r\n");
    let growth = pair.ours.resident_bytes().unwrap().saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "grew by {growth} bytes");
    pair.assert_equal();
}

#[test]
fn announcing_much_and_sending_nothing_costs_nothing() {
    let ours = Server::clawlink().unwrap();
    let before = ours.resident_bytes().unwrap();
    let mut idle: Vec<Client> = Vec::new();
    for index in 0..200 {
        let mut client = ours.connect().unwrap();
        let header: &[u8] = match index % 4 {
            0 => b"*1048576\r\n",
            1 => b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n",
            2 => b"*1048576\r\n$4\r\nMSET\r\n$536870912\r\n",
            _ => b"*2\r\n$4\r\nECHO\r\n$536870912\r\nab",
        };
        client.send_raw(header).unwrap();
        idle.push(client);
    }
    // Asked behind all of them, so they have been read.
    assert_alive(&ours);
    let growth = ours.resident_bytes().unwrap().saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "grew by {growth} bytes");
}

#[test]
fn a_tls_hello_is_survived() {
    let mut pair = Comparison::between(Server::redis().unwrap(), Server::clawlink().unwrap());
    let mut hello = vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];
    hello.extend((0..501_u32).map(|index| (index * 37 % 251) as u8));
    pair.send("a TLS hello", &hello);
    pair.assert_equal();
}

#[test]
fn random_bytes_are_survived() {
    let ours = Server::clawlink().unwrap();
    let before = ours.resident_bytes().unwrap();
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200 {
        let length = 1 + random.below(4096);
        let bytes: Vec<u8> = (0..length).map(|_| random.next_u64() as u8).collect();
        answer(&ours, &bytes);
    }
    assert_alive(&ours);
    let growth = ours.resident_bytes().unwrap().saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "grew by {growth} bytes");
}

#[test]
fn any_mixture_of_good_and_bad_is_answered_as_redis_answers() {
    const PIECES: &[&[u8]] = &[
        b"*1\r\n$4\r\nPING\r\n",
        b"*2\r\n$4\r\nECHO\r\n$3\r\na\r\n\r\n",
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n",
        b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        b"*2\r\n$4\r\nLLEN\r\n$1\r\nk\r\n",
        b"*1\r\n$5\r\nBOGUS\r\n",
        b"PING\r\n",
        b"ECHO \"a b\"\r\n",
        b"GET\r\n",
        b"\r\n",
        b"\n",
        b"*0\r\n",
        b"*-1\r\n",
        b"*2\r\n",
        b"$4\r\n",
        b"PING",
        b"*1\r\n$-1\r\n",
        b"'",
        b"\0",
        b"*1",
        b"\r",
    ];
    let mut pair = Comparison::between(Server::redis().unwrap(), Server::clawlink().unwrap());
    let mut random = Random::new(0x2545_f491_4f6c_dd1d);
    for round in 0..400 {
        let count = 1 + random.below(8);
        let bytes: Vec<u8> = (0..count).flat_map(|_| random.pick(PIECES)).copied().collect();
        for server in [&pair.redis, &pair.ours] {
            server.connect().unwrap().call(&["FLUSHALL"]).unwrap();
        }
        pair.send(&format!("round {round}: {}", bytes.escape_ascii()), &bytes);
    }
    pair.assert_equal();
}

#[test]
fn before_the_password_the_limits_are_small() {
    let redis = Server::redis_with(&["--requirepass", "secret"]).unwrap();
    let ours = Server::clawlink_with(&["--token", "secret"]).unwrap();
    let mut pair = Comparison::between(redis, ours);
    let large = vec![b'x'; 16_385];
    let just = vec![b'x'; 16_384];
    let cases: [(&str, Vec<u8>); 8] = [
        ("eleven arguments", b"*11\r\n".to_vec()),
        ("ten arguments", encode(&["MGET"; 10])),
        ("an argument of 16385 bytes", b"*1\r\n$16385\r\n".to_vec()),
        ("an argument of 16384 bytes", encode(&[b"ECHO".as_slice(), &just])),
        (
            "a large argument after AUTH",
            [encode(&["AUTH", "secret"]), encode(&[b"ECHO".as_slice(), &large])].concat(),
        ),
        (
            "a large argument after a wrong AUTH",
            [encode(&["AUTH", "wrong"]), encode(&[b"ECHO".as_slice(), &large])].concat(),
        ),
        ("a nested array", b"*1\r\n*1\r\n".to_vec()),
        ("an inline command", b"GET k\r\nPING\r\nQUIT\r\n".to_vec()),
    ];
    for (what, bytes) in &cases {
        pair.send(what, bytes);
    }
    pair.assert_equal();
}
