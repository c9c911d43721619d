//! Whom a connection speaks as, and what only those may do who have shown who they are.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_actors::command::{self, Command, Flags};
use clawlink_actors::directory::Gauge;
use clawlink_actors::owner::now_ms;
use clawlink_actors::place::{INBOX, TASK};
use clawlink_actors::{Args, Pipeline, Place, Refusal, Reply};

use crate::session::Session;

/// What a connection that speaks as an agent knows of it beside its name.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    /// The gauge of the agent: every request is a sign of life, and an identity ends when its key becomes void.
    gauge: Option<Arc<Gauge>>,
    /// How many of the agent's keys were void when this connection showed the one that was not.
    void_keys: u64,
    /// Whether the connection had an identity and its key became void: it must not go on as if it were nobody's.
    lost: bool,
}

impl Session {
    /// From now on the connection's requests are this agent's.
    pub(crate) fn speak_as(&mut self, agent: Option<Arc<str>>) {
        let mailbox = agent.as_ref().and_then(|id| self.shared.directory.mailbox(id.as_bytes()));
        let gauge = mailbox.map(|mailbox| mailbox.gauge);
        let void_keys = gauge.as_ref().map_or(0, |gauge| gauge.void_keys.load(Ordering::Relaxed));
        self.identity = Identity { gauge, void_keys, lost: false };
        self.client.label(|labels| labels.agent.clone_from(&agent));
        self.caller.agent = agent;
        self.caller.identified = false;
    }

    /// Something has arrived: a sign of life of the connection and of its agent.
    pub fn sign_of_life(&mut self) {
        self.now = now_ms();
        self.client.active.store(self.now, Ordering::Relaxed);
        let Some(gauge) = &self.identity.gauge else { return };
        if self.caller.identified
            && gauge.void_keys.load(Ordering::Relaxed) != self.identity.void_keys
        {
            self.speak_as(None);
            self.identity.lost = true;
            return;
        }
        gauge.last_seen.store(self.now, Ordering::Relaxed);
        if gauge.stale.load(Ordering::Relaxed)
            && let Some(agent) = &self.caller.agent
        {
            self.shared.directory.seen(agent.as_bytes(), self.now);
        }
    }

    /// Speaks as the agent in the reply to a command that says so. Where the key was shown, where the rule is that it has
    /// to be, and where the connection had an identity before, the agent is its identity from then on.
    pub(crate) fn adopt(&mut self, command: &Command, reply: &Reply) {
        if !command.flags.has(Flags::ADOPTS_AGENT) {
            return;
        }
        let Reply::Map(fields) = reply else { return };
        let id = fields.iter().find(|(name, _)| *name == Reply::text("agent_id"));
        let Some((_, Reply::Bulk(id))) = id else { return };
        let identified = command.flags.has(Flags::IDENTIFIES)
            || self.caller.identified
            || self.identity.lost
            || self.requires_identity();
        self.speak_as(Some(String::from_utf8_lossy(id).into()));
        self.caller.identified = identified;
    }

    /// Becomes the agent whose id and key these are.
    ///
    /// # Errors
    /// [`Refusal::NoAgent`], [`Refusal::BadKey`]
    pub(crate) async fn identify(&mut self, id: &[u8], key: &[u8]) -> Result<(), Refusal> {
        let words: [&[u8]; 3] = [b"claw.identify", id, key];
        let command = command::find(words[0], b"").ok_or(Refusal::Internal)?;
        let request = Pipeline::of(Some(command), &words);
        let reply = self.ask(Place::Registry, false, request.into(), None).await?;
        self.adopt(command, &reply);
        Ok(())
    }

    fn requires_identity(&self) -> bool {
        self.shared.directory.limits.require_identity.holds()
    }

    /// Whether any request of this connection may be one that [`Session::check_identity`] refuses.
    pub(crate) fn is_guarded(&self) -> bool {
        self.requires_identity() || self.identity.lost
    }

    /// Refuses what only those may do who have shown who they are, and to them what is another agent's.
    ///
    /// # Errors
    /// [`Refusal::NoIdentity`], [`Refusal::NotYourInbox`]
    pub(crate) fn check_identity(&self, command: &Command, args: &Args<'_>) -> Result<(), Refusal> {
        if !self.is_guarded() {
            return Ok(());
        }
        let acts = command.group == "agents" && !command.flags.has(Flags::ADOPTS_AGENT);
        if acts && !self.caller.identified {
            return Err(Refusal::NoIdentity);
        }
        if !self.requires_identity() {
            return Ok(());
        }
        for (nth, at) in command.keys.range(args).enumerate() {
            let key = args.word(at);
            if is_mail(key) && command.uses_content(nth) {
                self.check_mail(key)?;
            }
        }
        Ok(())
    }

    /// Refuses to use the content of mail that is not this agent's. Tasks are shown to every agent, as `CLAW.TASK` shows
    /// them.
    fn check_mail(&self, key: &[u8]) -> Result<(), Refusal> {
        let agent = self.caller.agent.as_deref().filter(|_| self.caller.identified);
        let agent = agent.ok_or(Refusal::NoIdentity)?;
        match key.strip_prefix(INBOX.as_bytes()) {
            Some(inbox) if !self.is_own_inbox(agent, inbox) => {
                let inbox = String::from_utf8_lossy(inbox);
                Err(Refusal::NotYourInbox(inbox.into(), agent.into()))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is the agent's, or that of a capability it has.
    fn is_own_inbox(&self, agent: &str, inbox: &[u8]) -> bool {
        let Some(capability) = inbox.strip_prefix(b"@") else { return inbox == agent.as_bytes() };
        let gauge = self.identity.gauge.as_ref();
        gauge.is_some_and(|gauge| {
            gauge.capabilities.read().iter().any(|own| own.as_bytes() == capability)
        })
    }
}

/// Whether a key is an inbox's or a task's.
fn is_mail(key: &[u8]) -> bool {
    key.starts_with(INBOX.as_bytes()) || key.starts_with(TASK.as_bytes())
}
