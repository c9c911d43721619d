//! Which requests travel to their owner together.

use clawlink_actors::command::{Command, Flags, Patience};
use clawlink_actors::{Pipeline, Place};

use super::Connection;
use crate::router::{creates, direct_place};

impl Connection {
    /// The requests from `from` on that go to one owner without further questions: the owner, whether its mailbox is
    /// to be created, and the end of the run.
    pub(super) fn neighbours<'a>(
        &self,
        pipeline: &'a Pipeline,
        from: usize,
    ) -> Option<(Place<'a>, bool, usize)> {
        if !self.session.is_plain() {
            return None;
        }
        let guarded = self.session.is_guarded();
        let direct = |index| {
            direct(pipeline, index).filter(|(_, command)| {
                !guarded || self.session.check_identity(command, &pipeline.request(index)).is_ok()
            })
        };
        let (place, first) = direct(from)?;
        let mut create = creates(first, &pipeline.request(from));
        let mut end = from + 1;
        // What a subscriber publishes reaches itself before the reply does, so it is run one by one.
        let hears_itself =
            !self.session.subscriptions.is_empty() || self.session.caching.hears_itself();
        while end < pipeline.len() && !hears_itself {
            match direct(end) {
                Some((next, command)) if next == place => {
                    create |= creates(command, &pipeline.request(end));
                }
                _ => break,
            }
            end += 1;
        }
        Some((place, create, end))
    }
}

/// The owner and the command of a request that needs nothing but to be run there.
fn direct(pipeline: &Pipeline, index: usize) -> Option<(Place<'_>, &'static Command)> {
    let command = pipeline.command(index)?;
    let args = pipeline.request(index);
    let plain = command.patience.is_none()
        && command.subcommands.is_empty()
        && !command.flags.has(Flags::ADOPTS_AGENT)
        && !command.flags.has(Flags::PROTECTED)
        && command.follow.is_none_or(|follow| (follow.patience)(&args) == Ok(Patience::Never))
        && command.takes(args.len());
    if !plain {
        return None;
    }
    direct_place(command, &args).map(|place| (place, command))
}
