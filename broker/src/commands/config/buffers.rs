//! `client-output-buffer-limit`: of Redis's three classes with three limits each, one is kept here, the hard limit of
//! subscribers.

use super::value::memory;
use crate::shared::Shared;

/// The setting as Redis shows it. Limits that the broker does not have are 0, which means none.
pub(super) fn get(shared: &Shared) -> String {
    let limit = shared.directory.limits.outbox_bytes_max.get();
    format!("normal 0 0 0 slave 0 0 0 pubsub {limit} 0 0")
}

/// Reads classes with their limits; the result is the subscribers' hard limit in bytes, or -1 if it is not given.
pub(super) fn parse(word: &[u8]) -> Result<i64, String> {
    let text = String::from_utf8_lossy(word);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() || !words.len().is_multiple_of(4) {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    }
    let mut limit = -1;
    for class in words.chunks(4) {
        let hard = memory(class[1].as_bytes());
        let soft = memory(class[2].as_bytes());
        let seconds = class[3].parse::<u32>();
        let (Some(hard), Some(_), Ok(_)) = (hard, soft, seconds) else {
            return Err(
                "Error in hard, soft or soft_seconds setting in buffer limit configuration.".into(),
            );
        };
        match class[0].to_ascii_lowercase().as_str() {
            "pubsub" => {
                limit = if hard == 0 { i64::MAX } else { hard.try_into().unwrap_or(i64::MAX) }
            }
            "normal" | "slave" | "replica" => {}
            _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
        }
    }
    Ok(limit)
}

/// Sets the subscribers' hard limit.
pub(super) fn apply(shared: &Shared, limit: i64) {
    if let Ok(limit) = u64::try_from(limit) {
        shared.directory.limits.outbox_bytes_max.set(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_hard_limit_of_subscribers_is_taken() {
        assert_eq!(parse(b"normal 0 0 0 pubsub 32mb 8mb 60"), Ok(32 << 20));
        assert_eq!(parse(b"pubsub 0 0 0"), Ok(i64::MAX));
        assert_eq!(parse(b"normal 0 0 0"), Ok(-1));
        assert!(parse(b"pubsub 1 2").is_err() && parse(b"pubsub x 0 0").is_err());
    }
}
