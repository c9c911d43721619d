//! What the agent that has a task says about it, and what is said back.

use bytes::Bytes;
use clawlink_protocol::TaskStatus::{self, Canceled, Completed, Failed, InProgress, InputRequired};

use super::Voice;
use super::end::Ending;
use super::is_agent;
use crate::Refusal;
use crate::mailbox::Mailbox;
use crate::mailbox::attempts::AttemptEnd;
use crate::mailbox::effects::{Change, Effect};
use crate::mailbox::record::{self, Envelope};
use crate::mailbox::task::{Stage, Task};
use crate::mailbox::transitions::{check, refuse};
use clawlink_protocol::time::iso8601;

/// An answer to a task.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Who answers which task.
    pub voice: Voice<'a>,
    /// What.
    pub text: &'a [u8],
    /// `InProgress`, `InputRequired`, `Completed` or `Failed`.
    pub status: TaskStatus,
    /// Whether a failure is final.
    pub fatal: bool,
}

/// A report of progress.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Who reports about which task.
    pub voice: Voice<'a>,
    /// What there is to say.
    pub note: &'a [u8],
    /// How much is done, 0 to 100.
    pub percent: Option<u8>,
}

impl Mailbox {
    /// Answers a task. Returns the response's id, or for a failure that is not the last one the receipt of the attempt.
    ///
    /// # Errors
    /// [`Refusal::NoTask`], [`Refusal::NotHeld`], and those of a transition that is not legal.
    pub fn respond(
        &mut self,
        answer: &Answer<'_>,
        change: &mut Change<'_>,
    ) -> Result<String, Refusal> {
        let Answer { voice, text, status, .. } = *answer;
        let task = self.task(voice.id)?;
        check_open(voice.id, task, status.word())?;
        let taken = matches!(task.stage, Stage::Taken { .. }) && voice.attempt.is_none();
        if !taken || status == InputRequired {
            voice.held(task)?;
        }
        let from = self.answerer(task, voice.speaker).to_owned();
        let fatal = answer.fatal || taken;
        match status {
            Failed if !fatal => return Ok(self.fail(voice.id, text, &from, change)),
            Completed | Failed => {}
            _ => return Ok(self.go_on(answer, &from, change)),
        }
        check(voice.id, task, status)?;
        let (attempt, reason) = match status {
            Completed => (AttemptEnd::Completed, ""),
            _ => (AttemptEnd::Failed, &*String::from_utf8_lossy(text)),
        };
        let ending = Ending { status, text, from: &from, reason, attempt };
        let record = self.take_record(voice.id);
        Ok(self.end(voice.id, record, &ending, change))
    }

    /// Work on a task goes on, or waits for an answer: the sender is told.
    fn go_on(&mut self, answer: &Answer<'_>, from: &str, change: &mut Change<'_>) -> String {
        let (id, status) = (answer.voice.id, answer.status);
        let Ok(task) = self.task(id) else { return String::new() };
        let to = task.reply_to().clone();
        let told = is_agent(&to);
        let response_id = (change.mint)(if told { &to } else { self.name() });
        let envelope = Envelope {
            message_id: task.known_as(),
            from,
            to: &to,
            timestamp: &iso8601(change.now),
        };
        let record = record::response(envelope, &response_id, answer.text, status);
        self.note_work(id, status, change.now);
        if status == InputRequired
            && let Some(task) = self.ledger_mut().task_mut(id)
        {
            task.talk_mut().ask(record.clone());
            let id = task.id.clone();
            change.effects.push(Effect::Wake(id));
        }
        if told {
            let id = response_id.clone();
            change.effects.push(Effect::Send { to, id, record, optional: false });
        }
        response_id
    }

    /// The agent that has a task is at work: so far is the task, and its lease starts anew.
    fn note_work(&mut self, id: &str, now_is: TaskStatus, now: u64) {
        let Some(ledger) = &mut self.ledger else { return };
        let until = match ledger.task_mut(id).map(|task| &mut task.stage) {
            Some(Stage::Out(handed)) => {
                handed.status = now_is;
                now.saturating_add(handed.lease_ms)
            }
            Some(Stage::Taken { status, .. }) => {
                *status = now_is;
                return;
            }
            _ => return,
        };
        ledger.renew(id, until);
    }

