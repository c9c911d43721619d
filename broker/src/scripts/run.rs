//! Scripts at the edge: finds them, borrows what they need, and runs what the keyspace cannot.

use std::sync::Arc;

use clawlink_actors::collections::number;
use clawlink_actors::owner::Visit;
use clawlink_actors::{Args, Caller, Outcome, Pipeline, Place, Refusal, Reply};
use tokio::sync::oneshot::{self, error::RecvError};

use super::context::{Ended, Job};
use super::script::{Script, ScriptFlags, script_name, sha};
use super::visit::{Answer, Question, ScriptVisit, Ticket, Told};
use crate::accounting::Ran;
use crate::commands::{self, EdgeRun};
use crate::loans::{Homes, Loans};
use crate::monitor;
use crate::session::{BUSY, Session, Target};

/// Which of the commands that run a script.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// It names the script by its SHA-1.
    pub by_name: bool,
    /// The script may write nothing.
    pub read_only: bool,
}

const NO_SCRIPT: Refusal = Refusal::Fixed("NOSCRIPT", "No matching script. Please use EVAL.");

/// Runs a script: `EVAL` and its like.
pub(crate) async fn eval(session: &mut Session, args: Args<'_>, form: Form) -> Outcome {
    if session.shared.monitors.any() {
        monitor::show(session, &args);
    }
    let job = prepare(session, &args.detach(None), 0, form)?;
    run(session, job, &args).await
}

/// What a request to run a script asks for.
fn prepare(
    session: &Session,
    pipeline: &Arc<Pipeline>,
    index: usize,
    form: Form,
) -> Result<Job, Refusal> {
    let args = pipeline.request(index);
    let name = form.by_name.then(|| script_name(args.word(1)).ok_or(NO_SCRIPT)).transpose()?;
    let keys = number_of_keys(&args)?;
    let script = match name {
        Some(name) => session.shared.scripts.get(&name).ok_or(NO_SCRIPT)?,
        None => find_or_make(session, args.word(1))?,
    };
    check(session, script.flags, form)?;
    let no_writes = script.flags.is_some_and(|flags| flags.no_writes);
    Ok(Job {
        read_only: form.read_only || no_writes,
        allow_oom: script.flags.is_some_and(|flags| flags.allow_oom),
        script,
        pipeline: pipeline.clone(),
        index,
        keys: Some(keys),
    })
}

/// How many scripts run in one visit at most: others should have a turn.
const NEIGHBOURS_MAX: usize = 64;

/// The scripts that the requests from `from` on run, as far as they need nothing but the keyspace and nothing is to be
/// refused: they can run in one visit.
pub(crate) fn neighbours(
    session: &Session,
    pipeline: &Arc<Pipeline>,
    from: usize,
) -> Option<Neighbours> {
    // Who listens or keeps copies hears of what one script did before the reply of the next.
    let listens = !session.subscriptions.is_empty() || session.caching.tracker.is_some();
    let plain = session.is_plain() && !session.is_guarded() && !listens;
    if !plain || pipeline.command(from).is_some() {
        return None;
    }
    let requests = (from..pipeline.len()).take(NEIGHBOURS_MAX);
    let jobs = requests.map_while(|index| plain_job(session, pipeline, index));
    let jobs: Vec<Job> = jobs.collect();
    (!jobs.is_empty()).then_some(Neighbours(jobs))
}

fn plain_job(session: &Session, pipeline: &Arc<Pipeline>, index: usize) -> Option<Job> {
    let args = pipeline.request(index);
    let edge = commands::find(args.word(0), b"")?;
    let EdgeRun::Script(form) = edge.run else { return None };
    if !edge.command.takes(args.len()) {
        return None;
    }
    let job = prepare(session, pipeline, index, form).ok()?;
    let mut keys = (3..3 + job.keys?).map(|at| Place::of_key(args.word(at)));
    (!job.script.publishes && keys.all(|place| place == Place::Keyspace)).then_some(job)
}

