//! The JSON records that ClawLink agents exchange, and the rules for their names.
//!
//! One file for each family of records: [`agent`], [`task`], [`task_notice`], [`broadcast`], [`notice`],
//! [`mod@file`]; [`status`] says how far a task can be;
//! [`message`] is the sum of all that an inbox can hold, and [`name`] says what an id may look like.
//! [`time`] and [`content`] say how moments and bytes are written in them.
//!
//! Every record keeps the fields it does not know (in `extra`) and passes them on when it is
//! written again, so agents of different versions, and agents with fields of their own, get along.
//! Reading is lenient: a missing field takes its default, because whoever pushes raw JSON with a
//! plain Redis client is a first-class sender. Times are ISO 8601 UTC with milliseconds unless a
//! field says otherwise.

pub mod agent;
pub mod broadcast;
pub mod content;
pub mod file;
pub mod message;
pub mod name;
pub mod notice;
pub mod status;
pub mod task;
pub mod task_notice;
pub mod time;

pub use agent::{Agent, AgentStatus};
pub use broadcast::{KnowledgeBroadcast, MessagesMissed, Published};
pub use file::{FileEntry, FileVersion};
pub use message::Message;
pub use notice::{AgentNotice, FileNotice};
pub use status::TaskStatus;
pub use task::{Priority, TaskDelegation, TaskResponse};
pub use task_notice::{ReceiptEvent, TaskAnswer, TaskNotice, TaskProgress, TaskReceipt};

/// Fields that a record does not know: kept as they came, passed on when it is written.
pub type Extra = serde_json::Map<String, serde_json::Value>;
