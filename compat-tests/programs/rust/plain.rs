//! What an ordinary client does, with the broker or with Redis: see ../README.md.

use std::env::var;

use redis::{Client, Commands, ErrorKind, RedisResult, Script, cmd, pipe};

fn client(token: &str) -> RedisResult<Client> {
    let port = var("CLAWLINK_PORT").unwrap_or_else(|_| "9077".to_owned());
    let protocol = var("CLAWLINK_PROTOCOL").unwrap_or_else(|_| "3".to_owned());
    Client::open(format!("redis://:{token}@127.0.0.1:{port}/?protocol=resp{protocol}"))
}

fn main() -> RedisResult<()> {
    // The kind is for RESP2, the code for RESP3.
    let refusal = client("guessed")?.get_connection().err();
    if refusal.is_some_and(|refusal| {
        refusal.kind() == ErrorKind::AuthenticationFailed || refusal.code() == Some("WRONGPASS")
    }) {
        println!("wrong token: refused");
    }

    let client = client(&var("CLAWLINK_TOKEN").unwrap_or_default())?;
    let mut mesh = client.get_connection()?;
    let mut other = client.get_connection()?;

    let content: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let _: () = mesh.set("file:bytes", &content)?;
    let back = mesh.get::<_, Vec<u8>>("file:bytes")? == content;
    println!("bytes: {} {}", content.len(), if back { "back" } else { "broken" });

    let _: () = mesh.set("file:notes.txt", "one")?;
    let _: usize = mesh.append("file:notes.txt", " two")?;
    println!("file: {}", mesh.get::<_, String>("file:notes.txt")?);

    let (a, b, c): (u32, u32, u32) =
        pipe().incr("counter", 1).incr("counter", 1).incr("counter", 1).query(&mut mesh)?;
    println!("pipeline: {a} {b} {c}");

    let (count, notes): (u32, String) =
        pipe().atomic().incr("counter", 1).get("file:notes.txt").query(&mut mesh)?;
    println!("transaction: {count} {notes}");

    let _: () = cmd("WATCH").arg("counter").query(&mut mesh)?;
    let _: u32 = other.incr("counter", 1)?;
    let outcome: Option<(u32,)> = pipe().atomic().incr("counter", 1).query(&mut mesh)?;
    if outcome.is_none() {
        println!("watched: somebody else was first");
    }

    // The client sends EVALSHA, and loads the script when it is told NOSCRIPT.
    let add = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    println!("script: {}", add.key("counter").arg(5).invoke::<u32>(&mut mesh)?);

    if let Err(refusal) = mesh.lpush::<_, _, usize>("counter", "x") {
        println!(
            "refused: {} {}",
            refusal.code().unwrap_or_default(),
            refusal.detail().unwrap_or_default()
        );
    }

    let mut listener = client.get_connection()?;
    let mut channel = listener.as_pubsub();
    channel.subscribe("topic:news")?;
    println!("heard: {}", channel.get_message()?.get_payload::<String>()?);

    let (_, message): (String, String) = mesh.brpop("inbox:plain", 30.0)?;
    println!("popped: {message}");

    // The server closes the connection, which is an error; this client is told to connect again.
    let id: u64 = cmd("CLIENT").arg("ID").query(&mut mesh)?;
    let _: usize = cmd("CLIENT").arg("KILL").arg("ID").arg(id).query(&mut other)?;
    if mesh.get::<_, String>("file:notes.txt").is_err_and(|error| error.is_connection_dropped()) {
        mesh = client.get_connection()?;
    }
    println!("connected again: {}", mesh.get::<_, String>("file:notes.txt")?);
    Ok(())
}
