//! Makes the steps of a walk out of the grammar: the same ones for the same seed.

use anyhow::{Context, Result};

use super::equality::Equality;
use super::grammar::{Family, Grammar, Line, Part, Pattern};
use super::lua::Tree;
use super::spoil;
use super::step::{Command, Step};
use crate::random::Random;

/// What a walk is about.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Names of families and how frequent each is.
    pub families: &'static [(&'static str, usize)],
    /// How many clients take turns, one to five.
    pub clients: usize,
    /// Keys instead of those of the families, if there are any.
    pub keys: &'static [&'static str],
}

/// One word in so many is taken from the edges of its kind.
const EDGE_IN: usize = 14;

/// One key in so many is of another family, and mostly of another type.
const FOREIGN_KEY_IN: usize = 10;

/// One command in so many is spoiled.
const SPOILED_IN: usize = 12;

/// One step in so many sends several lines in one write.
const PIPELINE_IN: usize = 8;

/// One step in so many ends a transaction or a subscription that has begun.
const RETURN_IN: usize = 5;

/// Ids in a stream grow by one in so many steps.
const STEPS_PER_ID: usize = 4;

/// How far back ids go that may be there.
const IDS_BACK: usize = 40;

/// So many thresholds are set before a walk begins.
const THRESHOLDS: usize = 3;

/// The family that they are in.
const THRESHOLDS_FAMILY: &str = "thresholds";

/// What a client is probably in the middle of: its commands do less than usual.
#[derive(Clone, Copy, Default)]
struct Mode {
    is_in_transaction: bool,
    is_subscribed: bool,
}

/// Makes one step after the other.
pub struct Generator<'a> {
    grammar: &'a Grammar,
    families: Vec<(&'a Family, usize)>,
    keys: Vec<String>,
    plan: Plan,
    random: Random,
    number: usize,
    /// Whose step is being made.
    client: usize,
    modes: Vec<Mode>,
    /// What `<key>` was the last time.
    last_key: Vec<u8>,
    /// Whether a word of the command at hand says that a key ends soon.
    ends_soon: bool,
    /// The script among the words of the command at hand.
    script: Option<Tree>,
}

impl<'a> Generator<'a> {
    /// Begins. Fails if the grammar has no family of a name in the plan.
    pub fn new(grammar: &'a Grammar, plan: Plan, seed: u64) -> Result<Self> {
        let family =
            |name: &str| grammar.families.get(name).with_context(|| format!("no family {name}"));
        let families = plan.families.iter().map(|(name, weight)| Ok((family(name)?, *weight)));
        let families = families.collect::<Result<Vec<_>>>()?;
        let mut keys: Vec<String> = plan.keys.iter().map(|key| (*key).to_owned()).collect();
        if keys.is_empty() {
            keys = families.iter().flat_map(|(family, _)| family.keys.clone()).collect();
        }
        keys.sort();
        keys.dedup();
        let modes = vec![Mode::default(); plan.clients];
        let random = Random::new(seed);
        Ok(Self {
            grammar,
            families,
            keys,
            plan,
            random,
            number: 0,
            client: 0,
            modes,
            last_key: Vec::new(),
            ends_soon: false,
            script: None,
        })
    }

    /// The next step.
    pub fn step(&mut self) -> Step {
        self.number += 1;
        if self.number <= THRESHOLDS {
            return Step::Send { client: 0, commands: vec![self.threshold()] };
        }
        let client = self.random.below(self.plan.clients);
        self.client = client;
        if self.one_in(20) {
            return Step::Unblock { client, error: self.one_in(2) };
        }
        let mode = self.modes[client];
        if (mode.is_in_transaction || mode.is_subscribed) && self.one_in(RETURN_IN) {
            return Step::Send { client, commands: self.way_back(client) };
        }
        let mut commands = self.line();
        while self.one_in(PIPELINE_IN) && may_be_piped(&commands) {
            let mut more = self.line();
            if may_be_piped(&more) {
                commands.append(&mut more);
            }
        }
        Step::Send { client, commands }
    }

    fn threshold(&mut self) -> Command {
        let family = &self.grammar.families[THRESHOLDS_FAMILY];
        let line = self.random.below(family.lines.len());
        self.command(family, &family.lines[line].patterns[0])
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.random.below(count) == 0
    }

