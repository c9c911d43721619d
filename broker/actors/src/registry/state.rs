//! The state of the registry, pure: times and keys are parameters.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ahash::AHashMap;
use subtle::ConstantTimeEq;

use super::agent::Agent;
use super::groups::Groups;
use super::no_agent;
use crate::Refusal;
use crate::collections::Dict;
use crate::directory::Gauge;

/// Who is in the mesh.
#[derive(Debug, Default)]
pub struct Registry {
    agents: Dict<Agent>,
    /// How many agents have each capability.
    members: AHashMap<Arc<str>, usize>,
    /// When to look whether an agent is still alive. Every agent that is not known to be stale stands here once,
    /// at its `check_at`.
    checks: BTreeSet<(u64, Arc<str>)>,
    groups: Groups,
}

/// What a registration says. What it leaves out keeps its value when an agent resumes.
#[derive(Debug, Default)]
pub struct Registration {
    /// The agent's id.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// What it can do.
    pub capabilities: Option<Vec<Arc<str>>>,
    /// The machine it runs on.
    pub machine: Option<String>,
    /// Free text about it.
    pub description: Option<String>,
    /// The key of its former registration.
    pub key: Option<Vec<u8>>,
    /// Whether the connection has identified itself as this agent: as good as the key.
    pub identified: bool,
}

/// What a registration brought about.
#[derive(Debug, PartialEq, Eq)]
pub struct Registered {
    /// Whether the identity was there.
    pub resumed: bool,
    /// Whether others had been told that it was stale.
    pub awoke: bool,
    /// Capabilities that nobody had before.
    pub opened: Vec<Arc<str>>,
    /// Capabilities that nobody has any more.
    pub closed: Vec<Arc<str>>,
    /// All that it had before.
    pub former: Arc<[Arc<str>]>,
}

/// An agent that has left.
#[derive(Debug)]
pub struct Left {
    /// The agent.
    pub agent: Agent,
    /// Capabilities that nobody has any more.
    pub closed: Vec<Arc<str>>,
}

impl Registry {
    /// All agents, by id.
    pub fn agents(&self) -> &Dict<Agent> {
        &self.agents
    }

    /// The agent with this id.
    pub fn agent(&self, id: &[u8]) -> Option<&Agent> {
        self.agents.get(id)
    }

    /// Whether an agent may register so. `require_key`: whether the id of a stale agent needs its key, too.
    /// The groups of tasks.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The groups of tasks, to be changed.
    pub fn groups_mut(&mut self) -> &mut Groups {
        &mut self.groups
    }

    /// Whether an agent may register so. The key is compared in constant time.
    ///
    /// # Errors
    /// [`Refusal::BadKey`], [`Refusal::AgentInUse`], [`Refusal::AgentTaken`]
    pub fn check(
        &self,
        registration: &Registration,
        now: u64,
        stale_ms: u64,
        require_key: bool,
    ) -> Result<(), Refusal> {
        let Some(agent) = self.agents.get(registration.id.as_bytes()) else { return Ok(()) };
        match &registration.key {
            Some(key) => check_key(agent, key),
            None if registration.identified => Ok(()),
            None if !agent.is_stale(now, stale_ms) => {
                Err(Refusal::AgentInUse(registration.id.as_str().into()))
            }
            None if require_key => Err(Refusal::AgentTaken(registration.id.as_str().into())),
            None => Ok(()),
        }
    }

    /// The agent with this id, to whoever shows its key.
    ///
    /// # Errors
    /// [`Refusal::NoAgent`], [`Refusal::BadKey`]
    pub fn identify(&self, id: &[u8], key: &[u8]) -> Result<&Agent, Refusal> {
        let agent = self.agents.get(id).ok_or_else(|| no_agent(id))?;
        check_key(agent, key)?;
        Ok(agent)
    }

