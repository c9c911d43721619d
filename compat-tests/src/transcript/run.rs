//! Runs a transcript against two servers that must agree, or one that must do as expected.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context, Result};

use super::compare::{equal, value};
use super::expect::{Captured, Expectation};
use super::session::Session;
use super::{Case, Comparison, Protocol, Step, Transcript};
use crate::server::Server;

/// How much of a long reply is shown on each side of the first difference.
const CONTEXT_LINES: usize = 4;

/// What a run found. Empty `differences` and a `steps` above zero are success.
pub struct Report {
    transcript: String,
    protocol: Protocol,
    /// Steps that were performed and compared.
    pub steps: usize,
    /// A text for each difference, ready to be printed.
    pub differences: Vec<String>,
}

impl Report {
    /// Panics with all differences if there is one, or if nothing was compared.
    pub fn assert_clean(&self) {
        assert!(self.steps > 0, "{}: nothing was compared", self.transcript);
        assert!(self.differences.is_empty(), "{self}");
    }

    fn add(&mut self, case: &Case, step: &Step, what: &str) {
        self.differences.push(format!(
            "{}.txt:{} {} \"{}\", connection {}\n  > {}\n{what}",
            self.transcript, step.line, self.protocol, case.name, step.client, step.text
        ));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, protocol) = (&self.transcript, self.protocol);
        let (count, steps) = (self.differences.len(), self.steps);
        writeln!(formatter, "{name} under {protocol}: {count} of {steps} replies differ\n")?;
        for difference in &self.differences {
            writeln!(formatter, "{difference}")?;
        }
        Ok(())
    }
}

/// Runs every case on both servers step by step and compares each reply. A case ends early
/// where one of the connections no longer answers, since all that follows would differ.
pub fn compare_servers(
    transcript: &Transcript,
    reference: &Server,
    subject: &Server,
    protocol: Protocol,
) -> Result<Report> {
    let mut report = new_report(transcript, protocol);
    for case in cases(transcript, protocol) {
        let mut left = Session::begin(reference, protocol)?;
        let mut right = Session::begin(subject, protocol)?;
        let mut kept = [Captured::new(), Captured::new()];
        for step in &case.steps {
            report.steps += 1;
            let fill = [0, 1].map(|side: usize| {
                let kept = &kept[side];
                move |arg: &[u8]| Expectation::fill(arg, kept)
            });
            let results = (left.perform(step, &fill[0]), right.perform(step, &fill[1]));
            match results {
                (Ok(left), Ok(right)) => {
                    if let Some(difference) = difference(step, &left, &right)? {
                        let names = (reference.name(), subject.name());
                        report.add(case, step, &side_by_side(names, &difference)?);
                    }
                    keep(step, [&left, &right], &mut kept)?;
                }
                (left, right) => {
                    let (left, right) = (outcome(left), outcome(right));
                    let (reference, subject) = (reference.name(), subject.name());
                    let what = format!("  {reference}: {left}\n  {subject}: {right}\n");
                    report.add(case, step, &what);
                    break;
                }
            }
        }
    }
    Ok(report)
}

/// Keeps what each of the two servers has answered, if the step says so.
fn keep(step: &Step, replies: [&[Vec<u8>]; 2], kept: &mut [Captured; 2]) -> Result<()> {
    let Some(name) = &step.keep else { return Ok(()) };
    for (replies, kept) in replies.iter().zip(kept) {
        let reply = replies.first().context("nothing was answered that could be kept")?;
        let reply = value(reply)?;
        let text = reply.integer().map_or_else(|| reply.text(), |number| number.to_string());
        kept.insert(name.clone(), text);
    }
    Ok(())
}

/// Runs every case on one server and compares each reply with what the transcript expects.
pub fn check(transcript: &Transcript, subject: &Server, protocol: Protocol) -> Result<Report> {
    let mut report = new_report(transcript, protocol);
    for case in cases(transcript, protocol) {
        let mut session = Session::begin(subject, protocol)?;
        session.flush_agents()?;
        let mut captured = HashMap::new();
        for step in &case.steps {
            report.steps += 1;
            let expected = step.expected.iter().map(|text| Expectation::parse(text));
            let expected = expected.collect::<Result<Vec<_>>>()?;
            let fill = |arg: &[u8]| Expectation::fill(arg, &captured);
            match session.perform(step, &fill) {
                Ok(replies) => {
                    if let Err(error) = all_met(&expected, &replies, protocol, &mut captured) {
                        report.add(case, step, &format!("  {error:#}\n"));
                    }
                }
                Err(error) => {
                    report.add(case, step, &format!("  {error:#}\n"));
                    break;
                }
            }
        }
    }
    Ok(report)
}

fn new_report(transcript: &Transcript, protocol: Protocol) -> Report {
    Report { transcript: transcript.name.clone(), protocol, steps: 0, differences: Vec::new() }
}

fn cases(transcript: &Transcript, protocol: Protocol) -> impl Iterator<Item = &Case> {
    transcript.cases.iter().filter(move |case| case.protocol.is_none_or(|only| only == protocol))
}

fn all_met(
    expected: &[Expectation],
    replies: &[Vec<u8>],
    protocol: Protocol,
    captured: &mut HashMap<String, String>,
) -> Result<()> {
    // Closing connections and the like have no replies; everything else says what it expects.
    anyhow::ensure!(
        expected.len() == replies.len(),
        "{} replies came, {} are expected: {:?}",
        replies.len(),
        expected.len(),
        replies.iter().map(|reply| reply.escape_ascii().to_string()).collect::<Vec<_>>()
    );
    for (expectation, reply) in expected.iter().zip(replies) {
        expectation.meet(&value(reply)?, protocol, captured)?;
    }
    Ok(())
}

type Pair = (Vec<u8>, Vec<u8>);

/// The first pair of replies that differ.
fn difference(step: &Step, left: &[Vec<u8>], right: &[Vec<u8>]) -> Result<Option<Pair>> {
    // Messages that may come in any order are compared as one reply.
    if matches!(step.comparison, Comparison::Unordered) && left.len() > 1 {
        let (left, right) = (as_array(left), as_array(right));
        let same = equal(&step.comparison, &left, &right)?;
        return Ok((!same).then_some((left, right)));
    }
    for (left, right) in left.iter().zip(right) {
        if !equal(&step.comparison, left, right)? {
            return Ok(Some((left.clone(), right.clone())));
        }
    }
    Ok(None)
}

fn as_array(replies: &[Vec<u8>]) -> Vec<u8> {
    [format!("*{}\r\n", replies.len()).into_bytes(), replies.concat()].concat()
}

fn outcome(result: Result<Vec<Vec<u8>>>) -> String {
    match result {
        Ok(replies) => replies.concat().escape_ascii().to_string(),
        Err(error) => format!("{error:#}"),
    }
}

fn side_by_side(names: (&str, &str), replies: &Pair) -> Result<String> {
    let (left, right) = (value(&replies.0)?.lines(), value(&replies.1)?.lines());
    let first = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let excerpt = |name: &str, lines: &[String]| {
        let from = first.saturating_sub(CONTEXT_LINES);
        let shown: Vec<&str> =
            lines.iter().skip(from).take(2 * CONTEXT_LINES).map(String::as_str).collect();
        let skipped =
            if from > 0 { format!(" (from its line {})", from + 1) } else { String::new() };
        format!("  {name}{skipped}:\n    {}\n", shown.join("\n    "))
    };
    Ok(excerpt(names.0, &left) + &excerpt(names.1, &right))
}
