//! What `CLAW.DELEGATE` does beside its one task: wait for the end, and go to several recipients.

use super::await_end::AWAIT;
use super::delegate::{REHEARSAL, REHEARSED};
use crate::command::{Follow, Patience, Recipients};
use crate::registry::{GATHER, check_group_name};
use crate::request::{Args, Composer};
use crate::{Pipeline, Refusal, Reply};

/// `WAIT seconds`: as `CLAW.AWAIT` for one recipient, as `CLAW.GATHER` for several.
pub(super) static FOLLOW: Follow = Follow { patience, request: follow };

/// `to,to`: a task for each, and one group.
pub(super) static RECIPIENTS: Recipients = Recipients { split, rehearsal: &REHEARSAL, merge };

/// The most recipients of one request: it holds all of their inboxes until it is done.
const RECIPIENTS_MAX: usize = 1_000;

/// The options of `CLAW.DELEGATE` that have no value.
const BARE: [&str; 2] = ["RECEIPTS", "QUEUE"];

/// The value of an option. Where the options are wrong, which the owner refuses, it may be missed.
fn option<'a>(args: &Args<'a>, name: &str) -> Option<&'a [u8]> {
    let is = |word: &[u8], name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    let mut at = 3;
    while at < args.len() {
        let word = args.word(at);
        if is(word, name) && at + 1 < args.len() {
            return Some(args.word(at + 1));
        }
        at += if BARE.iter().any(|bare| is(word, bare)) { 1 } else { 2 };
    }
    None
}

fn patience(args: &Args<'_>) -> Result<Patience, Refusal> {
    option(args, "WAIT").map_or(Ok(Patience::Never), Patience::seconds)
}

fn follow(args: &Args<'_>, reply: &Reply) -> Option<Pipeline> {
    let seconds = option(args, "WAIT")?;
    match reply {
        Reply::Bulk(id) => {
            Some(Pipeline::of(Some(&AWAIT), &[b"claw.await", id, b"TIMEOUT", seconds]))
        }
        Reply::Map(fields) => {
            let (_, Reply::Bulk(group)) = fields.first()? else { return None };
            let mut words: Vec<&[u8]> = vec![b"claw.gather", group, b"TIMEOUT", seconds];
            words.extend(option(args, "FROM").into_iter().flat_map(|from| [b"FROM", from]));
            Some(Pipeline::of(Some(&GATHER), &words))
        }
        _ => None,
    }
}

/// The group is the one that is named, else the idempotency key, so that the same request twice is about the same
/// group, else a new one.
fn split(args: &Args<'_>, fresh: &str) -> Result<Vec<Pipeline>, Refusal> {
    let names: Vec<&[u8]> = args.word(1).split(|byte| *byte == b',').collect();
    if names.len() > RECIPIENTS_MAX {
        return Err(Refusal::Fixed("ERR", "a task has at most 1000 recipients"));
    }
    if let Some(at) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
        let text = format!("'{}' is named twice", String::from_utf8_lossy(names[at]));
        return Err(Refusal::Custom("ERR", text.into()));
    }
    let given = option(args, "GROUP");
    let group = given.or_else(|| option(args, "ID")).unwrap_or(fresh.as_bytes());
    check_group_name(group)?;
    let added: &[&[u8]] = if given.is_some() { &[] } else { &[b"GROUP", group] };
    let request = |name: &&[u8]| {
        let mut composer = Composer::default();
        let words = args.words().enumerate().map(|(at, word)| if at == 1 { *name } else { word });
        composer.push(Some(&REHEARSED), words.chain(added.iter().copied()));
        composer.finish()
    };
    Ok(names.iter().map(request).collect())
}

fn merge(args: &Args<'_>, ids: Vec<Reply>) -> Reply {
    let group = option(args, "GROUP").unwrap_or_default();
    Reply::Map(vec![
        (Reply::text("group"), Reply::copy(group)),
        (Reply::text("message_ids"), Reply::Array(ids)),
    ])
}

#[cfg(test)]
mod tests {
    use super::{follow, merge, option, patience, split};
    use crate::command::Patience;
    use crate::{Pipeline, Refusal, Reply};

    fn delegate(words: &str) -> Pipeline {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        Pipeline::of(None, &words)
    }

    fn words(request: &Pipeline) -> String {
        let words = request.request(0).words().map(String::from_utf8_lossy);
        words.collect::<Vec<_>>().join(" ")
    }

    fn split_words(text: &str) -> Result<Vec<String>, Refusal> {
        let parts = split(&delegate(text).request(0), "group.t.1")?;
        Ok(parts.iter().map(words).collect())
    }

    #[test]
    fn options_are_told_from_their_values() {
        let request = delegate("claw.delegate bob wait RECEIPTS FROM group group FROM WAIT 5");
        let args = request.request(0);
        assert_eq!(option(&args, "GROUP"), Some(&b"FROM"[..]));
        assert_eq!(option(&args, "WAIT"), Some(&b"5"[..]));
        assert_eq!(option(&args, "ID"), None);
        let without = delegate("claw.delegate bob WAIT 5");
        assert_eq!(patience(&without.request(0)), Ok(Patience::Never));
    }

    #[test]
    fn each_recipient_gets_a_request_and_all_have_one_group() {
        assert_eq!(
            split_words("claw.delegate bob,@rust work FROM eve"),
            Ok(vec![
                "claw.delegate bob work FROM eve GROUP group.t.1".into(),
                "claw.delegate @rust work FROM eve GROUP group.t.1".into(),
            ])
        );
        assert_eq!(
            split_words("claw.delegate a,b work GROUP g ID k").map(|parts| parts[1].clone()),
            Ok("claw.delegate b work GROUP g ID k".into())
        );
        assert_eq!(
            split_words("claw.delegate a,b work ID k").map(|parts| parts[1].clone()),
            Ok("claw.delegate b work ID k GROUP k".into())
        );
        assert!(split_words("claw.delegate a,b work GROUP a/b").is_err());
        assert!(split_words("claw.delegate a,b,a work").is_err());
        let many: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
        assert!(split_words(&format!("claw.delegate {} work", many.join(","))).is_err());
    }

    #[test]
    fn who_waits_asks_for_the_response_or_for_the_group() {
        let request = delegate("claw.delegate bob work WAIT 5 FROM eve");
        let args = request.request(0);
        let one = follow(&args, &Reply::from("bob.t.1".to_owned())).expect("a request");
        assert_eq!(words(&one), "claw.await bob.t.1 TIMEOUT 5");
        let request = delegate("claw.delegate bob work WAIT 5 FROM eve GROUP g");
        let args = request.request(0);
        let several = follow(&args, &merge(&args, vec![])).expect("a request");
        assert_eq!(words(&several), "claw.gather g TIMEOUT 5 FROM eve");
        let request = delegate("claw.delegate bob work");
        assert!(follow(&request.request(0), &Reply::Ok).is_none());
    }
}
