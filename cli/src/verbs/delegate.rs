//! `delegate`: hand a task to another agent, and wait for its answer if told to.

use clap::Args;
use clawlink_protocol::Priority;
use serde::Serialize;

use super::answer::{self, Answer};
use super::patience::Patience;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::style::ID;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Hand a task to an agent, or to whichever agent with a capability reads it first
#[derive(Debug, Args)]
pub(crate) struct Delegate {
    /// An agent's id, or @CAPABILITY
    #[arg(long, value_name = "AGENT")]
    to: String,
    /// What to do; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    task: String,
    /// A JSON object with what the other one needs to know
    #[arg(long, value_name = "JSON")]
    context: Option<String>,
    /// Higher ones are delivered first [default: normal]
    #[arg(long, value_parser = Priority::ALL.map(Priority::word))]
    priority: Option<String>,
    /// Wait up to so many seconds for the answer (0: for ever), and print it; exit with 4 if none
    /// comes, with 6 if it is `failed`
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

#[derive(Serialize)]
struct Delegated {
    message_id: String,
    from_agent: String,
    to_agent: String,
}

/// What `--json` prints once the wait is over; as text the two parts are printed as they come.
#[derive(Serialize)]
struct Answered<'a> {
    #[serde(flatten)]
    delegated: &'a Delegated,
    response: &'a Answer,
}

impl Delegate {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, from_agent) = session.link_as_agent()?;
        let wait = self.wait;
        let to_agent = self.to.clone();
        let message_id = reply::text(link.ask(&self.command(&from_agent)?)?)?;
        let delegated = Delegated { message_id, from_agent, to_agent };
        let Some(seconds) = wait else {
            session.output.show(&delegated)?;
            return Ok(Exit::Ok);
        };
        if !session.output.is_json() {
            session.output.show(&delegated)?;
        }
        let (id, agent) = (&delegated.message_id, &delegated.from_agent);
        let answer = answer::wait(&mut link, id, Some(agent), Patience::seconds(seconds))?;
        session.output.show(&Answered { delegated: &delegated, response: &answer })?;
        answer.acknowledge(&mut link, agent)?;
        answer.exit(id)
    }

    fn command(self, from: &str) -> Result<redis::Cmd, Failure> {
        let task = input::value_or_stdin(self.task)?;
        let mut command = redis::cmd("CLAW.DELEGATE");
        command.arg(self.to).arg(task).arg("FROM").arg(from);
        if let Some(context) = self.context {
            command.arg("CONTEXT").arg(context);
        }
        if let Some(priority) = self.priority {
            command.arg("PRIORITY").arg(priority);
        }
        Ok(command)
    }
}

impl Report for Delegated {
    fn text(&self, page: &mut Page) {
        let (id, to) = (clean(&self.message_id), clean(&self.to_agent));
        page.line(format_args!("delegated {ID}{id}{ID:#} to {to}"));
    }
}

impl Report for Answered<'_> {
    fn text(&self, page: &mut Page) {
        self.response.text(page);
    }
}
