//! `await`: wait for the answer to a task. `delegate --wait` waits the same way.

use std::time::Duration;

use clap::Args;
use clawlink_protocol::TaskStatus;
use redis::Value;
use serde::Serialize;

use super::patience::Patience;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::link::Link;
use crate::output::message::Mail;
use crate::output::{Report, page::Page};
use crate::session::Session;

/// Wait until a task is answered, and print the answer, also when it was answered before
#[derive(Debug, Args)]
pub(crate) struct Await {
    /// The task's message id, as `delegate` printed it
    #[arg(long, value_name = "ID")]
    msg_id: String,
    /// Wait up to so many seconds (0: for ever), and exit with 4 if no answer comes
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

/// A response, unless the time was over before it came.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Answer(Option<Mail>);

#[derive(Serialize)]
struct Awaited<'a> {
    message_id: &'a str,
    response: &'a Answer,
}

impl Await {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        // Anyone may wait; only whom the answer is for has a copy of it in the inbox.
        let agent = session.agent().ok();
        let mut link = session.link()?;
        let patience = Patience::seconds(self.wait);
        let answer = wait(&mut link, &self.msg_id, agent.as_deref(), patience)?;
        session.output.show(&Awaited { message_id: &self.msg_id, response: &answer })?;
        if let Some(agent) = agent.filter(|agent| answer.is_for(agent)) {
            answer.acknowledge(&mut link, &agent)?;
        }
        answer.exit(&self.msg_id)
    }
}

/// Waits for the answer to a task, and keeps `agent` alive meanwhile.
pub(crate) fn wait(
    link: &mut Link,
    message_id: &str,
    agent: Option<&str>,
    patience: Patience,
) -> Result<Answer, Failure> {
    let mut first = true;
    while let Some(step) = patience.step() {
        if let Some(agent) = agent.filter(|_| !first) {
            link.ask(redis::cmd("CLAW.HEARTBEAT").arg(agent))?;
        }
        first = false;
        // The broker counts in whole seconds, so the last step may last a little longer.
        let seconds = step.as_millis().div_ceil(1_000) as u64;
        let mut command = redis::cmd("CLAW.AWAIT");
        command.arg(message_id).arg("TIMEOUT").arg(seconds);
        match link.ask_waiting(&command, Duration::from_secs(seconds))? {
            Value::Nil => {}
            response => return Mail::read(response).map(|mail| Answer(Some(mail))),
        }
    }
    Ok(Answer(None))
}

impl Answer {
    /// Takes the answer out of the agent's inbox: it has been printed.
    pub(crate) fn acknowledge(&self, link: &mut Link, agent: &str) -> Result<(), Failure> {
        let Some(response) = self.0.as_ref().and_then(Mail::response) else {
            return Ok(());
        };
        link.ask(redis::cmd("CLAW.ACK").arg(&response.response_id).arg("FROM").arg(agent))?;
        Ok(())
    }

    /// Whether this agent has a copy in its inbox.
    fn is_for(&self, agent: &str) -> bool {
        self.0.as_ref().and_then(Mail::response).is_some_and(|response| response.to_agent == agent)
    }

    /// How the command ends that waited for the answer to `message_id`.
    pub(crate) fn exit(&self, message_id: &str) -> Result<Exit, Failure> {
        let Some(mail) = &self.0 else {
            return Err(Failure::new(Exit::TimedOut, format!("no answer to {message_id} yet"))
                .next(format!("wait on with `clawlink await --msg-id {message_id}`")));
        };
        let failed = mail.response().is_some_and(|answer| answer.status == TaskStatus::Failed);
        Ok(if failed { Exit::TaskFailed } else { Exit::Ok })
    }
}

impl Report for Answer {
    fn text(&self, page: &mut Page) {
        if let Some(mail) = &self.0 {
            mail.text(page);
        }
    }
}

impl Report for Awaited<'_> {
    fn text(&self, page: &mut Page) {
        self.response.text(page);
    }
}
