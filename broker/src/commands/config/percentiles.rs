//! `latency-tracking-info-percentiles`: numbers from 0 to 100 with a space between each two.

use crate::shared::Shared;

/// The setting as Redis shows it.
pub(super) fn get(shared: &Shared) -> String {
    let percentiles = shared.commands.percentiles.lock();
    percentiles.iter().map(f64::to_string).collect::<Vec<_>>().join(" ")
}

/// Reads percentiles; what it answers is how many there are.
pub(super) fn parse(word: &[u8]) -> Result<i64, String> {
    Ok(read(word)?.len() as i64)
}

/// Sets them.
pub(super) fn apply(shared: &Shared, word: &[u8]) {
    if let Ok(percentiles) = read(word) {
        *shared.commands.percentiles.lock() = percentiles;
    }
}

fn read(word: &[u8]) -> Result<Vec<f64>, String> {
    let invalid = || "Invalid latency-tracking-info-percentiles parameters".to_owned();
    let text = std::str::from_utf8(word).map_err(|_| invalid())?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let read_one = |part: &str| match part.parse::<f64>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        Ok(value) if !value.is_nan() => {
            Err("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"
                .into())
        }
        _ => Err(invalid()),
    };
    text.split(' ').map(read_one).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn percentiles_are_numbers_up_to_a_hundred() {
        assert_eq!(read(b"50 99 99.9"), Ok(vec![50.0, 99.0, 99.9]));
        assert_eq!(read(b""), Ok(Vec::new()));
        let wrong: [&[u8]; 5] = [b"101", b"-1", b"50  99", b"x", b"nan"];
        assert!(wrong.iter().all(|word| read(word).is_err()));
    }
}
