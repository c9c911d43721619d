//! `await`: wait for the end of a task. `delegate --wait` waits the same way.

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::Args;
use clawlink_protocol::{Message, TaskStatus};
use redis::Value;
use serde::Serialize;

use super::patience::Patience;
use super::which::Which;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::link::Link;
use crate::output::message::Mail;
use crate::output::{Report, page::Page};
use crate::session::Session;

/// Wait until a task has ended, and print its response, also when it ended before
#[derive(Debug, Args)]
pub(crate) struct Await {
    #[command(flatten)]
    which: Which,
    /// Wait up to so many seconds (0: for ever), and exit with 4 if the task goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Print reports of progress on standard error, also where it is no terminal
    #[arg(long)]
    progress: bool,
}

/// A response, unless the time was over before it came.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Outcome(Option<Mail>);

#[derive(Serialize)]
struct Awaited<'a> {
    message_id: &'a str,
    response: &'a Outcome,
}

impl Await {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        // Anyone may wait; only whom the response is for has a copy of it in the inbox.
        let agent = session.agent().ok();
        let mut link = session.link()?;
        let id = self.which.id();
        let waiting = Waiting { agent: agent.as_deref(), progress: self.progress, session };
        let outcome = waiting.wait(&mut link, &id, Patience::seconds(self.wait))?;
        session.output.show(&Awaited { message_id: &id, response: &outcome })?;
        if let Some(agent) = agent {
            outcome.acknowledge(&mut link, &agent)?;
        }
        outcome.exit(&id)
    }
}

/// Who waits, and for what besides the end.
pub(crate) struct Waiting<'a> {
    /// The agent that is kept alive meanwhile.
    pub(crate) agent: Option<&'a str>,
    /// Whether reports of progress are printed although nobody may be looking.
    pub(crate) progress: bool,
    /// How to print.
    pub(crate) session: &'a Session,
}

impl Waiting<'_> {
    /// Waits for the end of a task, or for its question.
    pub(crate) fn wait(
        &self,
        link: &mut Link,
        message_id: &str,
        patience: Patience,
    ) -> Result<Outcome, Failure> {
        let watched = !self.session.output.is_json() && io::stderr().is_terminal();
        let mut seen = (self.progress || watched).then_some(0);
        let mut first = true;
        while let Some(step) = patience.step() {
            if let Some(agent) = self.agent.filter(|_| !first) {
                link.ask(redis::cmd("CLAW.HEARTBEAT").arg(agent))?;
            }
            first = false;
            // The broker counts in whole seconds, so the last step may last a little longer.
            let seconds = step.as_millis().div_ceil(1_000) as u64;
            let mut command = redis::cmd("CLAW.AWAIT");
            command.arg(message_id).arg("TIMEOUT").arg(seconds);
            if let Some(number) = seen {
                command.arg("PROGRESS").arg("SINCE").arg(number);
            }
            let reply = link.ask_waiting(&command, Duration::from_secs(seconds))?;
            if reply == Value::Nil {
                continue;
            }
            let mail = Mail::read(reply)?;
            match mail.message() {
                Some(Message::TaskProgress(report)) => seen = Some(report.seq),
                _ => return Ok(Outcome(Some(mail))),
            }
            self.session.output.aside(&mail);
        }
        Ok(Outcome(None))
    }
}

impl Outcome {
    /// Takes the response out of the agent's inbox, if it is for this agent: it has been printed.
    pub(crate) fn acknowledge(&self, link: &mut Link, agent: &str) -> Result<(), Failure> {
        acknowledge(self.0.iter(), link, agent)
    }

    /// How the command ends that waited for the task `message_id`.
    pub(crate) fn exit(&self, message_id: &str) -> Result<Exit, Failure> {
        let Some(mail) = &self.0 else {
            return Err(Failure::new(Exit::TimedOut, format!("no answer to {message_id} yet"))
                .next(format!("wait on with `clawlink await --msg-id {message_id}`")));
        };
        Ok(mail.response().map_or(Exit::Ok, |response| ended(response.status)))
    }
}

/// Takes the responses that are for this agent out of its inbox: they have been printed.
pub(crate) fn acknowledge<'a>(
    mails: impl Iterator<Item = &'a Mail>,
    link: &mut Link,
    agent: &str,
) -> Result<(), Failure> {
    let responses = mails.filter_map(Mail::response);
    let own = responses.filter(|response| response.to_agent == agent);
    let ids: Vec<&str> = own.map(|response| response.response_id.as_str()).collect();
    if !ids.is_empty() {
        link.ask(redis::cmd("CLAW.ACK").arg(ids).arg("FROM").arg(agent))?;
    }
    Ok(())
}

/// How a command ends that waited for a task which has this status now.
pub(crate) fn ended(status: TaskStatus) -> Exit {
    match status {
        TaskStatus::InputRequired => Exit::InputRequired,
        status if status.is_end() && status != TaskStatus::Completed => Exit::TaskFailed,
        _ => Exit::Ok,
    }
}

impl Report for Outcome {
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