    /// Registers an agent, or lets it resume. The caller has checked that it may. `fresh_key` becomes its key, and the
    /// one it had is void, unless it has shown that.
    pub fn register(
        &mut self,
        registration: Registration,
        fresh_key: String,
        gauge: &Arc<Gauge>,
        now: u64,
        stale_ms: u64,
    ) -> Registered {
        let id: Arc<str> = registration.id.as_str().into();
        gauge.last_seen.store(now, Ordering::Relaxed);
        gauge.stale.store(false, Ordering::Relaxed);
        let resumed = self.agents.contains(id.as_bytes());
        let agent = self.agents.get_or_insert_with(id.as_bytes(), || Agent {
            id: id.clone(),
            name: String::new(),
            capabilities: [].into(),
            machine: String::new(),
            description: String::new(),
            key: fresh_key.clone(),
            registered_at: now,
            gauge: gauge.clone(),
            check_at: None,
        });
        agent.name = registration.name;
        if resumed && registration.key.is_none() && !registration.identified {
            agent.key = fresh_key;
            agent.void_key();
        }
        set(&mut agent.machine, registration.machine);
        set(&mut agent.description, registration.description);
        let former = agent.capabilities.clone();
        set(&mut agent.capabilities, registration.capabilities.map(Into::into));
        let current = agent.capabilities.clone();
        let unwatched = watch(&mut self.checks, agent, now.saturating_add(stale_ms));
        let awoke = resumed && unwatched;
        // Joined before left: what the agent keeps is never without a member in between.
        let opened = self.join(&current);
        let closed = self.leave(&former);
        Registered { resumed, awoke, opened, closed, former }
    }

    /// Removes an agent.
    pub fn unregister(&mut self, id: &[u8]) -> Option<Left> {
        let agent = self.agents.remove(id)?;
        if let Some(at) = agent.check_at {
            self.checks.remove(&(at, agent.id.clone()));
        }
        agent.void_key();
        let closed = self.leave(&agent.capabilities.clone());
        Some(Left { agent, closed })
    }

    fn join(&mut self, capabilities: &[Arc<str>]) -> Vec<Arc<str>> {
        let mut opened = Vec::new();
        for capability in capabilities {
            let members = self.members.entry(capability.clone()).or_insert(0);
            *members += 1;
            if *members == 1 {
                opened.push(capability.clone());
            }
        }
        opened
    }

    fn leave(&mut self, capabilities: &[Arc<str>]) -> Vec<Arc<str>> {
        let mut closed = Vec::new();
        for capability in capabilities {
            let Some(members) = self.members.get_mut(capability) else { continue };
            *members -= 1;
            if *members == 0 {
                self.members.remove(capability);
                closed.push(capability.clone());
            }
        }
        closed
    }

    /// A sign of life of an agent that was found stale. Whether that is news.
    pub fn awake(&mut self, id: &str, now: u64, stale_ms: u64) -> bool {
        let Some(agent) = self.agents.get_mut(id.as_bytes()) else { return false };
        watch(&mut self.checks, agent, now.saturating_add(stale_ms))
    }

    /// When the next agent is to be looked at, in milliseconds since 1970.
    pub fn next_check(&self) -> Option<u64> {
        self.checks.first().map(|(at, _)| *at)
    }

    /// Looks at the agents whose time has come. Returns those that are stale now and were not before.
    pub fn find_stale(&mut self, now: u64, stale_ms: u64) -> Vec<Arc<str>> {
        let mut found = Vec::new();
        while self.next_check().is_some_and(|at| at <= now)
            && let Some((_, id)) = self.checks.pop_first()
        {
            let Some(agent) = self.agents.get_mut(id.as_bytes()) else { continue };
            agent.check_at = None;
            // Said first and looked at then: a sign of life in between is not missed.
            agent.gauge.stale.store(true, Ordering::SeqCst);
            if agent.is_stale(now, stale_ms) {
                found.push(id);
            } else {
                agent.gauge.stale.store(false, Ordering::SeqCst);
                let at = agent.last_seen().saturating_add(stale_ms);
                watch(&mut self.checks, agent, at);
            }
        }
        found
    }

    /// Forgets all agents, and returns them; forgets all groups.
    pub fn flush(&mut self) -> Vec<Agent> {
        self.groups = Groups::default();
        self.members.clear();
        self.checks.clear();
        let ids: Vec<Box<[u8]>> = self.agents.iter().map(|(id, _)| id.into()).collect();
        let agents: Vec<Agent> = ids.iter().filter_map(|id| self.agents.remove(id)).collect();
        agents.iter().for_each(Agent::void_key);
        agents
    }
}

/// Compares in constant time: how long it takes tells nothing about where a guess goes wrong.
fn check_key(agent: &Agent, key: &[u8]) -> Result<(), Refusal> {
    let right: bool = agent.key.as_bytes().ct_eq(key).into();
    if right { Ok(()) } else { Err(Refusal::BadKey((*agent.id).into())) }
}

/// Looks at an agent again at that time, unless that is going to happen anyway. False if it is.
fn watch(checks: &mut BTreeSet<(u64, Arc<str>)>, agent: &mut Agent, at: u64) -> bool {
    if agent.check_at.is_some() {
        return false;
    }
    agent.check_at = Some(at);
    checks.insert((at, agent.id.clone()))
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
