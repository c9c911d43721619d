//! What holds for every declaration, the owners' and the edge's.

use std::collections::BTreeSet;

use clawlink_actors::command::{
    self, Argument, CATEGORIES, Command, Flags, Keys, Route, Shape, Span, arguments,
};

/// Every command and subcommand that an owner runs, and the containers among them.
fn owned() -> impl Iterator<Item = &'static Command> {
    command::all()
        .flat_map(|command| std::iter::once(command).chain(command.subcommands.iter().copied()))
}

/// Every declaration there is.
fn declared() -> impl Iterator<Item = &'static Command> {
    // `COMMAND` and `DEBUG` are containers that answer for themselves too: the edge's declaration counts.
    let answers = |command: &&Command| super::find(command.name.as_bytes(), b"").is_some();
    let owned = owned().filter(move |c| c.subcommands.is_empty() || !answers(c));
    let containers = super::containers().iter().copied().filter(move |c| !answers(c));
    owned.chain(super::all().map(|edge| &edge.command)).chain(containers)
}

/// Those that a request can run.
fn run_by_owners() -> impl Iterator<Item = &'static Command> {
    owned().filter(|command| command.subcommands.is_empty())
}

/// Asserts something of every one, and names all that break it.
fn every<'a>(
    commands: impl Iterator<Item = &'a Command>,
    rule: &str,
    holds: impl Fn(&Command) -> bool,
) {
    let broken: Vec<_> = commands.filter(|command| !holds(command)).map(|c| c.name).collect();
    assert!(broken.is_empty(), "{rule}: not so with {broken:?}");
}

#[test]
fn names_are_unique_and_in_lower_case() {
    let mut seen = BTreeSet::new();
    for command in declared() {
        assert!(seen.insert(command.name), "{} is declared twice", command.name);
    }
    assert!(seen.len() > 150, "only {} declarations", seen.len());
    every(declared(), "names are in lower case", |c| {
        !c.name.is_empty() && c.name == c.name.to_ascii_lowercase() && !c.name.contains(' ')
    });
}

#[test]
fn subcommands_are_named_after_their_container() {
    for container in command::all() {
        every(container.subcommands.iter().copied(), "subcommands bear their container's name", {
            |c| c.name.split_once('|').is_some_and(|(name, _)| name == container.name)
        });
    }
    every(declared(), "a subcommand has a container", |c| {
        c.name.split_once('|').is_none_or(|(container, _)| {
            command::find(container.as_bytes(), b"").is_some_and(|c| !c.subcommands.is_empty())
                || super::container(container.as_bytes()).is_some()
        })
    });
}

#[test]
fn every_command_is_documented() {
    const GROUPS: [&str; 14] = [
        "agents",
        "cluster",
        "connection",
        "generic",
        "hash",
        "list",
        "pubsub",
        "scripting",
        "server",
        "set",
        "sorted-set",
        "stream",
        "string",
        "transactions",
    ];
    every(declared(), "summaries are sentences", |c| c.summary.ends_with('.'));
    every(declared(), "the complexity is said", |c| !c.complexity.is_empty());
    every(declared(), "groups are known", |c| GROUPS.contains(&c.group));
    every(declared(), "since is a version", |c| is_version(c.since));
    every(declared(), "deprecated since a version, for something", |c| {
        c.deprecated.is_none_or(|d| is_version(d.since) && !d.replaced_by.is_empty())
    });
}

fn is_version(text: &str) -> bool {
    text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u16>().is_ok())
}

#[test]
fn syntax_is_read_whole() {
    fn words(argument: &Argument) -> usize {
        let inner = match &argument.shape {
            Shape::OneOf(parts) | Shape::Block(parts) => parts.iter().map(words).sum(),
            Shape::Value => 1,
            Shape::Token => 0,
        };
        inner + usize::from(argument.token.is_some())
    }
    let balanced = |text: &str| {
        [('[', ']'), ('(', ')')]
            .iter()
            .all(|(open, close)| text.matches(*open).count() == text.matches(*close).count())
    };
    every(declared(), "brackets are closed", |c| balanced(c.syntax));
    every(declared(), "no argument is without a name", |c| {
        arguments(c.syntax).iter().all(|argument| !argument.name.is_empty())
    });
    // Repetitions, `key [key …]`, are folded into what they repeat, so there may be fewer words, never none.
    every(declared(), "all words become arguments", |c| {
        let read: usize = arguments(c.syntax).iter().map(words).sum();
        let repeated = c.syntax.contains(['…']) || c.syntax.contains("...");
        let written = c.syntax.split([' ', '[', ']', '(', ')', '|']).filter(|w| !w.is_empty());
        if repeated { c.syntax.is_empty() == (read == 0) } else { read == written.count() }
    });
}

