//! Blocking commands: found at once, or wait.
//!
//! The request is parked at every owner it concerns, and the connection waits for whichever comes first: an answer,
//! the end of its patience, an order, or the client's end. Nothing is lost at any of these: see [`Waiter`].

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use clawlink_actors::command::{Command, Nothing, Patience, Route, Span};
use clawlink_actors::directory::OwnerAddr;
use clawlink_actors::owner::{Park, Served, Unpark, Waiter, now_ms};
use clawlink_actors::{Args, Outcome, Pipeline, Place, Refusal, Reply};
use tokio::sync::oneshot::Receiver;
use tokio::time::{Instant, sleep_until};

use super::{Connection, Event};
use crate::accounting::Ran;
use crate::clients::Order;
use crate::loans::Homes;
use crate::scripts::Scripts;
use crate::session::BUSY;
use crate::spanning::{runs, wait_for_source};

/// How the waiting ended.
pub(super) enum End {
    /// An owner answered.
    Answer(Reply),
    /// The patience ran out, or somebody said that it had.
    TimeOut,
    /// Somebody ended it with an error.
    Refused(Refusal),
    /// The client is gone.
    Gone(io::Error),
}

impl Connection {
    /// Runs a blocking command. When its patience is over it answers as its declaration says.
    pub(super) async fn run_blocking(
        &mut self,
        command: &'static Command,
        request: Arc<Pipeline>,
        patience: Patience,
    ) -> io::Result<Reply> {
        let before = self.session.owners_ns;
        self.session.shared.account_waiting(command);
        let found = self.find_or_wait(command, request.clone(), patience).await?;
        let (in_vain, args) = (found.is_none(), request.request(0));
        let reply = Reply::from(match found {
            Some(outcome) => outcome,
            None => self.nothing(command, args).await,
        });
        let time_ns = self.session.owners_ns - before;
        let ran = Ran { command, args, reply: &reply, time_ns };
        self.session.shared.account_waited(&self.session.client, &ran, in_vain);
        Ok(reply)
    }

    /// Waits for more than the reply to a request. `None`: it did not come in time, or never will.
    pub(super) async fn run_following(&mut self, request: Pipeline) -> io::Result<Option<Reply>> {
        let args = request.request(0);
        let command = request.command(0);
        let patience = command.and_then(|command| command.patience?(&args).ok());
        let Some((command, patience)) = command.zip(patience) else { return Ok(None) };
        let found = self.find_or_wait(command, Arc::new(request), patience).await?;
        Ok(found.and_then(Result::ok).filter(|reply| !reply.is_nothing()))
    }

    /// Runs a blocking command, and waits if it finds nothing. `None`: the patience is over.
    async fn find_or_wait(
        &mut self,
        command: &'static Command,
        request: Arc<Pipeline>,
        patience: Patience,
    ) -> io::Result<Option<Outcome>> {
        let args = request.request(0);
        let mut homes = Homes::default();
        self.session.each_place(command, &args, |place| {
            homes.insert(place);
        });
        let spanning = homes.spans() && matches!(command.route, Route::Keys);
        if spanning && matches!(command.span, Span::Refuse) {
            return Ok(Some(Err(Refusal::CannotSpan(command.name))));
        }
        if spanning && matches!(command.span, Span::Move) {
            return self.run_moving(command, &request, patience).await;
        }
        if patience == Patience::Never || looks_first(command, &args, &homes) {
            let outcome = self.session.ask_owners(command, args).await;
            let empty = match &outcome {
                Ok(Reply::Array(found)) => found.is_empty(),
                Ok(reply) => reply.is_nothing(),
                Err(_) => false,
            };
            if patience == Patience::Never || !empty {
                return Ok(Some(outcome));
            }
        }
        let owners = match self.owners(&homes, command, &args, spanning) {
            Ok(owners) => owners,
            Err(refusal) => return Ok(Some(Err(refusal))),
        };
        self.wait(command, request, owners, patience, spanning).await
    }

    /// Moves an element between owners: waits until the source has one, borrows both, and tries. If somebody else took
    /// the element in between, it waits again.
    async fn run_moving(
        &mut self,
        command: &'static Command,
        request: &Arc<Pipeline>,
        patience: Patience,
    ) -> io::Result<Option<Outcome>> {
        let args = request.request(0);
        let started = Instant::now();
        loop {
            let outcome = self.session.ask_owners(command, args).await;
            if !matches!(&outcome, Ok(reply) if reply.is_nothing()) {
                return Ok(Some(outcome));
            }
            let source = Place::of_key(args.word(1));
            let owner = match self.session.shared.directory.owner(source, true) {
                Ok(owner) => owner,
                Err(refusal) => return Ok(Some(Err(refusal))),
            };
            let wait = Arc::new(wait_for_source(&args));
            let left = match patience {
                Patience::For(time) => Patience::For(time.saturating_sub(started.elapsed())),
                patience => patience,
            };
            match self.wait(command, wait, vec![owner], left, false).await? {
                Some(Ok(reply)) if !reply.is_nothing() => {}
                over => return Ok(over),
            }
        }
    }

