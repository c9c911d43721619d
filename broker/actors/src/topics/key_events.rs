//! What happened to keys, told on channels.

use bytes::Bytes;

use super::{Topics, receivers};
use crate::call::{Call, Env};
use crate::command::{Route, Runs};
use crate::key_events::{Classes, Happened};
use crate::outbox::Moment;
use crate::{Command, Outcome, Reply};

impl Topics {
    /// Tells all that has happened to keys until now.
    pub(super) fn tell_key_events(&mut self, env: &Env) {
        for Happened { db, event, key, told } in env.directory.key_events.take() {
            if told.has(Classes::KEYSPACE) {
                let channel = [format!("__keyspace@{db}__:").as_bytes(), &key].concat();
                let name = Bytes::from_static(event.name.as_bytes());
                self.tell(&channel, &name, event.moment, env);
            }
            if told.has(Classes::KEYEVENT) {
                let channel = format!("__keyevent@{db}__:{}", event.name);
                self.tell(channel.as_bytes(), &key, event.moment, env);
            }
        }
    }

    fn tell(&mut self, channel: &[u8], payload: &Bytes, moment: Moment, env: &Env) {
        let bytes_max = env.directory.limits.outbox_bytes_max.get();
        let fanned = self.channels.publish_at(moment, channel, payload, bytes_max);
        receivers(fanned, &env.directory);
    }
}

/// Not in the command table: the broker's own question. Its answer comes when all that has happened to keys before it was
/// asked is told.
pub static TOLD: Command = Command {
    name: "told",
    summary: "Answers when all that has happened to keys is told.",
    route: Route::Topics,
    run: Runs {
        topics: Some(|_: &mut Topics, _: &mut Call<'_>| -> Outcome { Ok(Reply::Ok) }),
        ..Runs::NONE
    },
    ..Command::BASE
};