/// The fewest words of an argument.
fn words_min(argument: &Argument) -> usize {
    if argument.optional {
        return 0;
    }
    let inner = match &argument.shape {
        Shape::OneOf(parts) => parts.iter().map(words_min).min().unwrap_or(0),
        Shape::Block(parts) => parts.iter().map(words_min).sum(),
        Shape::Value => 1,
        Shape::Token => 0,
    };
    inner + usize::from(argument.token.is_some())
}

fn varies(argument: &Argument) -> bool {
    argument.optional || argument.multiple
}

#[test]
fn arity_agrees_with_syntax() {
    // CLIENT KILL takes one of two forms, QUIT passes over any words, and CLIENT TRACKING counts words as Redis does,
    // whose options for tracking it refuses.
    const LOOSE: [&str; 3] = ["client|kill", "client|tracking", "quit"];
    let strict = declared().filter(|c| !is_container(c) && !LOOSE.contains(&c.name));
    every(strict, "arity counts the syntax's words", |c| {
        let arguments = arguments(c.syntax);
        let name = if c.name.contains('|') { 2 } else { 1 };
        let fewest: usize = name + arguments.iter().map(words_min).sum::<usize>();
        let more = arguments.iter().any(varies);
        usize::from(c.arity.unsigned_abs()) == fewest && (c.arity < 0) == more
    });
}

fn is_container(command: &Command) -> bool {
    !command.subcommands.is_empty() || super::container(command.name.as_bytes()).is_some()
}

#[test]
fn arity_leaves_room_for_keys() {
    every(declared(), "the first key is within the fewest words", |c| {
        let words = c.arity.unsigned_abs();
        let exact = c.arity > 0;
        match c.keys {
            Keys::None => true,
            // Channels, which can all be left out: SUNSUBSCRIBE.
            Keys::Range { .. } if c.access == ["not_key"] => true,
            Keys::Range { first, last, step } => {
                let last_fits = if last < 0 { !exact } else { (last as u16) < words };
                first > 0 && step > 0 && (first as u16) < words && last_fits
            }
            // Their number may be 0: EVAL.
            Keys::Counted { at } if c.flags.has(Flags::NO_MANDATORY_KEYS) => {
                !exact && u16::from(at) < words
            }
            Keys::Counted { at } => !exact && u16::from(at) + 1 < words,
            Keys::StoreCounted => !exact && words >= 4,
            Keys::Sort { .. } => !exact && words >= 2,
            Keys::Streams { from } => !exact && words > u16::from(from) + 2,
        }
    });
}

#[test]
fn blocking_commands_say_for_how_long() {
    every(run_by_owners(), "it blocks if it has patience", |c| {
        c.flags.has(Flags::BLOCKING) == (c.patience.is_some() || c.follow.is_some())
    });
    every(run_by_owners(), "it takes before it can put back", |c| {
        c.undo.is_none() || c.flags.has(Flags::WRITE.with(Flags::BLOCKING))
    });
}

#[test]
fn commands_with_keys_write_or_read() {
    let with_keys = run_by_owners().filter(|c| c.keys != Keys::None && c.access != ["not_key"]);
    let with_keys = with_keys.filter(|c| !c.flags.has(Flags::PROTECTED));
    every(with_keys, "it either writes or only reads", |c| {
        c.flags.has(Flags::WRITE) != c.flags.has(Flags::READONLY)
    });
    every(declared(), "it does not write what it only reads", |c| {
        !c.flags.has(Flags::WRITE.with(Flags::READONLY))
    });
    every(declared(), "only writes need memory", |c| {
        !(c.flags.has(Flags::DENYOOM) && c.flags.has(Flags::READONLY))
    });
}