    /// The owners to park at, in the order of the keys.
    fn owners(
        &self,
        homes: &Homes,
        command: &'static Command,
        args: &Args<'_>,
        spanning: bool,
    ) -> Result<Vec<OwnerAddr>, Refusal> {
        let directory = &self.session.shared.directory;
        let create = command.route == Route::Keys;
        if !spanning {
            return homes.places().map(|place| directory.owner(place, create)).collect();
        }
        let mut seen = Homes::default();
        let mut owners = Vec::new();
        self.session.each_place(command, args, |place| {
            if seen.insert(place) {
                owners.push(directory.owner(place, create));
            }
        });
        owners.into_iter().collect()
    }

    /// Parks a request and waits. `None`: the patience is over.
    async fn wait(
        &mut self,
        command: &'static Command,
        request: Arc<Pipeline>,
        owners: Vec<OwnerAddr>,
        patience: Patience,
        spanning: bool,
    ) -> io::Result<Option<Outcome>> {
        let (waiter, mut answered) = Waiter::new(self.session.client.id);
        let waiter = Arc::new(waiter);
        let mut caller = self.session.caller.clone();
        caller.spanning = spanning.then_some(0..usize::MAX);
        for owner in &owners {
            let (request, caller, waiter) = (request.clone(), caller.clone(), waiter.clone());
            owner.tell(Park { request, caller, waiter });
        }
        self.send()?;
        let waiting = command.actor().map(|word| request.request(0).value(word));
        let is_behind = self.session.shared.scripts.is_expected()
            && owners.iter().any(|owner| matches!(owner, OwnerAddr::Keyspace(_)));
        let behind = is_behind.then_some(&*waiter);
        let mut end = self.wait_for_end(&mut answered, patience, waiting, behind).await;
        if !matches!(end, End::Answer(_)) && waiter.claim().is_none() {
            // An owner was faster, or is answering in this instant: its answer counts.
            if let Ok(served) = answered.await {
                let reply = self.served(served);
                end = match end {
                    End::Gone(error) => {
                        self.put_back(command, &request, &reply).await;
                        End::Gone(error)
                    }
                    _ => End::Answer(reply),
                };
            }
        }
        if owners.len() > 1 || !matches!(end, End::Answer(_)) {
            owners.iter().for_each(|owner| owner.tell(Unpark(waiter.id())));
        }
        match end {
            End::Answer(reply) => match self.gone() {
                None => Ok(Some(outcome(reply))),
                Some(error) => {
                    self.put_back(command, &request, &reply).await;
                    Err(error)
                }
            },
            End::TimeOut => Ok(None),
            End::Refused(refusal) => Ok(Some(Err(refusal))),
            End::Gone(error) => Err(error),
        }
    }

    /// Waits for the first of all things that can end a blocking command. `agent`: the one that the request itself says
    /// waits here, whomever the connection speaks as; `behind`: what waits behind scripts to be looked at.
    async fn wait_for_end(
        &mut self,
        answered: &mut Receiver<Served>,
        patience: Patience,
        agent: Option<Bytes>,
        behind: Option<&Waiter>,
    ) -> End {
        let deadline = match patience {
            Patience::For(time) => Instant::now().checked_add(time),
            _ => None,
        };
        let client = self.session.client.clone();
        let shared = self.session.shared.clone();
        let waits = agent.is_some() || self.session.caller.agent.is_some();
        let mut next_sign = self.next_sign(waits);
        client.blocked.store(true, Ordering::Relaxed);
        let for_a_time = usize::from(deadline.is_some());
        shared.stats.blocked.fetch_add(1, Ordering::Relaxed);
        shared.stats.blocked_for_a_time.fetch_add(for_a_time, Ordering::Relaxed);
        let end = loop {
            tokio::select! {
                biased;
                answer = &mut *answered => break match answer {
                    Ok(served) => End::Answer(self.served(served)),
                    Err(_) => End::Refused(Refusal::ShuttingDown),
                },
                () = until(deadline) => break End::TimeOut,
                () = left_by_busy_script(&shared.scripts, behind) => break End::Refused(BUSY),
                () = until(next_sign) => {
                    self.sign_while_blocked(agent.as_deref());
                    next_sign = self.next_sign(waits);
                }
                event = self.event() => match event.and_then(|event| self.while_blocked(&event)) {
                    Ok(None) => {}
                    Ok(Some(end)) => break end,
                    Err(error) => break End::Gone(error),
                },
            }
        };
        client.blocked.store(false, Ordering::Relaxed);
        shared.stats.blocked.fetch_sub(1, Ordering::Relaxed);
        shared.stats.blocked_for_a_time.fetch_sub(for_a_time, Ordering::Relaxed);
        end
    }

