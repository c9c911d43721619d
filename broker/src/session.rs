//! What the broker remembers of one connection: everything but its socket.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawlink_actors::command::{self, Command, Flags};
use clawlink_actors::owner::{Answers, now_ms};
use clawlink_actors::request::{QUOTED_BYTES_MAX, quoted};
use clawlink_actors::{Args, Caller, ErrorText, Outcome, Pipeline, Refusal};

use crate::caching::Caching;
use crate::clients::Client;
use crate::commands::{self, EdgeCommand};
use crate::config::DebugAccess;
use crate::identity::Identity;
use crate::loans::Loans;
use crate::shared::Shared;
use crate::subscriptions::Subscriptions;
use crate::transaction::Transaction;

/// One connection's state.
#[derive(Debug)]
pub struct Session {
    /// What all connections share.
    pub shared: Arc<Shared>,
    /// This connection, as others see it.
    pub client: Arc<Client>,
    /// Whether it speaks RESP3.
    pub resp3: bool,
    /// Whether it has given the token, or none is needed.
    pub authenticated: bool,
    /// On whose behalf its requests run.
    pub caller: Caller,
    /// Which replies it wants.
    pub replies: Replies,
    /// Its transaction, after `MULTI`, and what it watches.
    pub transaction: Transaction,
    /// What it is subscribed to.
    pub subscriptions: Subscriptions,
    /// The owners it has borrowed, while it does something that spans them.
    pub(crate) loans: Option<Box<Loans>>,
    /// Whether it may ask no owners but those that it has borrowed: while it runs a script's request.
    pub(crate) confined: bool,
    /// Where its replies arrive.
    pub(crate) answers: Answers,
    /// How long owners have worked for this connection, in nanoseconds.
    pub(crate) owners_ns: u64,
    /// The time at which the request that is being run was read, in milliseconds since 1970.
    pub(crate) now: u64,
    /// Its last command, as others see it.
    shown_command: Option<&'static Command>,
    /// Whether it is to be closed when what it is owed has been sent.
    pub closing: bool,
    /// Whether it is closed without even sending what it is owed.
    pub discarding: bool,
    /// What it has said of the copies that it keeps.
    pub(crate) caching: Caching,
    /// The agent that it speaks as, beside its name.
    pub(crate) identity: Identity,
}

/// Which replies a connection wants: `CLIENT REPLY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    /// All.
    On,
    /// None.
    Off,
    /// All, from the reply after the next on.
    SkipNext,
    /// All, from the next reply on.
    Skip,
}

/// What a request's name stands for.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// A command that owners run.
    Owner(&'static Command),
    /// A command about the connection or the broker itself.
    Edge(&'static EdgeCommand),
}

impl Target {
    /// Its declaration.
    pub fn command(self) -> &'static Command {
        match self {
            Self::Owner(command) => command,
            Self::Edge(edge) => &edge.command,
        }
    }
}

impl Session {
    /// The session of a new connection.
    pub fn new(shared: Arc<Shared>, client: Arc<Client>) -> Self {
        let authenticated = shared.config.read().token.is_none();
        let caller = Caller { client: client.id, ..Caller::default() };
        Self {
            shared,
            client,
            resp3: false,
            authenticated,
            caller,
            replies: Replies::On,
            transaction: Transaction::default(),
            subscriptions: Subscriptions::default(),
            loans: None,
            confined: false,
            answers: Answers::default(),
            owners_ns: 0,
            now: now_ms(),
            shown_command: None,
            closing: false,
            discarding: false,
            caching: Caching::default(),
            identity: Identity::default(),
        }
    }

    /// Puts everything back as it was when the client connected, but for its identity as a connection: `RESET`.
    pub fn reset(&mut self) {
        self.resp3 = false;
        self.authenticated = self.shared.config.read().token.is_none();
        self.select(0);
        self.speak_as(None);
        self.replies = Replies::On;
        self.client.protocol.store(2, Ordering::Relaxed);
        self.client.label(|labels| labels.name.clear());
        self.shared.monitors.remove(self.client.id);
        self.stop_tracking();
        self.client.monitor.store(false, Ordering::Relaxed);
        self.client.no_evict.store(false, Ordering::Relaxed);
        self.client.no_touch.store(false, Ordering::Relaxed);
        self.caller.no_touch = false;
    }

    /// Selects a database, 0 to 15.
    pub fn select(&mut self, db: u8) {
        self.caller.db = db;
        self.client.db.store(db, Ordering::Relaxed);
    }

    /// Shows others which command it has sent last. `None`: one that nobody knows.
    pub(crate) fn show_command(&mut self, command: Option<&'static Command>) {
        // A client mostly sends more of the same, so mostly they see it already.
        if self.shown_command.map(std::ptr::from_ref) != command.map(std::ptr::from_ref) {
            self.shown_command = command;
            *self.client.last_command.lock() = command.map_or("NULL", |command| command.name);
        }
    }

