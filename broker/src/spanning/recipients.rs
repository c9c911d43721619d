//! One request for several recipients: all of them get theirs, or none does.

use std::sync::Arc;

use clawlink_actors::command::{Command, Recipients, Route};
use clawlink_actors::{Args, Composer, Outcome, Pipeline, Place, Refusal, Reply};

use crate::loans::Homes;
use crate::router::creates;
use crate::session::Session;

/// Runs a request for each recipient. The owners are borrowed: what none of them refuses beforehand, none refuses when
/// it is done, and nobody sees a half of it.
pub(super) async fn run(
    session: &mut Session,
    command: &'static Command,
    args: Args<'_>,
) -> Outcome {
    let (Some(recipients), Route::Mailboxes(word)) = (command.recipients, command.route) else {
        return Err(Refusal::Internal);
    };
    let name = session.shared.directory.message_id(NAME);
    let parts = (recipients.split)(&args, &name)?;
    let parts: Vec<Part> = parts.into_iter().map(|request| Part::of(request, word)).collect();
    for part in &parts {
        // To borrow a mailbox starts it; a name that nobody has must not be able to.
        if session.shared.directory.mailbox(&part.name).is_none() {
            part.rehearse(session, recipients, false).await?;
        }
    }
    let lent = session.loans.is_none();
    if lent {
        let mut homes = Homes::default();
        parts.iter().for_each(|part| {
            homes.insert(part.place());
        });
        session.borrow(&homes).await?;
    }
    let create = creates(command, &args);
    let replies = all_or_none(session, recipients, &parts, create).await;
    if lent {
        session.loans = None;
    }
    Ok((recipients.merge)(&parts[0].request.request(0), replies?))
}

/// What the names that the parts of requests have in common begin with.
const NAME: &str = "group";

/// The request for one recipient.
struct Part {
    name: Vec<u8>,
    request: Arc<Pipeline>,
}

impl Part {
    fn of(request: Pipeline, word: u8) -> Self {
        let name = request.request(0).word(usize::from(word)).to_vec();
        Self { name, request: Arc::new(request) }
    }

    fn place(&self) -> Place<'_> {
        Place::Mailbox(&self.name)
    }

    /// Asks the owner whether it would refuse.
    async fn rehearse(
        &self,
        session: &mut Session,
        recipients: &Recipients,
        create: bool,
    ) -> Outcome {
        let mut composer = Composer::default();
        composer.push(Some(recipients.rehearsal), self.request.request(0).words());
        session.ask(self.place(), create, composer.finish().into(), None).await
    }
}

async fn all_or_none(
    session: &mut Session,
    recipients: &Recipients,
    parts: &[Part],
    create: bool,
) -> Result<Vec<Reply>, Refusal> {
    for part in parts {
        part.rehearse(session, recipients, create).await?;
    }
    let mut replies = Vec::with_capacity(parts.len());
    for part in parts {
        replies.push(session.ask(part.place(), create, part.request.clone(), None).await?);
    }
    Ok(replies)
}
