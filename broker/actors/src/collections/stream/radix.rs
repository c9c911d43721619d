//! The shape of the radix tree in which Redis would keep the nodes: `XINFO STREAM` shows how many nodes it has.

use super::StreamId;

/// The bytes of a key.
const KEY_LEN: usize = 16;

/// The number of nodes of a radix tree with these keys, in ascending order: one at the end of each key, one wherever
/// keys part, and one for each run of bytes in between that all keys below it share.
pub(super) fn node_count(keys: impl Iterator<Item = StreamId>) -> usize {
    // The lengths that the last key shares with others: the places on its way where keys part.
    let mut partings: Vec<usize> = Vec::new();
    let mut last: Option<[u8; KEY_LEN]> = None;
    let mut nodes = 0;
    for key in keys.map(StreamId::to_bytes) {
        let shared = last.map_or(0, |last| shared_len(&last, &key));
        if last.is_some() {
            nodes += leave(&mut partings, shared, KEY_LEN);
        }
        last = Some(key);
    }
    match last {
        Some(_) => nodes + leave_all(&mut partings),
        // An empty tree has its root.
        None => 1,
    }
}

/// Counts what lies on the last key's way below `shared`, where the next key parts from it.
fn leave(partings: &mut Vec<usize>, shared: usize, end: usize) -> usize {
    let mut nodes = 1;
    let mut below = end;
    while let Some(parting) = partings.pop_if(|parting| *parting > shared) {
        // The parting itself, and the run of bytes from its branch down.
        nodes += 1 + usize::from(below > parting + 1);
        below = parting;
    }
    if partings.last() != Some(&shared) {
        partings.push(shared);
    }
    nodes + usize::from(below > shared + 1)
}

/// Counts all that lies on the last key's way.
fn leave_all(partings: &mut Vec<usize>) -> usize {
    let mut nodes = 1;
    let mut below = KEY_LEN;
    while let Some(parting) = partings.pop() {
        nodes += 1 + usize::from(below > parting + 1);
        below = parting;
    }
    nodes + usize::from(below > 0)
}

fn shared_len(a: &[u8; KEY_LEN], b: &[u8; KEY_LEN]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{KEY_LEN, StreamId, node_count};

    /// The same, straight from the definition.
    fn model(keys: &[[u8; KEY_LEN]], depth: usize) -> usize {
        let (first, last) = (keys[0], keys[keys.len() - 1]);
        let parting = (depth..KEY_LEN).find(|at| first[*at] != last[*at]);
        let Some(parting) = parting else { return 1 + usize::from(depth < KEY_LEN) };
        let branches = keys.chunk_by(|a, b| a[parting] == b[parting]);
        let below: usize = branches.map(|branch| model(branch, parting + 1)).sum();
        1 + usize::from(depth < parting) + below
    }

    proptest! {
        #[test]
        fn counts_what_the_definition_says(ids: BTreeSet<(u8, u16)>, scale in 0..40u32) {
            let ids = ids.iter().map(|(ms, seq)| StreamId { ms: u64::from(*ms) << scale, seq: (*seq).into() });
            let keys: Vec<_> = ids.clone().map(StreamId::to_bytes).collect();
            let expected = if keys.is_empty() { 1 } else { model(&keys, 0) };
            prop_assert_eq!(node_count(ids), expected);
        }
    }
}
