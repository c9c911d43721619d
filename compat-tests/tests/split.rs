//! Requests that arrive in pieces: the answers are those to the whole.

use clawlink_compat_tests::client::{Client, encode};
use clawlink_compat_tests::server::Server;

/// Requests of every form, whose replies tell where one ended and the next began.
fn requests() -> Vec<u8> {
    [
        encode(&[b"SET".as_slice(), b"k", b"\r\n$3\r\n*1\r\n\x00\xff"]),
        b"PING\r\n".to_vec(),
        encode(&["GET", "k"]),
        b"ECHO \"a b\"\n".to_vec(),
        encode(&["ECHO", ""]),
        b"\r\n".to_vec(),
        encode(&["RPUSH", "l", "1", "2", "3"]),
        encode(&["LRANGE", "l", "0", "-1"]),
        encode(&["LPUSH", "inbox:split", "x"]),
        encode(&["RPOP", "inbox:split"]),
        encode(&["SET", "file:split", "content"]),
        encode(&["GET", "file:split"]),
        encode(&["BOGUS", "x"]),
        encode(&["DEL", "k", "l"]),
        encode(&["PING"]),
    ]
    .concat()
}

const REPLIES: usize = 14;

fn replies(client: &mut Client) -> Vec<u8> {
    (0..REPLIES).flat_map(|_| client.read_reply().unwrap()).collect()
}

fn whole(server: &Server) -> Vec<u8> {
    let mut client = server.connect().unwrap();
    client.send_raw(&requests()).unwrap();
    replies(&mut client)
}

/// Sends each piece by itself. A question on another connection is answered only after the
/// server has read what came before it, so that the pieces do not melt into one.
fn in_pieces(client: &mut Client, other: &mut Client, pieces: &[&[u8]]) -> Vec<u8> {
    for piece in pieces {
        client.send_raw(piece).unwrap();
        other.call(&["PING"]).unwrap();
    }
    replies(client)
}

fn split_at_every_byte(server: &Server, expected: &[u8]) {
    let requests = requests();
    let mut client = server.connect().unwrap();
    let mut other = server.connect().unwrap();
    for position in 1..requests.len() {
        let (first, second) = requests.split_at(position);
        let got = in_pieces(&mut client, &mut other, &[first, second]);
        assert_eq!(
            got.escape_ascii().to_string(),
            expected.escape_ascii().to_string(),
            "split at {position}: …{} | {}…",
            first[first.len().saturating_sub(20)..].escape_ascii(),
            second[..second.len().min(20)].escape_ascii()
        );
    }
}

#[test]
fn split_at_every_byte_it_is_the_same() {
    let redis = Server::redis().unwrap();
    let expected = whole(&redis);
    let ours = Server::clawlink().unwrap();
    assert_eq!(whole(&ours).escape_ascii().to_string(), expected.escape_ascii().to_string());
    split_at_every_byte(&ours, &expected);
}

#[test]
fn redis_agrees_with_itself() {
    let redis = Server::redis().unwrap();
    split_at_every_byte(&redis, &whole(&redis));
}

#[test]
fn one_byte_at_a_time_it_is_the_same() {
    let expected = whole(&Server::redis().unwrap());
    let ours = Server::clawlink().unwrap();
    let mut client = ours.connect().unwrap();
    let mut other = ours.connect().unwrap();
    let requests = requests();
    let pieces: Vec<&[u8]> = requests.chunks(1).collect();
    let got = in_pieces(&mut client, &mut other, &pieces);
    assert_eq!(got.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

#[test]
fn large_requests_arrive_whole() {
    let ours = Server::clawlink().unwrap();
    let mut client = ours.connect().unwrap();
    let value: Vec<u8> = (0..64_000_000_u32).map(|index| (index % 253) as u8).collect();
    assert_eq!(client.call(&[b"SET".as_slice(), b"large", &value]).unwrap(), b"+OK\r\n");
    assert_eq!(client.call(&["STRLEN", "large"]).unwrap(), b":64000000\r\n");
    let got = client.ask(&["GET", "large"]).unwrap();
    assert!(got.bytes() == Some(&value), "64 MB came back changed");
}

#[test]
fn many_arguments_and_many_requests_are_answered() {
    let ours = Server::clawlink().unwrap();
    let mut client = ours.connect().unwrap();
    let mut push = vec!["RPUSH".to_owned(), "l".to_owned()];
    push.extend((0..300_000).map(|index| index.to_string()));
    assert_eq!(client.call(&push).unwrap(), b":300000\r\n");
    assert_eq!(client.ask(&["LINDEX", "l", "-1"]).unwrap().text(), "299999");

    const PIPELINED: usize = 20_000;
    client.send_raw(&encode(&["INCR", "n"]).repeat(PIPELINED)).unwrap();
    for expected in 1..=PIPELINED {
        assert_eq!(client.read_reply().unwrap(), format!(":{expected}\r\n").as_bytes());
    }
}
