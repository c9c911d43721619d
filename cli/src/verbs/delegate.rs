//! `delegate`: hand a task to other agents, and wait for its end if told to.

use clap::Args;
use clawlink_protocol::Priority;
use redis::Cmd;
use serde::{Deserialize, Serialize};

use super::awaiting::{Outcome, Waiting};
use super::gather::{self, Gathered};
use super::patience::Patience;
use super::seconds::Seconds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::link::Link;
use crate::output::style::ID;
use crate::output::text::clean;
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Hand a task to an agent, to whichever agent with a capability reads it first, or to several
#[derive(Debug, Args)]
pub(crate) struct Delegate {
    /// An agent's id, or @CAPABILITY; several, with commas or by repeating it: each gets the task,
    /// or none does
    #[arg(long, value_name = "AGENT", value_delimiter = ',', required = true)]
    to: Vec<String>,
    /// What to do; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    task: String,
    /// A JSON object with what the other one needs to know
    #[arg(long, value_name = "JSON")]
    context: Option<String>,
    /// Higher ones are delivered first [default: normal]
    #[arg(long, value_parser = Priority::ALL.map(Priority::word))]
    priority: Option<String>,
    /// Wait up to so many seconds for the end (0: for ever), and print the response; exit with 4 if
    /// the task goes on, with 6 if it failed, with 7 if it waits for an answer
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
    #[command(flatten)]
    terms: Terms,
}

/// What the sender wants otherwise than usual.
#[derive(Debug, Args)]
struct Terms {
    /// Nobody gets the task before so many seconds have passed
    #[arg(long, value_name = "SECONDS")]
    delay: Option<Seconds>,
    /// The task expires unless it is done within so many seconds
    #[arg(long, value_name = "SECONDS")]
    deadline: Option<Seconds>,
    /// Give the task to somebody else when the worker gives no sign of life for so many seconds
    /// [default: 600]
    #[arg(long, value_name = "SECONDS")]
    lease: Option<u64>,
    /// Try so often before the task is dead [default: 3]
    #[arg(long, value_name = "N")]
    attempts: Option<u64>,
    /// Rest so many seconds after the first failure, and twice as long after each further one
    #[arg(long, value_name = "SECONDS")]
    backoff: Option<Seconds>,
    /// The same key within a day is the same task: nothing is sent twice
    #[arg(long, alias = "key", value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Send the response to this agent
    #[arg(long, value_name = "AGENT")]
    reply_to: Option<String>,
    /// Gather the results of all tasks of this group with `gather`
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// The task that this one is a part of [default: the one that the agent has]
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// Be told on the way: queued, delivered, given back, dead
    #[arg(long)]
    receipts: bool,
    /// Send the task although nobody is there for it yet
    #[arg(long)]
    queue: bool,
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
    response: &'a Outcome,
}

/// One task for each of several agents.
#[derive(Serialize)]
struct Shared {
    #[serde(flatten)]
    tasks: Tasks,
    from_agent: String,
    to_agents: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Tasks {
    group: String,
    message_ids: Vec<String>,
}

#[derive(Serialize)]
struct AllAnswered<'a> {
    #[serde(flatten)]
    shared: &'a Shared,
    #[serde(flatten)]
    gathered: &'a Gathered,
}

impl Delegate {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let (wait, to) = (self.wait.map(Patience::seconds), self.to.clone());
        let reply = link.ask(&self.command(&agent)?)?;
        if let [to] = &to[..] {
            let message_id = reply::text(reply)?;
            let delegated = Delegated { message_id, from_agent: agent, to_agent: to.clone() };
            announce(&delegated, wait.is_some(), session)?;
            wait.map_or(Ok(Exit::Ok), |patience| delegated.follow(patience, &mut link, session))
        } else {
            let tasks = reply::record(reply)?;
            let shared = Shared { tasks, from_agent: agent, to_agents: to };
            announce(&shared, wait.is_some(), session)?;
            wait.map_or(Ok(Exit::Ok), |patience| shared.follow(patience, &mut link, session))
        }
    }

    fn command(self, from: &str) -> Result<Cmd, Failure> {
        let task = input::value_or_stdin(self.task)?;
        let mut command = redis::cmd("CLAW.DELEGATE");
        command.arg(self.to.join(",")).arg(task).arg("FROM").arg(from);
        option(&mut command, "CONTEXT", self.context);
        option(&mut command, "PRIORITY", self.priority);
        self.terms.add_to(&mut command);
        Ok(command)
    }
}

impl Terms {
    fn add_to(self, command: &mut Cmd) {
        option(command, "DELAY", self.delay);
        option(command, "DEADLINE", self.deadline);
        option(command, "LEASE", self.lease);
        option(command, "ATTEMPTS", self.attempts);
        option(command, "BACKOFF", self.backoff);
        option(command, "ID", self.idempotency_key);
        option(command, "REPLY-TO", self.reply_to);
        option(command, "GROUP", self.group);
        option(command, "PARENT", self.parent);
        for (name, given) in [("RECEIPTS", self.receipts), ("QUEUE", self.queue)] {
            if given {
                command.arg(name);
            }
        }
    }
}

/// Adds an option to a command if it was given.
pub(super) fn option(command: &mut Cmd, name: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        command.arg(name).arg(value.to_string());
    }
}

/// Says what was sent: at once as text; as JSON together with the end, if that is waited for.
fn announce(sent: &impl Report, waits: bool, session: &Session) -> Result<(), Failure> {
    if waits && session.output.is_json() { Ok(()) } else { session.output.show(sent) }
}

impl Delegated {
    /// Waits for the end, and says how it came.
    fn follow(
        &self,
        patience: Patience,
        link: &mut Link,
        session: &Session,
    ) -> Result<Exit, Failure> {
        let waiting = Waiting { agent: Some(&self.from_agent), progress: false, session };
        let outcome = waiting.wait(link, &self.message_id, patience)?;
        session.output.show(&Answered { delegated: self, response: &outcome })?;
        outcome.acknowledge(link, &self.from_agent)?;
        outcome.exit(&self.message_id)
    }
}

impl Shared {
    fn follow(
        &self,
        patience: Patience,
        link: &mut Link,
        session: &Session,
    ) -> Result<Exit, Failure> {
        let gathered = gather::wait(link, &self.tasks.group, &self.from_agent, None, patience)?;
        session.output.show(&AllAnswered { shared: self, gathered: &gathered })?;
        gathered.acknowledge(link, &self.from_agent)?;
        gathered.exit(None)
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

impl Report for Shared {
    fn text(&self, page: &mut Page) {
        for (id, to) in self.tasks.message_ids.iter().zip(&self.to_agents) {
            let (id, to) = (clean(id), clean(to));
            page.line(format_args!("delegated {ID}{id}{ID:#} to {to}"));
        }
        let group = clean(&self.tasks.group);
        page.line(format_args!("gather the results with: clawlink gather {ID}{group}{ID:#}"));
    }
}

impl Report for AllAnswered<'_> {
    fn text(&self, page: &mut Page) {
        self.gathered.text(page);
    }
}
