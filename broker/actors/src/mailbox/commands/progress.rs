//! `CLAW.PROGRESS`

use super::{no_task, speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::{Mailbox, Progress, Voice};
use crate::{Command, Outcome, Refusal, Reply};

pub(super) static PROGRESS: Command = Command {
    name: "claw.progress",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    group: "agents",
    since: "0.2.0",
    summary: "Reports how work on a task goes, to whoever awaits or watches it.",
    syntax: "message-id note [PERCENT percent] [FROM id]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(progress), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

/// The longest note, in bytes: a task keeps the last sixteen.
const NOTE_BYTES_MAX: usize = 4_096;

fn progress(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let (mut percent, mut from) = (None, None);
    call.seek(3);
    while !call.at_end() {
        if call.accept("PERCENT") {
            let value = u8::try_from(call.next_int()?).ok().filter(|value| *value <= 100);
            percent = Some(value.ok_or(Refusal::OutOfRange)?);
        } else if call.accept("FROM") {
            from = Some(call.next_value()?);
        } else {
            return Err(Refusal::Syntax);
        }
    }
    let note = call.word(2);
    if note.len() > NOTE_BYTES_MAX {
        return Err(Refusal::Fixed("ERR", "the note must have at most 4096 bytes"));
    }
    let speaker = speaker(call, from)?;
    let word = text(call.word(1));
    let progress = Progress { voice: Voice::new(&word, &speaker), note, percent };
    let seq =
        mailbox.make(call.now, call.env, |mailbox, change| mailbox.progress(&progress, change))?;
    mailbox.settle(&call.env.directory, call.now);
    Ok(Reply::Int(i64::try_from(seq).unwrap_or(i64::MAX)))
}
