//! Random walks: generated commands go to both servers, and every reply has to be equal.
//!
//! Transcripts show each command at its best and at its edges; only a walk shows what hundreds of
//! them leave behind. What commands look like stands in `walks/*.txt` ([`grammar`]), what scripts do in `walks/lua.txt`; [`generate`] makes
//! steps of it, [`duo`] takes them on both servers, and in the end all that both hold is
//! compared. When something differs, [`shrink`] leaves out what the difference does not need.

pub mod duo;
pub mod equality;
pub mod generate;
pub mod grammar;
mod lua;
pub mod shrink;
mod side;
mod spoil;
mod state;
pub mod step;

use anyhow::Result;

use duo::{Difference, Duo};
use generate::{Generator, Plan};
use grammar::Grammar;
use step::Step;

/// Walks so many steps from a seed. Panics with the shortest walk that shows it when both servers
/// differ. Fails if the servers cannot be started or no longer answer.
pub fn walk(grammar: &Grammar, plan: Plan, seed: u64, steps: usize) -> Result<()> {
    let mut generator = Generator::new(grammar, plan, seed)?;
    let mut duo = Duo::start(plan.clients)?;
    let mut taken = Vec::new();
    for _ in 0..steps {
        taken.push(generator.step());
        let difference = duo.take(&taken[taken.len() - 1]);
        let difference = difference.unwrap_or_else(|error| Some(Difference::end(&error)));
        if let Some(difference) = difference {
            fail(seed, taken, difference, plan.clients);
        }
    }
    if let Some(difference) = duo.compare()? {
        fail(seed, taken, difference, plan.clients);
    }
    Ok(())
}

fn fail(seed: u64, steps: Vec<Step>, difference: Difference, clients: usize) -> ! {
    let count = steps.len();
    let long: String =
        steps[count.saturating_sub(5)..].iter().map(|step| step.lines(clients)).collect();
    eprintln!("seed {seed}, step {count}:\n{long}{}\n", difference.text);
    let short = shrink::shrink(steps, difference, clients);
    let lines: String = short.steps.iter().map(|step| step.lines(clients)).collect();
    panic!("seed {seed}, shortest of {count} steps:\n\n{lines}\n{}", short.difference.text);
}
