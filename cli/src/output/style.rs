//! The colours: the terminal's own, few, and never the only bearer of a meaning.

use anstyle::{AnsiColor, Style};
use clawlink_protocol::{Priority, ReceiptEvent, TaskStatus};

/// The word `error`.
pub(crate) const ERROR: Style = colour(AnsiColor::Red).bold();
/// What a message is: a task, a response …
pub(crate) const KIND: Style = Style::new().bold();
/// A message id.
pub(crate) const ID: Style = colour(AnsiColor::Cyan);
/// Headings of tables.
pub(crate) const HEADING: Style = Style::new().bold();
/// What matters less.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// What went well.
pub(crate) const GOOD: Style = colour(AnsiColor::Green);
/// What wants attention.
pub(crate) const WARN: Style = colour(AnsiColor::Yellow);

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(colour)))
}

/// How a task's priority looks.
pub(crate) fn priority(priority: Priority) -> Style {
    match priority {
        Priority::Urgent => ERROR,
        Priority::High => WARN,
        Priority::Normal | Priority::Low => FAINT,
    }
}

/// How a task's status looks.
pub(crate) fn task(status: TaskStatus) -> Style {
    match status {
        TaskStatus::Completed => GOOD,
        TaskStatus::Delayed | TaskStatus::Queued | TaskStatus::Canceled => FAINT,
        TaskStatus::Delivered | TaskStatus::InProgress | TaskStatus::InputRequired => WARN,
        TaskStatus::Failed | TaskStatus::Expired | TaskStatus::Dead => ERROR,
    }
}

/// How what happened to a task looks.
pub(crate) fn receipt(event: ReceiptEvent) -> Style {
    match event {
        ReceiptEvent::Queued | ReceiptEvent::Delivered => FAINT,
        ReceiptEvent::Failed | ReceiptEvent::Released | ReceiptEvent::LeaseLost => WARN,
        ReceiptEvent::Dead | ReceiptEvent::Expired => ERROR,
    }
}
