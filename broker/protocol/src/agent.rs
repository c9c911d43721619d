//! Who is in the mesh.

use serde::{Deserialize, Serialize};

use crate::Extra;

/// An agent as the registry knows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Its id: unique in the mesh, stable, readable. See [`crate::name`].
    pub agent_id: String,
    /// What it calls itself: free text, 1 to 256 bytes.
    pub name: String,
    /// What it can do; `@capability` addresses everyone who can.
    pub capabilities: Vec<String>,
    /// The machine it runs on, as it says itself.
    pub machine: String,
    /// Free text about it.
    pub description: String,
    /// When it registered first.
    pub registered_at: String,
    /// Its last sign of life, in seconds since 1970.
    pub last_heartbeat: u64,
    /// Whether there was a sign of life lately.
    pub status: AgentStatus,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Whether an agent gives signs of life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// There was a sign of life within the last 120 seconds.
    #[default]
    Online,
    /// There was none. Its mail is kept, and its id may be taken over without the key.
    Stale,
}

impl AgentStatus {
    /// The word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Stale => "stale",
        }
    }
}
