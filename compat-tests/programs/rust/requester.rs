//! Delegates a sum and hears the result: see ../README.md.

use redis::{Client, Commands, RedisResult};
use serde_json::{Value, json};

fn main() -> RedisResult<()> {
    let port = std::env::var("CLAWLINK_PORT").unwrap_or_else(|_| "9077".to_owned());
    let client = Client::open(format!("redis://127.0.0.1:{port}/?protocol=resp3"))?;
    let mut broker = client.get_connection()?;
    let mut listener = client.get_connection()?;
    let mut channel = listener.as_pubsub();
    channel.subscribe("topic:findings")?;

    let _: () = broker.set("file:numbers.txt", "1 2 3 4")?;
    let task = json!({
        "type": "task_delegation",
        "message_id": "sum-1",
        "from_agent": "requester",
        "to_agent": "worker",
        "task": "sum numbers.txt",
    });
    let _: usize = broker.lpush("inbox:worker", task.to_string())?;

    let (_, answer): (String, String) = broker.brpop("inbox:requester", 30.0)?;
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    println!("answer: {}", answer["result"].as_str().unwrap_or_default());
    println!("heard: {}", channel.get_message()?.get_payload::<String>()?);
    println!("file: {}", broker.get::<_, String>("file:sum.txt")?);
    Ok(())
}
