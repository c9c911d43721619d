//! One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.

use std::collections::{BTreeSet, HashMap};
use std::env::{args, var};

use redis::{Client, Commands, Connection, FromRedisValue, RedisResult, Value, cmd};

fn connect(identity: &str) -> RedisResult<Connection> {
    let port = var("CLAWLINK_PORT").unwrap_or_else(|_| "9077".to_owned());
    let protocol = var("CLAWLINK_PROTOCOL").unwrap_or_else(|_| "3".to_owned());
    let url = format!("redis://{identity}127.0.0.1:{port}/?protocol=resp{protocol}");
    Client::open(url)?.get_connection()
}

fn ask<T: FromRedisValue>(client: &mut Connection, words: &[&str]) -> RedisResult<T> {
    cmd(words[0]).arg(&words[1..]).query(client)
}

/// A field of a JSON record; empty if it is not there.
fn field(record: &serde_json::Value, name: &str) -> String {
    record[name].as_str().unwrap_or_default().to_owned()
}

fn parse(record: &str) -> serde_json::Value {
    serde_json::from_str(record).unwrap_or_default()
}

fn main() -> RedisResult<()> {
    let words: Vec<String> = args().collect();
    let [_, me, neighbour, members] = &words[..] else { panic!("ID NEXT MEMBERS") };

    let mut door = connect("")?;
    let register = ["CLAW.REGISTER", me, "ID", me, "CAPS", "greeter"];
    let registered: HashMap<String, String> = ask(&mut door, &register)?;

    // Whoever shows the key is the agent: it is the password of any client.
    let identity = format!("agent%3A{me}:{}@", registered["key"]);
    let mut mesh = connect(&identity)?;
    let mut listener = connect(&identity)?;

    let mut channel = listener.as_pubsub();
    channel.subscribe("topic:hello")?;
    let mut heard = BTreeSet::new();
    while heard.len().to_string() != *members {
        let message: String = channel.get_message()?.get_payload()?;
        if message == "begin" {
            let hello = format!("hello from {me}");
            let _: Value = ask(&mut mesh, &["CLAW.BROADCAST", "hello", &hello])?;
        } else {
            heard.insert(field(&parse(&message), "from_agent"));
        }
    }
    println!("heard: {}", heard.into_iter().collect::<Vec<_>>().join(" "));
    let greeters: Vec<Value> = ask(&mut mesh, &["CLAW.DISCOVER", "CAP", "greeter"])?;
    println!("greeters: {}", greeters.len());

    if let Err(refusal) = ask::<String>(&mut mesh, &["CLAW.DELEGATE", "nobody", "greet me"]) {
        println!(
            "refused: {} {}",
            refusal.code().unwrap_or_default(),
            refusal.detail().unwrap_or_default()
        );
    }

    let sent: String = ask(&mut mesh, &["CLAW.DELEGATE", neighbour, "greet me"])?;

    let task = loop {
        let messages: Vec<String> = ask(&mut mesh, &["CLAW.POLL", me, "BLOCK", "30000"])?;
        let mut records = messages.iter().map(|message| parse(message));
        if let Some(task) = records.find(|record| record["type"] == "task_delegation") {
            break task;
        }
    };
    let sender = field(&task, "from_agent");
    println!("task from {sender}: {}, attempt {}", field(&task, "task"), task["attempt"]);
    let hello = format!("hello {sender}");
    let _: String = ask(&mut mesh, &["CLAW.RESPOND", &field(&task, "receipt"), &hello])?;

    let answer: String = ask(&mut mesh, &["CLAW.AWAIT", &sent, "TIMEOUT", "30"])?;
    let answer = parse(&answer);
    println!("answer from {}: {}", field(&answer, "from_agent"), field(&answer, "result"));

    // Everybody adds a line to one file: who was overtaken reads it again.
    loop {
        let file: HashMap<String, String> = ask(&mut mesh, &["CLAW.FILE", "GET", "roll.txt"])?;
        let edited = format!("{}{me}\n", file["content"]);
        let put = ["CLAW.FILE", "PUT", "roll.txt", &edited, "BASE", &file["version"], "MERGE"];
        let saved: HashMap<String, Value> = ask(&mut mesh, &put)?;
        if saved["status"] != Value::BulkString(b"conflict".to_vec()) {
            break;
        }
    }
    let signed = mesh.get::<_, String>("file:roll.txt")?.contains(&format!("\n{me}\n"));
    println!("the roll is signed: {}", if signed { "yes" } else { "no" });
    Ok(())
}
