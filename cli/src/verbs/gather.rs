//! `gather`: wait for the results of a group of tasks. `delegate --wait` to several agents waits the same way.

use std::time::Duration;

use clap::Args;
use redis::Value;
use serde::Serialize;

use super::awaiting;
use super::delegate::option;
use super::patience::Patience;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::link::Link;
use crate::output::message::Mail;
use crate::output::text::{clean, plural};
use crate::output::{Report, page::Page};
use crate::reply;
use crate::session::Session;

/// Wait until all tasks of a group have ended, and print their responses
#[derive(Debug, Args)]
pub(crate) struct Gather {
    /// The group, as `delegate` printed it or as `--group` named it
    #[arg(value_name = "GROUP")]
    group: String,
    /// Wait up to so many seconds (0: for ever), and exit with 4 if tasks go on
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// So many results are enough
    #[arg(long, value_name = "N")]
    min: Option<u64>,
}

/// What became of a group's tasks so far.
#[derive(Serialize)]
pub(crate) struct Gathered {
    group: String,
    total: u64,
    pending: u64,
    results: Vec<Mail>,
}

impl Gather {
    pub(crate) fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (mut link, agent) = session.link_as_agent()?;
        let patience = Patience::seconds(self.wait);
        let gathered = wait(&mut link, &self.group, &agent, self.min, patience)?;
        session.output.show(&gathered)?;
        gathered.acknowledge(&mut link, &agent)?;
        gathered.exit(self.min)
    }
}

/// Waits for the results of an agent's group, and keeps the agent alive meanwhile: each step is a sign of life.
pub(crate) fn wait(
    link: &mut Link,
    group: &str,
    agent: &str,
    min: Option<u64>,
    patience: Patience,
) -> Result<Gathered, Failure> {
    loop {
        let step = patience.step().unwrap_or(Duration::from_millis(1));
        let mut command = redis::cmd("CLAW.GATHER");
        command.arg(group).arg("FROM").arg(agent);
        command.arg("TIMEOUT").arg(step.as_secs_f64().to_string());
        option(&mut command, "MIN", min);
        let gathered = Gathered::read(link.ask_waiting(&command, step)?)?;
        if gathered.is_done(min) || patience.step().is_none() {
            return Ok(gathered);
        }
    }
}

impl Gathered {
    fn read(reply: Value) -> Result<Self, Failure> {
        let mut gathered = Self { group: String::new(), total: 0, pending: 0, results: vec![] };
        for (name, value) in reply::fields(reply)? {
            match reply::text(name)?.as_str() {
                "group" => gathered.group = reply::text(value)?,
                "total" => gathered.total = reply::count(&value)?,
                "pending" => gathered.pending = reply::count(&value)?,
                "results" => {
                    let results = reply::sequence(value)?.into_iter();
                    gathered.results = results.map(Mail::read).collect::<Result<_, _>>()?;
                }
                _ => {}
            }
        }
        Ok(gathered)
    }

    fn is_done(&self, min: Option<u64>) -> bool {
        self.pending == 0 || min.is_some_and(|min| self.results.len() as u64 >= min)
    }

    /// Takes the responses out of the agent's inbox: they have been printed.
    pub(crate) fn acknowledge(&self, link: &mut Link, agent: &str) -> Result<(), Failure> {
        awaiting::acknowledge(self.results.iter(), link, agent)
    }

    /// How the command ends that waited for so many results, or for all.
    pub(crate) fn exit(&self, min: Option<u64>) -> Result<Exit, Failure> {
        if !self.is_done(min) {
            let left = plural(self.pending, "task");
            let problem = format!("{left} of group {} not ended yet", clean(&self.group));
            let next = format!("wait on with `clawlink gather {}`", self.group);
            return Err(Failure::new(Exit::TimedOut, problem).next(next));
        }
        let responses = self.results.iter().filter_map(Mail::response);
        let failed = responses.map(|response| awaiting::ended(response.status));
        Ok(failed.into_iter().find(|exit| *exit != Exit::Ok).unwrap_or(Exit::Ok))
    }
}

impl Report for Gathered {
    fn text(&self, page: &mut Page) {
        self.results.iter().for_each(|result| result.text(page));
        let (ended, total) = (self.results.len(), plural(self.total, "task"));
        page.line(format_args!("{ended} of {total} ended"));
    }
}
