//! Tasks, their responses, and what is told about them on the way, printed for people.

use clawlink_protocol::{
    TaskAnswer, TaskDelegation, TaskNotice, TaskProgress, TaskReceipt, TaskResponse,
};

use super::message::{body, styled_head, who};
use super::page::Page;
use super::style::{self, FAINT, ID};
use super::text::{clean, size, time};

/// A task, and what a worker needs to know to answer it.
pub(super) fn delegation(page: &mut Page, record: &TaskDelegation) {
    let look = style::priority(record.priority);
    let (from, priority) = (who(&record.from_agent), record.priority.word());
    let about = format!("from {from} {look}{priority}{look:#}");
    styled_head(page, "task", &record.message_id, &about, &record.timestamp);
    body(page, record.task.as_deref(), record.task_base64.as_deref());
    if let Some(id) = record.task_ref() {
        let (id, bytes) = (clean(id), size(record.task_bytes().unwrap_or_default()));
        page.line(format_args!(
            "    {FAINT}({bytes}, more than the poll allowed: clawlink task {id}){FAINT:#}"
        ));
    }
    if let Some(context) = record.context.as_deref().filter(|context| context.get() != "{}") {
        page.line(format_args!("    {FAINT}context{FAINT:#} {}", clean(context.get())));
    }
    if let Some(receipt) = record.receipt() {
        let attempt = record.attempt().map(|attempt| format!(" attempt {attempt}"));
        let lease = record.lease_ends().map(|ends| format!(", lease ends {}", time(ends)));
        let (receipt, attempt) = (clean(receipt), attempt.unwrap_or_default());
        let lease = lease.unwrap_or_default();
        page.line(format_args!("    {FAINT}receipt{FAINT:#} {ID}{receipt}{ID:#}{attempt}{lease}"));
    }
    let deadline = record.deadline().map(time);
    for (name, value) in [
        ("deadline", deadline.as_deref()),
        ("group", record.group()),
        ("parent", record.parent()),
        ("reply to", record.reply_to()),
    ] {
        if let Some(value) = value {
            page.line(format_args!("    {FAINT}{name}{FAINT:#} {}", clean(value)));
        }
    }
}

/// What became of a task.
pub(super) fn response(page: &mut Page, record: &TaskResponse) {
    let look = style::task(record.status);
    let (from, status) = (who(&record.from_agent), record.status.word());
    let task = clean(&record.message_id);
    let about = format!("from {from} to {ID}{task}{ID:#} {look}{status}{look:#}");
    styled_head(page, "response", &record.response_id, &about, &record.timestamp);
    body(page, record.result.as_deref(), record.result_base64.as_deref());
}

/// What happened to a task on its way.
pub(super) fn receipt(page: &mut Page, record: &TaskReceipt) {
    let (task, event) = (clean(&record.message_id), record.event.word());
    let look = style::receipt(record.event);
    let mut about = format!("for {ID}{task}{ID:#} {look}{event}{look:#}");
    if !record.agent.is_empty() {
        about += &format!(" by {}, attempt {}", clean(&record.agent), record.attempt);
    }
    styled_head(page, "receipt", &record.receipt_id, &about, &record.timestamp);
    page.block(&record.reason);
}

/// A task that its worker need not go on with: it was `canceled`, or has `expired`.
pub(super) fn notice(page: &mut Page, kind: &str, record: &TaskNotice) {
    let task = clean(&record.message_id);
    let mut about = format!("task {ID}{task}{ID:#}");
    if !record.from_agent.is_empty() {
        about += &format!(" by {}", clean(&record.from_agent));
    }
    styled_head(page, kind, &record.notice_id, &about, &record.timestamp);
    page.block(&record.reason);
}

/// The answer to a worker's question.
pub(super) fn answer(page: &mut Page, record: &TaskAnswer) {
    let (from, task) = (who(&record.from_agent), clean(&record.message_id));
    let about = format!("from {from} for {ID}{task}{ID:#}");
    styled_head(page, "answer", &record.answer_id, &about, &record.timestamp);
    body(page, record.answer.as_deref(), record.answer_base64.as_deref());
}

/// How work on a task goes.
pub(super) fn progress(page: &mut Page, record: &TaskProgress) {
    let percent = record.percent.map(|percent| format!(" {percent} %")).unwrap_or_default();
    let about = format!("from {}{percent}", who(&record.from_agent));
    styled_head(page, "progress", &record.message_id, &about, &record.timestamp);
    body(page, record.note.as_deref(), record.note_base64.as_deref());
}