    /// Whether requests can go to their owners without any of the questions of [`Session::refuse`].
    pub fn is_plain(&self) -> bool {
        self.authenticated
            && !self.transaction.is_open()
            && self.replies == Replies::On
            && (self.resp3 || self.subscriptions.is_empty())
            && !self.shared.monitors.any()
            && !self.shared.pause.is_on()
            && !self.shared.memory.is_full()
            && !self.shared.scripts.is_busy()
    }

    /// What a request of a pipeline stands for: as [`resolve`](Self::resolve), but whether it is an owner's command was
    /// found out when it was read.
    ///
    /// # Errors
    /// Unknown commands and subcommands, with Redis's texts.
    pub fn target(&self, pipeline: &Pipeline, index: usize) -> Result<Target, Refusal> {
        self.resolve_found(pipeline.command(index), &pipeline.request(index))
    }

    /// What a request's name stands for.
    ///
    /// # Errors
    /// Unknown commands and subcommands, with Redis's texts.
    pub fn resolve(&self, args: &Args<'_>) -> Result<Target, Refusal> {
        self.resolve_found(command::find(args.word(0), args.word(1)), args)
    }

    fn resolve_found(
        &self,
        owned: Option<&'static Command>,
        args: &Args<'_>,
    ) -> Result<Target, Refusal> {
        if let Some(command) = owned.filter(|command| command.subcommands.is_empty()) {
            return Ok(Target::Owner(command));
        }
        if let Some(word) = commands::hostile(args.word(0)) {
            return Ok(Target::Edge(word));
        }
        if let Some(edge) = commands::find(args.word(0), args.word(1)) {
            return Ok(Target::Edge(edge));
        }
        match self.container(args) {
            Some(container) if args.len() == 1 => Err(Refusal::WrongArity(container.name.into())),
            Some(container) => {
                Err(Refusal::UnknownSubcommand(clipped(args.word(1)), container.name))
            }
            None => Err(unknown(args)),
        }
    }

    /// The container of subcommands that a request's first word names.
    pub(crate) fn container(&self, args: &Args<'_>) -> Option<&'static Command> {
        command::find(args.word(0), b"").or_else(|| commands::container(args.word(0)))
    }

    /// The refusals that any command may meet, in Redis's order.
    ///
    /// # Errors
    /// The first that applies.
    pub fn refuse(&self, command: &Command, args: &Args<'_>) -> Result<(), Refusal> {
        command.check_arity(args.len())?;
        if command.flags.has(Flags::PROTECTED) {
            self.check_debug_access()?;
        }
        if !self.authenticated && !command.flags.has(Flags::NO_AUTH) {
            return Err(Refusal::Fixed("NOAUTH", "Authentication required."));
        }
        self.check_identity(command, args)?;
        if self.shared.memory.is_full()
            && (command.flags.has(Flags::DENYOOM) || self.transaction.grows_by(command))
        {
            return Err(Refusal::OutOfMemory);
        }
        if !self.resp3 && !self.subscriptions.is_empty() && !commands::while_subscribed(command) {
            let text = format!(
                "Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
                 are allowed in this context",
                command.name
            );
            return Err(Refusal::Custom("ERR", text.into()));
        }
        self.check_busy(command)
    }

    /// Refuses what has to wait for a script that runs for long. What agents say to each other does not.
    fn check_busy(&self, command: &Command) -> Result<(), Refusal> {
        let waits = !command.flags.has(Flags::ALLOW_BUSY) && command.group != "agents";
        if waits && self.shared.scripts.is_busy() { Err(BUSY) } else { Ok(()) }
    }

    /// Refuses what only those may do whom `enable-debug-command` names.
    fn check_debug_access(&self) -> Result<(), Refusal> {
        let allowed = match self.shared.config.read().enable_debug_command {
            DebugAccess::Yes => true,
            DebugAccess::Local => self.client.is_local(),
            DebugAccess::No => false,
        };
        if allowed {
            return Ok(());
        }
        Err(Refusal::Fixed(
            "ERR",
            "DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you \
             can run it from a local connection, otherwise you need to set this option in the \
             configuration file, and then restart the server.",
        ))
    }

    /// Runs a request that is neither queued nor blocking.
    pub async fn run(&mut self, target: Target, args: Args<'_>) -> Outcome {
        match target {
            Target::Edge(edge) => edge.run(self, args).await,
            Target::Owner(command) => self.ask_owners(command, args).await,
        }
    }
}

/// What is told to those who would have to wait for a script.
pub(crate) const BUSY: Refusal = Refusal::Fixed(
    "BUSY",
    "Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
);

fn clipped(word: &[u8]) -> ErrorText {
    quoted(word, QUOTED_BYTES_MAX).into()
}

fn unknown(args: &Args<'_>) -> Refusal {
    let mut shown = Vec::new();
    for word in args.words().skip(1) {
        if shown.len() >= QUOTED_BYTES_MAX {
            break;
        }
        let room = QUOTED_BYTES_MAX - shown.len();
        shown.extend([b"'", quoted(word, room), b"' "].concat());
    }
    Refusal::UnknownCommand(clipped(args.word(0)), shown.into())
}
