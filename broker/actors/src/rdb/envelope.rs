//! What stands behind every value: the version of the format, and a checksum.

use crc::{CRC_64_REDIS, Crc, Table};

/// The version that Redis 7.0 writes, and the last that it reads.
const VERSION: u16 = 10;

/// Bytes of the version and the checksum.
const ENVELOPE_LEN: usize = size_of::<u16>() + size_of::<u64>();

static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_REDIS);

/// Completes a payload.
pub(super) fn seal(mut payload: Vec<u8>) -> Vec<u8> {
    payload.reserve_exact(ENVELOPE_LEN);
    payload.extend_from_slice(&VERSION.to_le_bytes());
    let sum = CRC.checksum(&payload);
    payload.extend_from_slice(&sum.to_le_bytes());
    payload
}

/// Whether a payload is as it was written, by a version that is known.
pub(super) fn is_whole(payload: &[u8]) -> bool {
    let Some((summed, sum)) = payload.split_last_chunk() else { return false };
    let Some((_, version)) = summed.split_last_chunk() else { return false };
    u16::from_le_bytes(*version) <= VERSION && CRC.checksum(summed) == u64::from_le_bytes(*sum)
}

#[cfg(test)]
mod tests {
    use super::{is_whole, seal};

    #[test]
    fn a_change_of_any_bit_shows() {
        let payload = seal(b"\x00\xc0\x0c".to_vec());
        assert_eq!(payload, b"\x00\xc0\x0c\n\x00<*\xf8Q\\\x04\xbc\xd5");
        assert!(is_whole(&payload));
        for bit in 0..payload.len() * 8 {
            let mut other = payload.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_whole(&other), "bit {bit}");
        }
    }

    #[test]
    fn what_a_later_version_wrote_is_refused() {
        let mut payload = seal(b"\x00\x00".to_vec());
        payload[2] = 11;
        let summed = payload.len() - 8;
        let sum = super::CRC.checksum(&payload[..summed]).to_le_bytes();
        payload[summed..].copy_from_slice(&sum);
        assert!(!is_whole(&payload));
        assert!(!is_whole(b"") && !is_whole(&[0; 9]));
    }
}