#[test]
fn owners_run_what_is_routed_to_them() {
    every(run_by_owners(), "the route leads to an owner that runs it", |c| {
        let run = &c.run;
        match c.route {
            Route::Keys if c.keys == Keys::None => run.keyspace.is_some(),
            Route::Keys => {
                run.keyspace.is_some()
                    || run.mailbox.is_some()
                    || run.registry.is_some()
                    || run.topics.is_some()
                    || run.files.is_some()
            }
            Route::Everywhere => run.keyspace.is_some() || run.registry.is_some(),
            Route::Registry => run.registry.is_some(),
            Route::Topics => run.topics.is_some(),
            Route::Files => run.files.is_some(),
            Route::Mailboxes(_) => run.mailbox.is_some() && c.recipients.is_some(),
            Route::Mailbox(_) | Route::Message(_) | Route::Messages(_) | Route::Tasks => {
                run.mailbox.is_some()
            }
            Route::Reader(_) => run.mailbox.is_some() && run.topics.is_some(),
        }
    });
}

#[test]
fn only_what_may_have_many_owners_spans_them() {
    every(declared(), "many keys, or many places", |c| {
        let many_keys = match c.keys {
            Keys::None => false,
            Keys::Range { first, last, .. } => last < 0 || last > first,
            Keys::Counted { .. }
            | Keys::StoreCounted
            | Keys::Sort { .. }
            | Keys::Streams { .. } => true,
        };
        let many_places = !matches!(c.route, Route::Keys) && !is_single(c.route);
        c.span == Span::Refuse || many_keys || many_places
    });
}

fn is_single(route: Route) -> bool {
    matches!(
        route,
        Route::Registry | Route::Topics | Route::Files | Route::Mailbox(_) | Route::Message(_)
    )
}

#[test]
fn what_happens_to_keys_is_well_formed() {
    const FLAGS: [&str; 9] =
        ["RW", "RO", "OW", "RM", "access", "update", "insert", "delete", "variable_flags"];
    every(declared(), "flags of keys are known", |c| {
        let texts = c.key_access().iter().map(|text| text.split(": ").next().unwrap_or_default());
        c.access == ["not_key"] || texts.flat_map(|t| t.split(' ')).all(|f| FLAGS.contains(&f))
    });
    every(declared(), "there is an access for each group of keys", |c| match c.keys {
        Keys::None => c.access.is_empty(),
        Keys::Range { first, last, .. } if last != first => c.key_access().len() <= 2,
        Keys::StoreCounted => c.key_access().len() == 2,
        Keys::Sort { store } => c.key_access().len() == 2 + usize::from(store),
        _ => c.key_access().len() == 1,
    });
    every(run_by_owners().filter(|c| c.flags.has(Flags::READONLY)), "readers only read", |c| {
        c.key_access().iter().all(|text| text.starts_with("RO"))
    });
}

#[test]
fn tips_and_categories_are_known() {
    every(declared(), "tips are Redis's", |c| {
        c.tips.iter().all(|tip| {
            tip.starts_with("nondeterministic_output")
                || tip.starts_with("request_policy:")
                || tip.starts_with("response_policy:")
        })
    });
    every(declared(), "declared categories exist and do not follow from the rest", |c| {
        let implied = Command { categories: &[], ..copy(c) };
        c.categories.iter().all(|category| {
            CATEGORIES.contains(category) && !implied.categories().any(|known| known == *category)
        })
    });
}

/// What categories follow from.
fn copy(command: &Command) -> Command {
    let Command { flags, group, subcommands, .. } = *command;
    Command { flags, group, subcommands, ..Command::BASE }
}

#[test]
fn what_uses_the_content_of_a_list_is_told_from_what_adds_to_it() {
    let uses = |name: &str, nth| {
        command::find(name.as_bytes(), b"").map(|command| command.uses_content(nth))
    };
    for name in ["lrange", "lindex", "lpos", "lpop", "brpop", "lmpop", "ltrim", "lset", "del"] {
        assert_eq!(uses(name, 0), Some(true), "{name}");
    }
    for name in ["lpush", "rpush", "lpushx", "linsert", "llen", "exists", "type", "touch"] {
        assert_eq!(uses(name, 0), Some(false), "{name}");
    }
    for name in ["lmove", "blmove", "rpoplpush", "brpoplpush"] {
        assert_eq!((uses(name, 0), uses(name, 1)), (Some(true), Some(false)), "{name}");
    }
}

#[test]
fn the_word_that_acts_is_one_that_every_request_has() {
    every(run_by_owners(), "the agent's word is within the arity", |c| {
        c.actor().is_none_or(|word| word > 0 && word < usize::from(c.arity.unsigned_abs()))
    });
    every(run_by_owners(), "who shows a key becomes an agent", |c| {
        !c.flags.has(Flags::IDENTIFIES) || c.flags.has(Flags::ADOPTS_AGENT)
    });
}
