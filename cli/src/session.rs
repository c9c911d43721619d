//! What every verb is given.

use std::path::PathBuf;

use crate::args::Globals;
use crate::failure::Failure;
use crate::identity::{Identity, Store};
use crate::link::Link;
use crate::output::Output;
use crate::relay::Relay;

/// One run of the program: which broker, which agent, how to print.
pub(crate) struct Session {
    relay: Relay,
    token: Option<String>,
    agent: Option<String>,
    /// The folder of identities, if it is not the platform's.
    identities: Option<PathBuf>,
    /// Where reports go.
    pub(crate) output: Output,
}

impl Session {
    /// A session as the global flags and the environment say. An empty variable counts as unset,
    /// since that is how a shell's `CLAWLINK_AGENT= clawlink …` means it.
    pub(crate) fn new(globals: Globals) -> Self {
        let given = |value: Option<String>| value.filter(|value| !value.is_empty());
        Self {
            relay: globals.relay,
            token: given(globals.token),
            agent: given(globals.agent),
            identities: None,
            output: Output::new(globals.json),
        }
    }

    /// A session that leaves no trace: identities live in `identities`, and reports are kept.
    pub(crate) fn on_stage(relay: Relay, agent: &str, identities: PathBuf) -> Self {
        Self {
            relay,
            token: None,
            agent: Some(agent.to_owned()),
            identities: Some(identities),
            output: Output::kept(),
        }
    }

    /// The broker's address.
    pub(crate) fn relay(&self) -> &Relay {
        &self.relay
    }

    /// The agent that was named, if any was.
    pub(crate) fn named_agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// The identities stored for this broker.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        match &self.identities {
            Some(folder) => Ok(Store::in_folder(folder, &self.relay)),
            None => Store::of(&self.relay),
        }
    }

    /// Connects for a command that is nobody's in particular. A broker that lets only agents ask is shown the key of
    /// the one that a command would act as, if there is one.
    pub(crate) fn link(&self) -> Result<Link, Failure> {
        let agent = self.agent().ok();
        let identity = agent.and_then(|agent| self.identity(&agent).ok().flatten());
        Link::open(&self.relay, self.token.as_deref(), self.named_agent(), identity)
    }

    /// Connects as an agent: the one that was named, else the only one stored. Shows its key, if it was registered from
    /// here. Answers its id too.
    pub(crate) fn link_as_agent(&self) -> Result<(Link, String), Failure> {
        let agent = self.agent()?;
        let identity = self.identity(&agent)?;
        let mut link = Link::open(&self.relay, self.token.as_deref(), Some(&agent), identity)?;
        link.identify()?;
        Ok((link, agent))
    }

    fn identity(&self, agent: &str) -> Result<Option<Identity>, Failure> {
        // Without a home folder nothing is stored.
        let Ok(store) = self.store() else { return Ok(None) };
        store.load(agent)
    }

    /// The agent that this command acts as. One that was named need not be stored here: it may
    /// have been registered by another program.
    pub(crate) fn agent(&self) -> Result<String, Failure> {
        if let Some(named) = &self.agent {
            return Ok(named.clone());
        }
        let ids = self.store()?.list()?.into_iter().map(|identity| identity.agent_id);
        match &ids.collect::<Vec<_>>()[..] {
            [only] => Ok(only.clone()),
            [] => {
                Err(Failure::local(format!("no agent is registered from here at {}", self.relay))
                    .next(
                        "register one with `clawlink register --name NAME`, or name one with --as",
                    ))
            }
            several => Err(Failure::local(format!(
                "several agents are registered from here at {}: {}",
                self.relay,
                several.join(", ")
            ))
            .next("choose one with --as or CLAWLINK_AGENT")),
        }
    }
}
