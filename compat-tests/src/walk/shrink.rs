//! Leaves out of a walk what a difference does not need.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::duo::{Difference, Duo};
use super::step::Step;

/// How long it may take. What is left by then is shown.
const SHRINKING_MAX: Duration = Duration::from_secs(60);

/// A walk as short as was found, and the difference at its end.
pub struct Short {
    /// What is left of the steps.
    pub steps: Vec<Step>,
    /// What they show.
    pub difference: Difference,
}

/// Walks on fresh servers, and compares what they hold in the end.
pub fn replay(steps: &[Step], clients: usize) -> Result<Option<(usize, Difference)>> {
    let mut duo = Duo::start(clients)?.impatient();
    for (index, step) in steps.iter().enumerate() {
        let difference = duo.take(step);
        let difference = difference.unwrap_or_else(|error| Some(Difference::end(&error)));
        if let Some(difference) = difference {
            return Ok(Some((index, difference)));
        }
    }
    Ok(duo.compare()?.map(|difference| (steps.len().saturating_sub(1), difference)))
}

/// Tries the walk without half of its steps, a quarter, an eighth, … and keeps what still shows a
/// difference about the same.
#[must_use]
pub fn shrink(mut steps: Vec<Step>, difference: Difference, clients: usize) -> Short {
    let (end, about) = (Instant::now() + SHRINKING_MAX, difference.about.clone());
    let mut found = difference;
    let mut size = steps.len() / 2;
    while size > 0 && Instant::now() < end {
        let (mut start, before) = (0, steps.len());
        while start < steps.len() && Instant::now() < end {
            let mut fewer = steps.clone();
            fewer.drain(start..(start + size).min(fewer.len()));
            match replay(&fewer, clients) {
                Ok(Some((last, difference))) if difference.about == about => {
                    fewer.truncate(last + 1);
                    (steps, found) = (fewer, difference);
                }
                _ => start += size,
            }
        }
        // What could go only after something else is found in another round.
        let is_last_round = size == 1 && steps.len() == before;
        size = if is_last_round { 0 } else { (size / 2).max(1) };
    }
    for step in (0..steps.len()).rev() {
        for command in (0..8).rev() {
            let fewer = without_command(&steps, step, command);
            if let Some(fewer) = fewer
                && Instant::now() < end
                && let Ok(Some((_, difference))) = replay(&fewer, clients)
                && difference.about == about
            {
                (steps, found) = (fewer, difference);
            }
        }
    }
    for step in 0..steps.len() {
        while let Some((shorter, difference)) =
            with_shorter_script(&steps, step, clients, end, &about)
        {
            (steps, found) = (shorter, difference);
        }
    }
    Short { steps, difference: found }
}

/// The steps with a shorter script in one of them that still show a difference about the same.
fn with_shorter_script(
    steps: &[Step],
    step: usize,
    clients: usize,
    end: Instant,
    about: &str,
) -> Option<(Vec<Step>, Difference)> {
    let Step::Send { commands, .. } = &steps[step] else { return None };
    let shorter = commands
        .iter()
        .enumerate()
        .flat_map(|(at, command)| command.shorter().map(move |command| (at, command)));
    shorter.take_while(|_| Instant::now() < end).find_map(|(at, command)| {
        let mut steps = steps.to_vec();
        let Step::Send { commands, .. } = &mut steps[step] else { return None };
        commands[at] = command;
        let (_, difference) = replay(&steps, clients).ok()??;
        (difference.about == about).then_some((steps, difference))
    })
}

/// The steps without one of several commands that are sent in one write.
fn without_command(steps: &[Step], step: usize, command: usize) -> Option<Vec<Step>> {
    let mut steps = steps.to_vec();
    let Step::Send { commands, .. } = &mut steps[step] else { return None };
    if commands.len() < 2 || command >= commands.len() {
        return None;
    }
    commands.remove(command);
    Some(steps)
}
