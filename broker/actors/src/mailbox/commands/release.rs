//! `CLAW.RELEASE`

use super::{no_task, options, speaker, text};
use crate::call::Call;
use crate::command::{Flags, Route, Runs};
use crate::mailbox::{Mailbox, Voice};
use crate::{Command, Outcome, Reply};

pub(super) static RELEASE: Command = Command {
    name: "claw.release",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    group: "agents",
    since: "0.2.0",
    summary: "Gives a task back to the head of its lane, or for later; that counts as no attempt.",
    syntax: "message-id [DELAY seconds] [REASON reason] [FROM id]",
    route: Route::Message(1),
    run: Runs { mailbox: Some(release), topics: Some(no_task), ..Runs::NONE },
    ..Command::BASE
};

fn release(mailbox: &mut Mailbox, call: &mut Call<'_>) -> Outcome {
    let (mut delay_ms, mut reason, mut from) = (0, String::new(), None);
    call.seek(2);
    while !call.at_end() {
        if call.accept("DELAY") {
            delay_ms = options::seconds(&mut call.args)?;
        } else if call.accept("REASON") {
            reason = options::reason(&mut call.args)?;
        } else if call.accept("FROM") {
            from = Some(call.next_value()?);
        } else {
            return Err(crate::Refusal::Syntax);
        }
    }
    let speaker = speaker(call, from)?;
    let word = text(call.word(1));
    let voice = Voice::new(&word, &speaker);
    let due = (delay_ms > 0).then(|| call.now.saturating_add(delay_ms));
    mailbox
        .make(call.now, call.env, |mailbox, change| mailbox.release(voice, due, &reason, change))?;
    mailbox.changed(call.now, call.env);
    Ok(Reply::Ok)
}