/// Scripts that stand behind each other in a pipeline and need nothing but the keyspace.
#[derive(Debug)]
pub(crate) struct Neighbours(Vec<Job>);

impl Neighbours {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Runs them.
    pub(crate) async fn run(self, session: &mut Session) -> Vec<Ended> {
        let db = session.caller.db;
        let count = self.0.len();
        let ended = visit(session, self.0).await;
        session.loans = None;
        session.select(db);
        let unrun = |refusal: &Refusal| Ended { outcome: Err(refusal.clone()), time_ns: 0 };
        ended.unwrap_or_else(|refusal| (0..count).map(|_| unrun(&refusal)).collect())
    }
}

/// Compiles a script and keeps it: `SCRIPT LOAD`. Answers its name.
pub(crate) async fn load(session: &mut Session, args: Args<'_>) -> Outcome {
    let script = find_or_make(session, args.word(2))?;
    let name = Reply::copy(&script.sha);
    let job = Job {
        script,
        pipeline: Arc::default(),
        index: 0,
        keys: None,
        read_only: true,
        allow_oom: true,
    };
    run(session, job, &args).await.map(|_| name)
}

/// Whether a request to run a script may write: not if the script says of itself that it writes nothing.
pub(crate) fn may_write(session: &Session, args: &Args<'_>, form: Form) -> bool {
    let script = if form.by_name {
        script_name(args.word(1)).and_then(|name| session.shared.scripts.get(&name))
    } else {
        find_or_make(session, args.word(1)).ok()
    };
    let no_writes = script.and_then(|script| script.flags).is_some_and(|flags| flags.no_writes);
    !form.read_only && !no_writes
}

fn find_or_make(session: &Session, text: &[u8]) -> Result<Arc<Script>, Refusal> {
    let sha = sha(text);
    match session.shared.scripts.get(&sha) {
        Some(script) => Ok(script),
        None => Script::new(sha, text).map(Arc::new),
    }
}

fn number_of_keys(args: &Args<'_>) -> Result<usize, Refusal> {
    let keys = number::parse_i64(args.word(2)).ok_or(Refusal::NotInteger)?;
    if keys > args.len() as i64 - 3 {
        return Err(Refusal::Fixed("ERR", "Number of keys can't be greater than number of args"));
    }
    usize::try_from(keys).map_err(|_| Refusal::Fixed("ERR", "Number of keys can't be negative"))
}

/// Refuses a script by what it says of itself. One that says nothing is judged by each request that it makes.
fn check(session: &Session, flags: Option<ScriptFlags>, form: Form) -> Result<(), Refusal> {
    let Some(flags) = flags else { return Ok(()) };
    if !flags.no_writes && form.read_only {
        let text = "Can not execute a script with write flag using *_ro command.";
        return Err(Refusal::Fixed("ERR", text));
    }
    if !flags.no_writes && !flags.allow_oom && session.shared.memory.is_full() {
        let text = "allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'";
        return Err(Refusal::Fixed("OOM", text));
    }
    Ok(())
}

/// Runs a script in the keyspace, with the owners of its keys lent.
async fn run(session: &mut Session, job: Job, args: &Args<'_>) -> Outcome {
    let (db, had_loans) = (session.caller.db, session.loans.is_some());
    let mut homes = Homes::default();
    homes.insert(Place::Keyspace);
    if job.script.publishes {
        homes.insert(Place::Topics);
    }
    let keys = job.keys.map_or(0..0, |keys| 3..3 + keys);
    keys.for_each(|at| {
        homes.insert(Place::of_key(args.word(at)));
    });
    if homes.spans() && !had_loans {
        session.borrow(&homes).await?;
    }
    let ended = visit(session, vec![job]).await;
    if !had_loans {
        session.loans = None;
    }
    session.select(db);
    let Ended { outcome, time_ns } = ended?.pop().ok_or(Refusal::ShuttingDown)?;
    session.owners_ns += time_ns;
    outcome
}

