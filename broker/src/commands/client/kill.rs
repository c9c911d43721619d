//! `CLIENT KILL`.

use std::time::Duration;

use bytes::Bytes;
use clawlink_actors::collections::number;
use clawlink_actors::command::Command;
use clawlink_actors::{Args, Refusal, Reply};

use super::{Kind, OTHERS};
use crate::clients::{Client, Order};
use crate::commands::{EdgeCommand, EdgeRun, Later};
use crate::session::Session;

pub(super) static KILL: EdgeCommand = EdgeCommand {
    command: Command {
        name: "client|kill",
        arity: -3,
        since: "2.4.0",
        complexity: "O(N), N being the number of connections",
        summary: "Closes connections.",
        syntax: "[ip:port] [ID client-id] [TYPE (NORMAL | MASTER | SLAVE | REPLICA | PUBSUB)] [USER username] [ADDR ip:port] \
                 [LADDR ip:port] [SKIPME (yes | no)]",
        ..OTHERS
    },
    run: EdgeRun::Later(kill),
};

/// How long the reply waits for the connections to be closed. Those that may need longer wait for something
/// themselves, if need be for what the asker has borrowed; they close later.
const CLOSE_MAX: Duration = Duration::from_millis(100);

/// Which connections are meant. What is not given does not matter.
#[derive(Debug, Default)]
struct Filter {
    id: Option<i64>,
    kind: Option<Kind>,
    addr: Option<Bytes>,
    laddr: Option<Bytes>,
    /// Whether the connection that asks may be meant.
    spare_self: bool,
}

fn kill<'a>(session: &'a mut Session, mut args: Args<'a>) -> Later<'a> {
    Box::pin(async move {
        // The form of Redis 2.4: an address, which may be the asker's own.
        let by_address = args.len() == 3;
        let filter = if by_address {
            Filter { addr: Some(args.value(2)), ..Filter::default() }
        } else {
            args.seek(2);
            Filter::read(&mut args)?
        };
        match close(session, &filter).await {
            0 if by_address => Err(Refusal::Fixed("ERR", "No such client")),
            _ if by_address => Ok(Reply::Ok),
            count => Ok(Reply::len(count)),
        }
    })
}

/// Closes the connections that are meant, and tells how many they are. Whoever reads the reply finds them closed.
async fn close(session: &mut Session, filter: &Filter) -> usize {
    let own = session.client.id;
    let clients = &session.shared.clients;
    let mut count = 0;
    let mut others = Vec::new();
    for client in clients.all() {
        if !filter.means(&client) || (filter.spare_self && client.id == own) {
            continue;
        }
        count += 1;
        if client.id == own {
            // It still gets this reply.
            session.closing = true;
        } else {
            client.order(Order::Close);
            others.push(client.id);
        }
    }
    // Only one that is in the midst of a request takes any time.
    let _ = tokio::time::timeout(CLOSE_MAX, clients.gone(&others)).await;
    count
}

impl Filter {
    fn read(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut filter = Self { spare_self: true, ..Self::default() };
        while !args.at_end() {
            if args.left() < 2 {
                return Err(Refusal::Syntax);
            }
            filter.read_one(args)?;
        }
        Ok(filter)
    }

    fn read_one(&mut self, args: &mut Args<'_>) -> Result<(), Refusal> {
        if args.accept("ID") {
            let id = number::parse_i64(args.next_word()?).filter(|id| *id > 0);
            let text = "client-id should be greater than 0";
            self.id = Some(id.ok_or(Refusal::Fixed("ERR", text))?);
        } else if args.accept("TYPE") {
            self.kind = Some(Kind::parse(args.next_word()?)?);
        } else if args.accept("ADDR") {
            self.addr = Some(args.next_value()?);
        } else if args.accept("LADDR") {
            self.laddr = Some(args.next_value()?);
        } else if args.accept("USER") {
            // Everybody is the one user there is.
            let user = args.next_text()?;
            if user != "default" {
                let text = format!("No such user '{user}'");
                return Err(Refusal::Custom("ERR", text.into()));
            }
        } else if args.accept("SKIPME") {
            self.spare_self = match args.next_text()?.to_ascii_lowercase().as_str() {
                "yes" => true,
                "no" => false,
                _ => return Err(Refusal::Syntax),
            };
        } else {
            return Err(Refusal::Syntax);
        }
        Ok(())
    }

    fn means(&self, client: &Client) -> bool {
        self.id.is_none_or(|id| u64::try_from(id) == Ok(client.id))
            && self.kind.is_none_or(|kind| Kind::of(client) == kind)
            && self.addr.as_ref().is_none_or(|addr| client.peer.as_bytes() == &addr[..])
            && self.laddr.as_ref().is_none_or(|laddr| client.local.as_bytes() == &laddr[..])
    }
}