    /// Ends what the client is in the middle of.
    fn way_back(&mut self, client: usize) -> Vec<Command> {
        let mode = std::mem::take(&mut self.modes[client]);
        let lines: &[&str] = match (mode.is_in_transaction, self.random.below(4)) {
            (true, 0) => &["DISCARD"],
            (true, _) => &["EXEC"],
            (false, 0) => &["RESET"],
            (false, _) => &["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"],
        };
        lines.iter().map(|name| exact(&[name.as_bytes()])).collect()
    }

    fn note(&mut self, client: usize, command: &Command) {
        let mode = &mut self.modes[client];
        match &*command.name() {
            "MULTI" => mode.is_in_transaction = true,
            "EXEC" | "DISCARD" => mode.is_in_transaction = false,
            "SUBSCRIBE" | "PSUBSCRIBE" | "SSUBSCRIBE" => mode.is_subscribed = true,
            "RESET" | "QUIT" => *mode = Mode::default(),
            _ => {}
        }
    }

    /// Whether others may wait for a key. A result that takes the place of another value leaves them waiting in
    /// Redis, and serves them here; so it must find its key free.
    fn others_may_wait(&self) -> bool {
        self.plan.clients > 1
    }

    /// The commands of a line.
    fn line(&mut self) -> Vec<Command> {
        let (family, line) = self.pick_line();
        let mut commands = Vec::new();
        for pattern in &line.patterns {
            let command = self.command(family, pattern);
            if self.others_may_wait() {
                commands.extend(command.stores_at().map(|key| exact(&[b"DEL", key])));
            }
            commands.push(command);
        }
        commands.iter().for_each(|command| self.note(self.client, command));
        commands
    }

    /// In a transaction a client neither silences its replies, nor publishes or subscribes to several channels: Redis
    /// writes messages to oneself and further replies into EXEC's reply, too.
    fn pick_line(&mut self) -> (&'a Family, &'a Line) {
        loop {
            let families = self.families.clone();
            let family = self.weighted(&families);
            let lines: Vec<_> = family.lines.iter().map(|line| (line, line.weight)).collect();
            let line = self.weighted(&lines);
            let is_odd = match &line.patterns[0].parts[..] {
                [Part::Word(name), ..] if name.ends_with(b"PUBLISH") => true,
                [Part::Word(name), rest @ ..] if name.ends_with(b"SUBSCRIBE") => rest.len() != 1,
                [Part::Word(_), Part::Word(reply), ..] => reply == b"REPLY",
                _ => false,
            };
            // Whoever waits for several keys is served from any of those that a SWAPDB brings: Redis walks a hash table.
            let swaps = matches!(&line.patterns[0].parts[0], Part::Word(name) if name == b"SWAPDB");
            let is_left_out = is_odd && self.modes[self.client].is_in_transaction
                || swaps && self.others_may_wait();
            if !is_left_out {
                return (family, line);
            }
        }
    }

    fn weighted<T: Copy>(&mut self, choices: &[(T, usize)]) -> T {
        let mut place = self.random.below(choices.iter().map(|(_, weight)| weight).sum());
        for (choice, weight) in choices {
            if place < *weight {
                return *choice;
            }
            place -= weight;
        }
        unreachable!("the place is below the sum of the weights")
    }

    fn command(&mut self, family: &Family, pattern: &Pattern) -> Command {
        self.ends_soon = false;
        let (mut words, mut each) = (Vec::new(), Vec::new());
        self.fill(family, &pattern.parts, &mut words, &mut each);
        if self.one_in(SPOILED_IN) {
            words = spoil::spoil(words, pattern.care, &mut self.random);
        }
        let equality =
            if each.is_empty() { pattern.equality.clone() } else { Equality::Each(each) };
        Command { words, equality, ends_soon: self.ends_soon, script: self.script.take() }
    }

    fn fill(
        &mut self,
        family: &Family,
        parts: &[Part],
        words: &mut Vec<Vec<u8>>,
        each: &mut Vec<Equality>,
    ) {
        for part in parts {
            match part {
                Part::Word(word) => words.push(word.clone()),
                Part::Kind(kind) => self.kind(family, kind, words, each),
                Part::OneOf(choices) => self.one_of(family, choices, words, each),
                Part::Maybe(choices) => {
                    if self.one_in(2) {
                        self.one_of(family, choices, words, each);
                    }
                }
                Part::AnyOf(choices) => {
                    while self.random.below(5) < 2 {
                        self.one_of(family, choices, words, each);
                    }
                }
                Part::Times(least, choices) => {
                    for _ in 0..least + self.random.below(4) {
                        self.one_of(family, choices, words, each);
                    }
                }
            }
        }
    }

