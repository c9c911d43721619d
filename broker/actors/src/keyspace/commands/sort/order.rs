//! Putting elements in order.

use std::cmp::Ordering;

use bytes::Bytes;

use super::options::Options;
use crate::Refusal;
use crate::call::Call;
use crate::collections::{Name, number};
use crate::keyspace::Keyspace;

/// Sorts elements as the options say: by themselves or by what the pattern `BY` finds, as numbers or as bytes.
pub(super) fn put_in_order(
    state: &mut Keyspace,
    call: &Call<'_>,
    options: &Options<'_>,
    elements: Vec<Name>,
) -> Result<Vec<Name>, Refusal> {
    let mut find = |element: &Name| match options.by {
        Some(pattern) => pattern.find(state, call, element),
        None => Ok(Some(Bytes::copy_from_slice(element))),
    };
    if !options.alpha {
        // What has no weight weighs nothing; what has one that is no number is refused only after all were looked up.
        let mut all_numbers = true;
        let weigh = |element: Name| {
            let weight = find(&element)?.map_or(Some(0.0), |text| score(&text));
            all_numbers &= weight.is_some();
            Ok((weight.unwrap_or_default(), element))
        };
        let weighed = elements.into_iter().map(weigh).collect::<Result<Vec<_>, Refusal>>()?;
        let refusal = Refusal::Fixed("ERR", "One or more scores can't be converted into double");
        return if all_numbers { Ok(sorted(weighed, options, by_number)) } else { Err(refusal) };
    }
    let keyed = |element: Name| Ok((find(&element)?, element));
    let keyed = elements.into_iter().map(keyed).collect::<Result<Vec<_>, Refusal>>()?;
    // What is kept is compared to its last byte, what is answered as C compares strings.
    let compare = if options.store.is_some() { by_bytes } else { by_text };
    Ok(sorted(keyed, options, compare))
}

fn sorted<K>(
    mut keyed: Vec<(K, Name)>,
    options: &Options<'_>,
    compare: fn(&(K, Name), &(K, Name)) -> Ordering,
) -> Vec<Name> {
    keyed.sort_by(|one, other| {
        let order = compare(one, other);
        if options.descending { order.reverse() } else { order }
    });
    keyed.into_iter().map(|(_, element)| element).collect()
}

/// By weight, and where that is equal by name.
fn by_number(one: &(f64, Name), other: &(f64, Name)) -> Ordering {
    let by_weight = one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal);
    by_weight.then_with(|| one.1.cmp(&other.1))
}

/// What nothing was found for comes first.
fn by_bytes(one: &(Option<Bytes>, Name), other: &(Option<Bytes>, Name)) -> Ordering {
    one.0.cmp(&other.0)
}

/// As [`by_bytes`], up to the first zero byte.
fn by_text(one: &(Option<Bytes>, Name), other: &(Option<Bytes>, Name)) -> Ordering {
    fn text(found: &Option<Bytes>) -> Option<&[u8]> {
        found.as_deref().map(|bytes| bytes.split(|byte| *byte == 0).next().unwrap_or_default())
    }
    text(&one.0).cmp(&text(&other.0))
}

/// A number as C reads it: spaces before it are fine, and no text at all is zero.
fn score(text: &[u8]) -> Option<f64> {
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    if text.is_empty() { Some(0.0) } else { number::parse_f64(text.trim_ascii_start()) }
}