    /// Who answers: who says so, else who has the task, else whose mailbox this is.
    fn answerer<'a>(&'a self, task: &'a Task, speaker: &'a str) -> &'a str {
        match &task.stage {
            _ if !speaker.is_empty() => speaker,
            Stage::Out(handed) => &handed.holder,
            _ if self.is_shared() => "",
            _ => self.name(),
        }
    }

    /// Reports progress. Returns the number of the report.
    ///
    /// # Errors
    /// As [`Mailbox::respond`].
    pub fn progress(
        &mut self,
        progress: &Progress<'_>,
        change: &mut Change<'_>,
    ) -> Result<u64, Refusal> {
        let Progress { voice, note, percent } = *progress;
        let task = self.task(voice.id)?;
        check_open(voice.id, task, InProgress.word())?;
        let from = voice.held(task)?.holder.clone();
        self.note_work(voice.id, InProgress, change.now);
        let Some(task) = self.ledger_mut().task_mut(voice.id) else {
            return Err(Refusal::NoTask(voice.id.into()));
        };
        let id = task.id.clone();
        let talk = task.talk_mut();
        talk.reports += 1;
        let seq = talk.reports;
        let record = record::progress(&id, seq, &from, note, percent, &iso8601(change.now));
        talk.report(record.clone());
        change.effects.push(Effect::Wake(id.clone()));
        change.effects.push(Effect::Publish { id, record });
        Ok(seq)
    }

    /// Answers the question of the agent that has a task. Returns the answer's id.
    ///
    /// # Errors
    /// [`Refusal::NoTask`]; if the task waits for no answer, by its state.
    pub fn answer(
        &mut self,
        id: &str,
        text: &[u8],
        by: &str,
        change: &mut Change<'_>,
    ) -> Result<String, Refusal> {
        let task = self.task(id)?;
        let Some(handed) = task.handed_out().filter(|out| out.status == InputRequired) else {
            return Err(refuse(id, task, "answered"));
        };
        let to = handed.holder.clone();
        let answer_id = (change.mint)(&to);
        let timestamp = iso8601(change.now);
        let envelope = Envelope { message_id: id, from: by, to: &to, timestamp: &timestamp };
        let record = record::answer(envelope, &answer_id, text);
        self.note_work(id, InProgress, change.now);
        let task = self.ledger_mut().task_mut(id);
        let talk = task.and_then(|task| task.talk.as_mut());
        if let Some(question) = talk.and_then(|talk| talk.questions.back_mut()) {
            question.answer = Some(record.clone());
        }
        let id = answer_id.clone();
        change.effects.push(Effect::Send { to, id, record, optional: false });
        Ok(answer_id)
    }

    /// A sign of life of whoever has a task. Returns for how long it is leased, in milliseconds.
    ///
    /// # Errors
    /// As [`Mailbox::respond`].
    pub fn touch(&mut self, voice: Voice<'_>, now: u64) -> Result<u64, Refusal> {
        let task = self.task(voice.id)?;
        check_open(voice.id, task, InProgress.word())?;
        let handed = voice.held(task)?;
        let (lease_ms, until) = (handed.lease_ms, now.saturating_add(handed.lease_ms));
        self.ledger_mut().renew(voice.id, until);
        Ok(lease_ms)
    }

    /// Calls a task off.
    ///
    /// # Errors
    /// [`Refusal::NoTask`], and those of a transition that is not legal.
    pub fn cancel(
        &mut self,
        id: &str,
        reason: &str,
        by: &str,
        change: &mut Change<'_>,
    ) -> Result<(), Refusal> {
        check(id, self.task(id)?, Canceled)?;
        self.tell_worker(id, "task_canceled", by, reason, change);
        let record = self.take_record(id);
        let (text, attempt) = (reason.as_bytes(), AttemptEnd::Canceled);
        let ending = Ending { status: Canceled, text, from: by, reason, attempt };
        self.end(id, record, &ending, change);
        Ok(())
    }

    /// Tells whoever has a task that it is over.
    pub(super) fn tell_worker(
        &self,
        id: &str,
        kind: &'static str,
        by: &str,
        reason: &str,
        change: &mut Change<'_>,
    ) {
        let Some(handed) = self.task(id).ok().and_then(Task::handed_out) else { return };
        let to = handed.holder.clone();
        let notice_id = (change.mint)(&to);
        let timestamp = iso8601(change.now);
        let envelope = Envelope { message_id: id, from: by, to: &to, timestamp: &timestamp };
        let record: Bytes = record::notice(kind, envelope, &notice_id, reason);
        change.effects.push(Effect::Send { to, id: notice_id, record, optional: false });
    }
}

/// Refuses what cannot be done to a task that is over.
pub(super) fn check_open(id: &str, task: &Task, wanted: &'static str) -> Result<(), Refusal> {
    if task.status().is_end() { Err(refuse(id, task, wanted)) } else { Ok(()) }
}