    fn one_of(
        &mut self,
        family: &Family,
        choices: &[Vec<Part>],
        words: &mut Vec<Vec<u8>>,
        each: &mut Vec<Equality>,
    ) {
        let chosen = self.random.below(choices.len());
        self.fill(family, &choices[chosen], words, each);
    }

    fn kind(
        &mut self,
        family: &Family,
        kind: &str,
        words: &mut Vec<Vec<u8>>,
        each: &mut Vec<Equality>,
    ) {
        match kind {
            "key" => {
                self.last_key = self.key(&family.keys);
                words.push(self.last_key.clone());
            }
            "same" => words.push(self.last_key.clone()),
            "any" => words.push(self.key(&[])),
            "id" => words.push(self.id().into_bytes()),
            "open-id" => words.push(format!("({}", self.id()).into_bytes()),
            "new-id" => words.push(format!("{}-*", self.number / STEPS_PER_ID).into_bytes()),
            "commands" => self.commands(words, each),
            "lua" => {
                let script = self.grammar.lua.script(&mut self.random);
                words.push(script.text().into_bytes());
                self.script = Some(script);
            }
            kind => {
                self.ends_soon |= matches!(kind, "soon" | "past");
                let grammar = self.grammar;
                let kind = grammar.kinds.get(kind).unwrap_or_else(|| panic!("no kind {kind}"));
                let is_edge = !kind.edges.is_empty() && self.one_in(EDGE_IN);
                self.one_of(family, if is_edge { &kind.edges } else { &kind.usual }, words, each);
            }
        }
    }

    fn key(&mut self, own: &[String]) -> Vec<u8> {
        let is_own = !own.is_empty() && self.plan.keys.is_empty() && !self.one_in(FOREIGN_KEY_IN);
        let keys = if is_own { own } else { &self.keys };
        keys[self.random.below(keys.len())].clone().into_bytes()
    }

    /// An id that may be in a stream, among the last ones.
    fn id(&mut self) -> String {
        let newest = self.number / STEPS_PER_ID;
        let back = self.random.below(IDS_BACK);
        format!("{}-{}", newest.saturating_sub(back), self.random.below(6) / 5)
    }

    /// For a script, which borrows what channels need only if it mentions that it publishes: one to three commands, each behind the number of its words.
    fn commands(&mut self, words: &mut Vec<Vec<u8>>, each: &mut Vec<Equality>) {
        let mut ends_soon = false;
        for _ in 0..1 + self.random.below(3) {
            let (family, line) = self.pick_line();
            let [pattern] = &line.patterns[..] else { continue };
            // A script sees a set of flags in the order of a hash table.
            let is_unfit = |word: &Part| matches!(word, Part::Word(word) if word.starts_with(b"EVAL") || word == b"COMMAND");
            let is_about_channels =
                |word: &Part| matches!(word, Part::Word(word) if contains(word, b"PUB"));
            let may_publish = words.iter().any(|word| contains(word, b"publish"));
            let first = &pattern.parts[0];
            if is_unfit(first) || is_about_channels(first) && !may_publish {
                continue;
            }
            let command = self.command(family, pattern);
            if self.others_may_wait() && command.stores_at().is_some() {
                continue;
            }
            ends_soon |= command.ends_soon;
            words.push(command.words.len().to_string().into_bytes());
            words.extend(command.words);
            each.push(command.equality);
        }
        self.ends_soon = ends_soon;
    }
}

/// A command whose reply is one and the same.
fn exact(words: &[&[u8]]) -> Command {
    let words = words.iter().map(|word| word.to_vec()).collect();
    Command { words, equality: Equality::Exact, ends_soon: false, script: None }
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What ends soon must not be followed before it has ended, what blocks not at all; and each of
/// several commands has one reply.
fn may_be_piped(commands: &[Command]) -> bool {
    let waits = |command: &Command| {
        let name = command.name();
        name.starts_with('B')
            || name.starts_with("XREAD")
            || name.ends_with("SUBSCRIBE")
            || matches!(&*name, "QUIT" | "CLIENT" | "WAIT")
    };
    !commands.iter().any(|command| command.ends_soon || waits(command))
}
