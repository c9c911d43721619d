//! Owners that a connection borrows: which ones, in which order, and what it asks of them by their loans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clawlink_actors::directory::OwnerAddr;
use clawlink_actors::owner::{Borrow, Loan};
use clawlink_actors::{Place, Refusal, topics};
use tokio::sync::oneshot;

use crate::session::{BUSY, Session};

/// The owners of which there is one each, in the order in which they may be borrowed. The mailboxes come after them.
const SINGLES: [Place<'static>; 4] =
    [Place::Registry, Place::Topics, Place::Files, Place::Keyspace];

/// Distinct owners, in the order in which they may be borrowed.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    /// Which of [`SINGLES`].
    singles: [bool; SINGLES.len()],
    mailboxes: BTreeSet<Arc<[u8]>>,
    spans: bool,
}

/// The sortable form of a place.
type PlaceBuf = (u8, Arc<[u8]>);

fn place_buf(place: Place<'_>) -> PlaceBuf {
    match place {
        Place::Registry => (0, [].into()),
        Place::Topics => (1, [].into()),
        Place::Files => (2, [].into()),
        Place::Keyspace => (3, [].into()),
        Place::Mailbox(name) => (4, name.into()),
    }
}

impl Homes {
    /// Adds an owner. False if it was there.
    pub(crate) fn insert(&mut self, place: Place<'_>) -> bool {
        match place {
            Place::Mailbox(name) => {
                !self.mailboxes.contains(name) && self.mailboxes.insert(name.into())
            }
            single => SINGLES
                .iter()
                .position(|other| *other == single)
                .is_some_and(|at| !std::mem::replace(&mut self.singles[at], true)),
        }
    }

    /// Adds every owner but the mailboxes: for requests that may need any of them.
    pub(crate) fn insert_all_singles(&mut self) {
        self.singles = [true; SINGLES.len()];
        self.spans = true;
    }

    /// Whether there is more than one owner, or may be.
    pub(crate) fn spans(&self) -> bool {
        self.spans || self.places().nth(1).is_some()
    }

    /// The owner, if there is exactly one.
    pub(crate) fn single(&self) -> Option<Place<'_>> {
        let mut places = self.places();
        let first = places.next();
        first.filter(|_| places.next().is_none())
    }

    /// All of them, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let singles = SINGLES.iter().zip(self.singles);
        let singles = singles.filter_map(|(place, there)| there.then_some(*place));
        singles.chain(self.mailboxes.iter().map(|name| Place::Mailbox(name)))
    }
}

/// The owners that a connection has borrowed.
#[derive(Debug, Default)]
pub(crate) struct Loans(BTreeMap<PlaceBuf, Loan>);

impl Loans {
    /// The keyspace alone.
    pub(crate) fn of_keyspace(loan: Loan) -> Self {
        Self(BTreeMap::from([(place_buf(Place::Keyspace), loan)]))
    }

    /// The loan of an owner, if it is borrowed.
    pub(crate) fn of(&self, place: Place<'_>) -> Option<&Loan> {
        self.0.get(&place_buf(place))
    }
}

impl Session {
    /// Lets the topics know something, through the loan if the connection has borrowed them: what it asks of them next is
    /// answered accordingly.
    pub(crate) fn tell_topics(&self, notice: topics::Notice) {
        match self.loans.as_ref().and_then(|loans| loans.of(Place::Topics)) {
            Some(loan) => loan.tell(notice),
            None => self.shared.directory.tell_topics(notice),
        }
    }

    /// Whether this owner can be asked. A connection that has borrowed owners asks no other: that one could be waiting
    /// for them.
    pub(crate) fn may_ask(&self, place: Place<'_>) -> bool {
        self.loans.as_ref().is_none_or(|loans| loans.of(place).is_some())
    }

    /// Borrows owners, in order. Until `loans` is cleared they serve this connection alone.
    ///
    /// # Errors
    /// When the keyspace would have to be waited for until a script ends that runs for long. Then nothing is borrowed: the
    /// other owners must not wait for it, too.
    pub(crate) async fn borrow(&mut self, homes: &Homes) -> Result<(), Refusal> {
        let mut loans = Loans::default();
        for place in homes.places() {
            let Ok(owner) = self.shared.directory.owner(place, true) else {
                continue;
            };
            let loan = match place {
                Place::Keyspace => self.shared.scripts.unless_busy(borrow_one(&owner)).await,
                _ => Some(borrow_one(&owner).await),
            };
            if let Some(loan) = loan.ok_or(BUSY)? {
                loans.0.insert(place_buf(place), loan);
            }
        }
        self.loans = Some(Box::new(loans));
        Ok(())
    }
}

async fn borrow_one(owner: &OwnerAddr) -> Option<Loan> {
    let (granted, loan) = oneshot::channel();
    owner.tell(Borrow(granted));
    loan.await.ok()
}