    /// Takes an owner's answer.
    fn served(&mut self, served: Served) -> Reply {
        self.session.owners_ns += served.time_ns;
        served.reply
    }

    /// An agent that waits for its mail is alive, however long no mail comes: the connection's, and the one named.
    fn sign_while_blocked(&self, named: Option<&[u8]>) {
        let own = self.session.caller.agent.as_deref().map(str::as_bytes);
        for agent in own.into_iter().chain(named) {
            self.session.shared.directory.seen(agent, now_ms());
        }
    }

    /// When that is to be said again, if an agent waits here.
    fn next_sign(&self, waits: bool) -> Option<Instant> {
        if !waits {
            return None;
        }
        let stale_ms = self.session.shared.directory.limits.agent_stale_ms.get();
        Instant::now().checked_add(Duration::from_millis((stale_ms / 3).max(1)))
    }

    /// What happens to a connection that waits. Some: its waiting is over.
    pub(super) fn while_blocked(&mut self, event: &Event) -> io::Result<Option<End>> {
        match event {
            Event::Read(_) => self.check_read_ahead().map(|()| None),
            Event::Writable => self.send().map(|()| None),
            Event::Changed => self.ordered(),
        }
    }

    /// What an order or a push means to a blocked connection.
    fn ordered(&mut self) -> io::Result<Option<End>> {
        let end = match self.session.client.take_order() {
            Order::None => None,
            Order::TimeOut => Some(End::TimeOut),
            Order::Unblock => {
                let text = "client unblocked via CLIENT UNBLOCK";
                Some(End::Refused(Refusal::Fixed("UNBLOCKED", text)))
            }
            Order::Close if *self.session.shared.stopping.borrow() => {
                self.session.closing = true;
                Some(End::Refused(Refusal::ShuttingDown))
            }
            Order::Close => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        self.look_around()?;
        Ok(end)
    }

    /// What arrives while the connection is blocked waits for its turn, within bounds.
    fn check_read_ahead(&mut self) -> io::Result<()> {
        match self.buffers.get().input.len() {
            0..=READ_AHEAD_BYTES_MAX => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Whether the client has gone though nobody has noticed yet: it must not take a message with it.
    fn gone(&mut self) -> Option<io::Error> {
        let input = &mut self.buffers.get().input;
        input.reserve(super::READ_BYTES);
        match self.stream.try_read(input) {
            Ok(0) => Some(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => self.check_read_ahead().err(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) => Some(error),
        }
    }

    /// What a command answers that found nothing in time.
    async fn nothing(&mut self, command: &'static Command, args: Args<'_>) -> Outcome {
        Ok(match command.nothing {
            Nothing::NilArray => Reply::NilArray,
            Nothing::Nil => Reply::Nil,
            Nothing::EmptyArray => Reply::Array(Vec::new()),
            Nothing::Zero => Reply::Int(0),
            Nothing::AskAgain => {
                self.session.now = now_ms();
                return self.session.ask_owners(command, args).await;
            }
        })
    }

    /// Puts back what was taken for a client that has gone.
    async fn put_back(&mut self, command: &'static Command, request: &Pipeline, reply: &Reply) {
        let undo = command.undo.and_then(|undo| undo(&request.request(0), reply));
        if let Some(undo) = undo
            && let Some(command) = undo.command(0)
        {
            let _ = self.session.ask_owners(command, undo.request(0)).await;
        }
    }
}

/// Whether all owners are looked at as one before the request waits at each: where what is there comes in one reply,
/// whoever holds it, and where the order of the keys comes back to an owner.
fn looks_first(command: &Command, args: &Args<'_>, homes: &Homes) -> bool {
    match command.span {
        Span::Gather => true,
        Span::Named => homes.spans(),
        Span::First => runs(command, args).len() > homes.places().count(),
        _ => false,
    }
}

/// How much a client may send while it is blocked; as much as may wait as input in any case.
const READ_AHEAD_BYTES_MAX: usize = 1 << 30;

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// A script turns out to run for long before the keyspace has looked at what was sent behind it.
async fn left_by_busy_script(scripts: &Scripts, behind: Option<&Waiter>) {
    if let Some(waiter) = behind {
        scripts.until_busy().await;
        if !waiter.is_parked() {
            return;
        }
    }
    pending::<()>().await;
}

fn outcome(reply: Reply) -> Outcome {
    match reply {
        Reply::Error(refusal) => Err(refusal),
        reply => Ok(reply),
    }
}
