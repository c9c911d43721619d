//! `CLAW.AWAIT`

use super::{no_task, options, task_key};
use crate::call::Call;
use crate::command::{Flags, Nothing, Patience, Route, Runs};
use crate::mailbox::{Mailbox, Task};
use crate::request::Args;
use crate::{Command, Outcome, Refusal, Reply};

pub(crate) static AWAIT: Command = Command {
    name: "claw.await",
    arity: -2,
    flags: Flags::READONLY.with(Flags::NOSCRIPT).with(Flags::BLOCKING),
    group: "agents",
    since: "0.1.0",
    summary: "Waits until a task has ended or asks something, and answers the response.",
    syntax: "message-id [TIMEOUT seconds] [PROGRESS] [SINCE number]",
    route: Route::Message(1),
    patience: Some(patience),
    nothing: Nothing::Nil,
    run: Runs { mailbox: Some(await_end), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

struct Options {
    patience: Patience,
    progress: bool,
    since: Option<u64>,
}

fn options(args: &Args<'_>) -> Result<Options, Refusal> {
    let mut args = *args;
    let mut options = Options { patience: Patience::Forever, progress: false, since: None };
    args.seek(2);
    while !args.at_end() {
        if args.accept("TIMEOUT") {
            options.patience = Patience::seconds(args.next_word()?)?;
        } else if args.accept("PROGRESS") {
            options.progress = true;
        } else if options.progress && args.accept("SINCE") {
            let since = u64::try_from(args.next_int()?).map_err(|_| Refusal::NotInteger)?;
            options.since = Some(since);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    Ok(options)
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    Ok(options(args)?.patience)
}

fn await_end(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let Options { progress, since, .. } = options(&call.args)?;
    let id = options::task_id(call, 1);
    let task = mailbox.task(&id)?;
    let response = task.ended().map(|ended| &ended.response).or(task.question());
    if let Some(response) = response {
        return Ok(Reply::Bulk(response.clone()));
    }
    if progress {
        let reports = task.talk.as_ref().map_or(0, |talk| talk.reports);
        if let Some(report) = since.and_then(|since| report_after(task, since)) {
            return Ok(report);
        }
        if since.is_none() {
            // The next report is the next one after now, whenever this is tried again.
            let now = reports.to_string();
            let words = [&b"claw.await"[..], id.as_bytes(), b"PROGRESS", b"SINCE", now.as_bytes()];
            call.retry_as(&words);
        }
    }
    call.wait_on(&task_key(&id));
    Ok(Reply::Nil)
}

/// The first report that is kept with a higher number.
fn report_after(task: &Task, since: u64) -> Option<Reply> {
    let mut reports = task.talk.as_ref()?.progress.iter();
    let report = reports.find(|report| report.seq > since)?;
    Some(Reply::Bulk(report.record.clone()))
}