/// Sends scripts into the keyspace and waits for their end. Answers what became of each.
async fn visit(session: &mut Session, jobs: Vec<Job>) -> Result<Vec<Ended>, Refusal> {
    let count = jobs.len();
    let (tell, mut told) = oneshot::channel();
    let shared = session.shared.clone();
    let scripts = &shared.scripts;
    let is_behind = session.loans.is_none() && scripts.is_expected();
    let caller = Caller { scripted: true, ..session.caller.clone() };
    let ticket = Ticket::default();
    let visit = ScriptVisit::new(jobs, shared.clone(), caller, session.now, tell, ticket.clone());
    let visit = Box::new(visit);
    match session.loans.as_ref().map(|loans| loans.of(Place::Keyspace)) {
        Some(Some(loan)) => loan.visit(visit),
        // Only when the broker stops.
        Some(None) => return Err(Refusal::ShuttingDown),
        None => session.shared.directory.owner(Place::Keyspace, true)?.tell(Visit(visit)),
    }
    // Scripts that wait behind one which runs for long are taken back; if they have begun, one of them is that.
    let first = if is_behind { scripts.unless_busy(&mut told).await } else { None };
    if is_behind && first.is_none() && ticket.withdraw() {
        return Err(BUSY);
    }
    let first = match first {
        Some(first) => first,
        None => told.await,
    };
    let ended = attend(session, first).await?;
    // They have not run at all where Lua could not be started.
    if ended.len() == count { Ok(ended) } else { Err(Refusal::Internal) }
}

/// Waits for the end of scripts, and runs meanwhile what they ask for. `told`: what they said first.
async fn attend(
    session: &mut Session,
    mut told: Result<Told, RecvError>,
) -> Result<Vec<Ended>, Refusal> {
    loop {
        match told {
            Ok(Told::Over(ended)) => return Ok(ended),
            Ok(Told::Ask(question)) => {
                let Question { target, request, loan, db, answer } = question;
                if let Some(loan) = loan {
                    session.loans = Some(Box::new(Loans::of_keyspace(loan)));
                }
                session.select(db);
                let was_confined = std::mem::replace(&mut session.confined, true);
                session.caller.scripted = true;
                let outcome = ask(session, target, request.request(0)).await;
                session.caller.scripted = false;
                session.confined = was_confined;
                let (tell, next) = oneshot::channel();
                let reply = outcome.into();
                let _ = answer.send(Answer { reply, db: session.caller.db, tell });
                told = next.await;
            }
            Err(_) => return Err(Refusal::ShuttingDown),
        }
    }
}

/// Runs a request of a script on the owners that are lent.
async fn ask(session: &mut Session, target: Target, args: Args<'_>) -> Outcome {
    let command = target.command();
    let checked = session
        .check_identity(command, &args)
        .and_then(|()| check_borrowed(session, target, &args))
        .inspect_err(|refusal| session.shared.account_rejected(Some(command), refusal));
    checked?;
    let (outcome, time_ns) = session.run_timed(target, args).await;
    let reply = Reply::from(outcome);
    session.shared.account(None, &Ran { command, args, reply: &reply, time_ns });
    if session.shared.monitors.any() {
        monitor::show_script(&session.shared, session.caller.db, &args);
    }
    match reply {
        Reply::Error(refusal) => Err(refusal),
        reply => Ok(reply),
    }
}

/// Refuses a request whose owners the script has not borrowed.
fn check_borrowed(session: &Session, target: Target, args: &Args<'_>) -> Result<(), Refusal> {
    let Target::Owner(command) = target else { return Ok(()) };
    let mut missing = None;
    session.each_place(command, args, |place| {
        if !session.may_ask(place) {
            missing = Some(place.prefix());
        }
    });
    missing.map_or(Ok(()), |prefix| Err(undeclared(command.name, prefix)))
}

/// A script asked for what another owner has, whose keys it has not declared.
fn undeclared(command: &str, prefix: &str) -> Refusal {
    let text = format!(
        "'{command}' needs the owner of '{prefix}' keys, which a script borrows only if it is given \
         such a key: name it among the KEYS"
    );
    Refusal::Custom("ERR", text.into())
}
