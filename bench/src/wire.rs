//! Publishing and subscribing, in the two protocols that the servers here speak.

use crate::resp;
use crate::servers::Kind;

/// What a server wants to hear, and what it will say, about one channel and one payload.
#[derive(Debug)]
pub(crate) struct Publication {
    /// Sent by a subscriber that has just connected.
    pub(crate) subscribe: Vec<u8>,
    /// The line that ends the server's answer to `subscribe`.
    pub(crate) subscribed: Vec<u8>,
    /// Sent by a publisher that has just connected; no answer is awaited.
    pub(crate) hello: Vec<u8>,
    /// One publish.
    pub(crate) publish: Vec<u8>,
    /// Exactly what each subscriber gets for it.
    pub(crate) delivery: Vec<u8>,
    /// Exactly what the publisher gets for it, with this many subscribers.
    pub(crate) reply: Vec<u8>,
}

impl Publication {
    /// `payload` on `channel`, for a server of this kind with this many subscribers.
    pub(crate) fn new(kind: Kind, channel: &str, payload: &[u8], subscribers: usize) -> Self {
        match kind {
            Kind::Nats => Self::nats(channel, payload),
            Kind::ClawLink | Kind::Redis | Kind::Valkey => {
                Self::redis(channel.as_bytes(), payload, subscribers)
            }
        }
    }

    fn redis(channel: &[u8], payload: &[u8], subscribers: usize) -> Self {
        Self {
            subscribe: resp::request(&[b"SUBSCRIBE", channel]),
            subscribed: b":1\r\n".to_vec(),
            hello: Vec::new(),
            publish: resp::request(&[b"PUBLISH", channel, payload]),
            // A RESP2 message happens to have the form of a request.
            delivery: resp::request(&[b"message", channel, payload]),
            reply: format!(":{subscribers}\r\n").into_bytes(),
        }
    }

    fn nats(channel: &str, payload: &[u8]) -> Self {
        let framed = |verb: &str| {
            let mut out = format!("{verb} {}\r\n", payload.len()).into_bytes();
            out.extend_from_slice(payload);
            out.extend_from_slice(b"\r\n");
            out
        };
        const CONNECT: &str = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";
        Self {
            subscribe: format!("{CONNECT}SUB {channel} 1\r\nPING\r\n").into_bytes(),
            subscribed: b"PONG\r\n".to_vec(),
            hello: CONNECT.as_bytes().to_vec(),
            publish: framed(&format!("PUB {channel}")),
            delivery: framed(&format!("MSG {channel} 1")),
            reply: Vec::new(),
        }
    }
}
