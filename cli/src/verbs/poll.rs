//! `poll`: read the mail.

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::patience::Patience;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::link::Link;
use crate::output::message::Mail;
use crate::output::style::FAINT;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Read the agent's mail: tasks, responses, broadcasts and notices
#[derive(Debug, Args)]
pub(crate) struct Poll {
    /// Wait up to so many seconds for the first message (0: for ever), and exit with 4 if none comes
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
    #[command(flatten)]
    request: Request,
}

/// What an agent asks its inbox for; `watch` asks the same.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Read at most so many messages at once [default: 10]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Give a task back to the queue unless it is answered within so many seconds [default: 600]
    #[arg(long, value_name = "SECONDS")]
    lease: Option<u64>,
    /// Read at most so many bytes of tasks at once; a larger one is given by reference, to be read
    /// with `task`
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Messages {
    messages: Vec<Mail>,
    count: usize,
}

impl Poll {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let messages = match self.wait {
            None => self.request.ask(&mut link, &agent, None)?,
            Some(seconds) => self.request.wait(&mut link, &agent, Patience::seconds(seconds))?,
        };
        let timed_out = messages.is_empty() && self.wait.is_some();
        let count = messages.len();
        session.output.show(&Messages { messages, count })?;
        Ok(if timed_out { Exit::TimedOut } else { Exit::Ok })
    }
}

impl Request {
    /// Reads what is there, or what comes first within `block`.
    pub(crate) fn ask(
        &self,
        link: &mut Link,
        agent: &str,
        block: Option<Duration>,
    ) -> Result<Vec<Mail>, Failure> {
        let mut command = redis::cmd("CLAW.POLL");
        command.arg(agent);
        if let Some(count) = self.count {
            command.arg("COUNT").arg(count);
        }
        if let Some(lease) = self.lease {
            command.arg("LEASE").arg(lease);
        }
        if let Some(most) = self.max_bytes {
            command.arg("MAXBYTES").arg(most);
        }
        if let Some(block) = block {
            let block_ms = u64::try_from(block.as_millis()).unwrap_or(u64::MAX);
            command.arg("BLOCK").arg(block_ms);
        }
        let reply = link.ask_waiting(&command, block.unwrap_or_default())?;
        reply::sequence(reply)?.into_iter().map(Mail::read).collect()
    }

    /// Waits for mail; empty if the time is over before any comes.
    pub(crate) fn wait(
        &self,
        link: &mut Link,
        agent: &str,
        patience: Patience,
    ) -> Result<Vec<Mail>, Failure> {
        while let Some(step) = patience.step() {
            let messages = self.ask(link, agent, Some(step))?;
            if !messages.is_empty() {
                return Ok(messages);
            }
        }
        Ok(Vec::new())
    }
}

impl Report for Messages {
    fn text(&self, page: &mut Page) {
        if self.messages.is_empty() {
            return page.line(format_args!("no messages"));
        }
        for message in &self.messages {
            message.text(page);
        }
        let mut tasks = self.messages.iter().filter_map(Mail::task);
        if let Some(task) = tasks.next() {
            let what = if task.receipt().is_some() { "RECEIPT" } else { "ID" };
            let how = format!("clawlink respond --msg-id {what} --result TEXT");
            page.line(format_args!("{FAINT}answer a task with: {how}{FAINT:#}"));
        }
    }
}
