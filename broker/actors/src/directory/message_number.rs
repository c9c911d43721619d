//! Message ids, written or yet to be written.

use std::sync::Arc;

/// What a message id says besides its place.
#[derive(Debug, Clone)]
pub struct MessageNumber {
    boot: Arc<str>,
    number: u64,
}

impl MessageNumber {
    /// Message `number` since the boot of that name.
    pub(super) fn new(boot: Arc<str>, number: u64) -> Self {
        Self { boot, number }
    }

    /// One for tests.
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self { boot: "t8k2m1".into(), number: 17 }
    }

    /// The id of this message at a place.
    pub fn id(&self, place: &str) -> String {
        write_id(place, &self.boot, self.number)
    }

    /// The length in bytes of its id at a place of this length, without writing it.
    pub fn id_len(&self, place_len: usize) -> usize {
        place_len + self.boot.len() + decimal_len(self.number) + "..".len()
    }

    /// Whether `id` is this message's id at a place.
    pub fn is(&self, place: &str, id: &[u8]) -> bool {
        // Most other ids differ in these already, and need not be written to be told apart.
        let last = b'0' + (self.number % 10) as u8;
        let similar = id.last() == Some(&last) && id.len() == self.id_len(place.len());
        similar && self.id(place).as_bytes() == id
    }
}

/// The id of message `number` at a place.
pub(super) fn write_id(place: &str, boot: &str, number: u64) -> String {
    format!("{place}.{boot}.{number}")
}

/// How many decimal digits a number has.
pub(crate) fn decimal_len(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Lower-case digits and letters, most significant first: the boot time in seconds takes six of them.
pub(super) fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{MessageNumber, base36};

    #[test]
    fn a_message_is_known_by_its_id_alone() {
        for number in [0, 9, 10, 99, 100, u64::MAX] {
            let message = MessageNumber { boot: "t8k2m1".into(), number };
            let id = message.id("#news");
            assert_eq!(id, format!("#news.t8k2m1.{number}"));
            assert_eq!(message.id_len("#news".len()), id.len());
            assert!(message.is("#news", id.as_bytes()));
            assert!(!message.is("#olds", id.as_bytes()));
            assert!(!message.is("#news", &id.as_bytes()[1..]));
        }
    }

    #[test]
    fn numbers_are_written_in_base_36() {
        assert_eq!(base36(0), "0");
        assert_eq!(base36(35), "z");
        assert_eq!(base36(36 * 36 + 1), "101");
    }
}
