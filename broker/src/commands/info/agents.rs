//! The section about the agents' world.

use std::sync::atomic::Ordering;

use super::{Figures, Text};

pub(super) fn clawlink(figures: &Figures<'_>, text: &mut Text) {
    let shared = &figures.session.shared;
    let counters = &shared.directory.counters;
    let (queued, leased) =
        (counters.queued.load(Ordering::Relaxed), counters.leased.load(Ordering::Relaxed));
    text.title("Clawlink");
    text.field("version", env!("CARGO_PKG_VERSION"));
    text.field("agents", counters.agents.load(Ordering::Relaxed));
    text.field("mailboxes", shared.directory.mailbox_count());
    text.field("tasks", queued + leased);
    text.field("tasks_queued", queued);
    text.field("tasks_leased", leased);
    text.field("topics", counters.topics.load(Ordering::Relaxed));
    text.field("files", counters.files.load(Ordering::Relaxed));
    text.field("file_bytes", counters.file_bytes.load(Ordering::Relaxed));
    text.field("refusals", shared.stats.refusals.load(Ordering::Relaxed));
    text.field("wrong_tokens", shared.stats.wrong_tokens.load(Ordering::Relaxed));
    text.field("caught_panics", counters.caught_panics.load(Ordering::Relaxed));
    text.field("owner_messages", counters.owner_messages.load(Ordering::Relaxed));
    text.field("loans", counters.loans.load(Ordering::Relaxed));
    text.field("slow_subscribers", counters.slow_subscribers.load(Ordering::Relaxed));
}
