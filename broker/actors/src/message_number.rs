//! Message ids that are written only if somebody asks for them.

use std::sync::Arc;

/// What a message id says besides its place.
#[derive(Debug, Clone)]
pub struct MessageNumber {
    boot: Arc<str>,
    number: u64,
}

impl MessageNumber {
    /// The message of this number since the broker's start, whose time is `boot`.
    pub fn new(boot: Arc<str>, number: u64) -> Self {
        Self { boot, number }
    }

    /// The number itself.
    pub fn number(&self) -> u64 {
        self.number
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

/// `<place>.<boot>.<number>`
pub(crate) fn write_id(place: &str, boot: &str, number: u64) -> String {
    format!("{place}.{boot}.{number}")
}

/// The number in a message id.
pub(crate) fn number_of(message_id: &[u8]) -> Option<u64> {
    let digits = message_id.rsplit(|byte| *byte == b'.').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// How many decimal digits a number has.
pub(crate) fn decimal_len(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::{MessageNumber, number_of};

    #[test]
    fn a_message_is_known_by_its_id_alone() {
        for number in [0, 9, 10, 99, 100, u64::MAX] {
            let message = MessageNumber::new("t8k2m1".into(), number);
            let id = message.id("#news");
            assert_eq!(id, format!("#news.t8k2m1.{number}"));
            assert_eq!(message.id_len("#news".len()), id.len());
            assert_eq!(number_of(id.as_bytes()), Some(number));
            assert!(message.is("#news", id.as_bytes()));
            assert!(!message.is("#olds", id.as_bytes()));
            assert!(!message.is("#news", &id.as_bytes()[1..]));
        }
    }
}
