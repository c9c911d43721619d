//! What `INFO keyspace` says of each database.

use super::Keyspace;
use crate::call::Call;
use crate::command::Runs;
use crate::{Command, Outcome, Reply};

/// Answers with the number of keys, and of keys that have an expiry, for each database in order. It stands in no
/// table: only the broker itself sends it.
pub static FIGURES: Command = Command {
    name: "keyspace-figures",
    summary: "Counts the keys of each database.",
    run: Runs { keyspace: Some(figures), ..Runs::NONE },
    ..Command::BASE
};

fn figures(state: &mut Keyspace, _call: &mut Call<'_>) -> Outcome {
    let databases = state.databases().iter();
    let counts = databases.flat_map(|db| [Reply::len(db.len()), Reply::len(db.expiring())]);
    Ok(Reply::Array(counts.collect()))
}
