//! `notify-keyspace-events`: which events of keys are published.

use clawlink_actors::key_events::Classes;

use crate::shared::Shared;

/// The setting as Redis shows it: letters in its order.
pub(super) fn get(shared: &Shared) -> String {
    shared.directory.told_events().letters()
}

/// Reads letters; the result is the bits of the classes.
pub(super) fn parse(word: &[u8]) -> Result<i64, String> {
    let classes = Classes::parse(word).map(|classes| classes.bits().cast_signed());
    classes.ok_or_else(|| "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.".into())
}

/// Chooses the events that are published.
pub(super) fn apply(shared: &Shared, bits: i64) {
    shared.directory.limits.key_events.set(bits.cast_unsigned());
}
