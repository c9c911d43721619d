//! A command's arguments, read from the line that documents them, so that there is one source for both.

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

/// Reads a syntax line: lower-case words are values, upper-case words are tokens, `[…]` is optional, `a | b` a
/// choice, `…` or `...` behind something means that it may be repeated.
pub fn arguments(syntax: &str) -> Vec<Argument> {
    let spaced = syntax
        .replace('[', " [ ")
        .replace(']', " ] ")
        .replace('|', " | ")
        .replace("...", " … ")
        .replace('…', " … ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    sequence(&words)
}

fn sequence(words: &[&str]) -> Vec<Argument> {
    let mut found: Vec<Argument> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (argument, used) = match words[at] {
            "…" => {
                if let Some(last) = found.last_mut() {
                    last.multiple = true;
                }
                at += 1;
                continue;
            }
            "[" => {
                let end = at + closing(&words[at..]);
                (optional(&words[at + 1..end]), end + 1 - at)
            }
            word if is_token(word) => token(&words[at..]),
            word => (value(word), 1),
        };
        found.push(argument);
        at += used;
    }
    found
}

/// A token, with the value that follows it if one does.
fn token(words: &[&str]) -> (Argument, usize) {
    let token = Some(words[0].to_owned());
    match words.get(1) {
        Some(next) if is_value(next) => (Argument { token, ..value(next) }, 2),
        _ => {
            let name = words[0].to_ascii_lowercase();
            (Argument { name, token, shape: Shape::Token, ..value("") }, 1)
        }
    }
}

fn optional(words: &[&str]) -> Argument {
    let mut argument = alternatives(words);
    argument.optional = true;
    argument
}

/// The inside of a bracket: a choice, a block, or a single argument.
fn alternatives(words: &[&str]) -> Argument {
    let parts = split_choices(words);
    if parts.len() > 1 {
        let choices: Vec<Argument> = parts.iter().map(|part| block(sequence(part))).collect();
        return Argument { name: joined(&choices), shape: Shape::OneOf(choices), ..value("") };
    }
    block(sequence(words))
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

fn split_choices<'a>(words: &'a [&'a str]) -> Vec<&'a [&'a str]> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "[" => depth += 1,
            "]" => depth -= 1,
            "|" if depth == 0 => {
                parts.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&words[start..]);
    parts
}

/// The index of the bracket that closes the one at the start; the end if there is none.
fn closing(words: &[&str]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        depth += i32::from(*word == "[") - i32::from(*word == "]");
        if depth == 0 {
            return at;
        }
    }
    words.len()
}

fn value(name: &str) -> Argument {
    Argument {
        name: name.to_owned(),
        token: None,
        optional: false,
        multiple: false,
        shape: Shape::Value,
    }
}

fn is_token(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_uppercase()) && !word.chars().any(|c| c.is_ascii_lowercase())
}

fn is_value(word: &str) -> bool {
    !is_token(word) && !matches!(word, "[" | "]" | "|" | "…")
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
    fn reads_blocks_and_multiples() {
        let found = arguments("key field value [field value …]");
        assert!(found[3].optional && found[3].name == "field-value");
        assert!(arguments("key [key …]")[1].optional);
        assert!(arguments("CAP c …")[0].multiple);
    }
}
