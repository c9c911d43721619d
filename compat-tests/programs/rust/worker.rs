//! Takes one task, adds up the numbers of a file, and tells the result: see ../README.md.

use redis::{Client, Commands, RedisResult};
use serde_json::{Value, json};

fn main() -> RedisResult<()> {
    let port = std::env::var("CLAWLINK_PORT").unwrap_or_else(|_| "9077".to_owned());
    let mut broker = Client::open(format!("redis://127.0.0.1:{port}/"))?.get_connection()?;

    let (_, record): (String, String) = broker.brpop("inbox:worker", 30.0)?;
    let task: Value = serde_json::from_str(&record).unwrap_or_default();
    let what = task["task"].as_str().unwrap_or_default();
    let requester = task["from_agent"].as_str().unwrap_or_default();
    println!("task from {requester}: {what}");

    let name = what.trim_start_matches("sum ");
    let numbers: String = broker.get(format!("file:{name}"))?;
    let sum: i64 = numbers.split(' ').filter_map(|number| number.parse::<i64>().ok()).sum();

    let _: () = broker.set("file:sum.txt", sum)?;
    let _: usize = broker.publish("topic:findings", format!("the sum is {sum}"))?;
    let response = json!({
        "type": "task_response",
        "message_id": task["message_id"],
        "from_agent": "worker",
        "to_agent": requester,
        "result": sum.to_string(),
        "status": "completed",
    });
    let _: usize = broker.lpush(format!("inbox:{requester}"), response.to_string())?;
    Ok(())
}
