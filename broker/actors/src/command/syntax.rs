//! A command's arguments, read from the line that documents them, so that there is one source for both.

use std::iter::Peekable;
use std::str::SplitWhitespace;

/// One argument of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name in the documentation: `seconds`; for a choice or a block, the names of its parts joined.
    pub name: String,
    /// The word that introduces it: `EX`.
    pub token: Option<String>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be repeated.
    pub multiple: bool,
    /// Whether its token is repeated with it.
    pub multiple_token: bool,
    /// What it is.
    pub shape: Shape,
}

/// What an argument is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A value that the caller gives.
    Value,
    /// Only the token itself.
    Token,
    /// One of several arguments.
    OneOf(Vec<Argument>),
    /// Several arguments together.
    Block(Vec<Argument>),
}

/// Reads a syntax line: lower-case words are values, upper-case words are tokens, `[…]` is optional, `(…)` is not,
/// `a | b` inside of either is a choice, and `…` or `...` behind something means that it may be repeated.
///
/// A token introduces what follows up to the next token. What is repeated as an option, `key [key …]`, is one
/// argument that may be repeated.
pub fn arguments(syntax: &str) -> Vec<Argument> {
    let spaced = syntax.replace("...", "…");
    let spaced = ["[", "]", "(", ")", "|", "…"]
        .iter()
        .fold(spaced, |text, sign| text.replace(sign, &format!(" {sign} ")));
    sequence(&mut spaced.split_whitespace().peekable(), |_| false)
}

type Words<'a> = Peekable<SplitWhitespace<'a>>;

/// The arguments up to the end of what encloses them, or to a word that `ends` them.
fn sequence(words: &mut Words<'_>, ends: fn(&str) -> bool) -> Vec<Argument> {
    let mut found = Vec::new();
    while let Some(word) = words.next_if(|word| !matches!(*word, "]" | ")" | "|") && !ends(word)) {
        let mut argument = match word {
            "[" => optional(enclosed(words)),
            "(" => enclosed(words),
            token if is_token(token) => introduced(token, sequence(words, is_token)),
            name => value(name),
        };
        if words.next_if_eq(&"…").is_some() {
            argument.multiple = true;
            argument.multiple_token = argument.token.is_some();
        }
        append(&mut found, argument);
    }
    found
}

/// Adds an argument; an optional repetition of the arguments before it becomes one with them.
fn append(found: &mut Vec<Argument>, argument: Argument) {
    let repeated = match &argument.shape {
        Shape::Block(parts) if argument.token.is_none() => &parts[..],
        _ => std::slice::from_ref(&argument),
    };
    let same = |(a, b): (&Argument, &Argument)| a.name == b.name && a.token == b.token;
    let start = found.len().checked_sub(repeated.len()).filter(|start| {
        argument.optional && argument.multiple && found[*start..].iter().zip(repeated).all(same)
    });
    match start {
        Some(start) => {
            let first = found.split_off(start);
            found.push(Argument { multiple: true, ..block(first) });
        }
        None => found.push(argument),
    }
}

/// The inside of a bracket, which is used up with it: a choice, a block, or a single argument.
fn enclosed(words: &mut Words<'_>) -> Argument {
    let mut choices = vec![block(sequence(words, |_| false))];
    while words.next() == Some("|") {
        choices.push(block(sequence(words, |_| false)));
    }
    if choices.len() == 1 {
        return choices.remove(0);
    }
    Argument { name: joined(&choices), shape: Shape::OneOf(choices), ..value("") }
}

fn optional(mut argument: Argument) -> Argument {
    argument.optional = true;
    // `[field value …]` repeats the pair, not the value.
    if let Shape::Block(parts) = &mut argument.shape
        && let Some((last, others)) = parts.split_last_mut()
        && last.multiple
        && argument.token.is_none()
        && !others.iter().any(|part| part.multiple)
    {
        last.multiple = false;
        argument.multiple = true;
    }
    argument
}

/// A token with what it introduces.
fn introduced(token: &str, parts: Vec<Argument>) -> Argument {
    let token = Some(token.to_owned());
    if parts.is_empty() {
        let name = token.as_deref().unwrap_or_default().to_ascii_lowercase();
        return Argument { name, token, shape: Shape::Token, ..value("") };
    }
    // What has a token of its own, or may be left out behind this one, keeps both to itself: `FULL [COUNT count]`.
    if let [only] = &parts[..]
        && (only.token.is_some() || only.optional)
    {
        return Argument { name: joined(&parts), token, shape: Shape::Block(parts), ..value("") };
    }
    Argument { token, ..block(parts) }
}

fn block(mut parts: Vec<Argument>) -> Argument {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    Argument { name: joined(&parts), shape: Shape::Block(parts), ..value("") }
}

fn joined(parts: &[Argument]) -> String {
    parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join("-")
}

fn value(name: &str) -> Argument {
    Argument {
        name: name.to_owned(),
        token: None,
        optional: false,
        multiple: false,
        multiple_token: false,
        shape: Shape::Value,
    }
}

fn is_token(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_uppercase()) && !word.chars().any(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Shape, arguments};

    #[test]
    fn reads_values_choices_and_repeats() {
        let found = arguments("key value [NX | XX] [GET] [EX seconds | KEEPTTL]");
        let names: Vec<_> = found.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["key", "value", "nx-xx", "get", "seconds-keepttl"]);
        assert!(!found[0].optional && found[2].optional);
        let Shape::OneOf(expiry) = &found[4].shape else { panic!("a choice") };
        assert_eq!(expiry[0].token.as_deref(), Some("EX"));
        assert_eq!(expiry[1].shape, Shape::Token);
    }

    #[test]
    fn reads_blocks_and_repetitions() {
        let found = arguments("key field value [field value …]");
        assert_eq!(found.len(), 2);
        assert!(found[1].multiple && !found[1].optional && found[1].name == "field-value");
        let keys = arguments("key [key …]");
        assert!(keys.len() == 1 && keys[0].multiple && !keys[0].optional);
        let names = arguments("[name [name ...]]");
        assert!(names.len() == 1 && names[0].multiple && names[0].optional);
        let capabilities = arguments("[CAP capability] …");
        assert!(capabilities[0].multiple_token && capabilities[0].optional);
    }

    #[test]
    fn a_token_introduces_all_that_follows() {
        let auth = arguments("[AUTH username password]").remove(0);
        let Shape::Block(parts) = &auth.shape else { panic!("a block") };
        assert!(auth.token.as_deref() == Some("AUTH") && auth.optional && parts.len() == 2);
        let full = arguments("key [FULL [COUNT count]]").remove(1);
        let Shape::Block(parts) = &full.shape else { panic!("a block") };
        assert!(full.token.as_deref() == Some("FULL") && full.optional);
        assert!(parts[0].token.as_deref() == Some("COUNT") && parts[0].optional);
        let streams = arguments("[COUNT count] STREAMS key [key …] id [id …]").remove(1);
        let Shape::Block(parts) = &streams.shape else { panic!("a block") };
        assert!(parts.len() == 2 && parts.iter().all(|part| part.multiple));
    }

    #[test]
    fn round_brackets_hold_choices_that_must_be_made() {
        let found = arguments("key (LEFT | RIGHT) [PRIORITY (low | high)]");
        assert!(!found[1].optional && matches!(&found[1].shape, Shape::OneOf(c) if c.len() == 2));
        assert!(found[2].optional && found[2].token.as_deref() == Some("PRIORITY"));
        assert!(matches!(&found[2].shape, Shape::OneOf(c) if c[0].shape == Shape::Value));
    }
}
