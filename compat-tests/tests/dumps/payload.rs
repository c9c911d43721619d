//! Payloads that were tampered with, and whose checksum is right all the same.

use clawlink_compat_tests::random::Random;

/// Bytes of the version and the checksum.
const ENVELOPE_LEN: usize = 10;

/// The version of the format that Redis 7.0 writes.
const VERSION: [u8; 2] = [10, 0];

/// Redis's polynomial, its bits in reverse order.
const POLYNOMIAL: u64 = 0x95ac_9329_ac4b_c9b5;

/// A payload with this content.
pub fn seal(content: &[u8]) -> Vec<u8> {
    let mut payload = [content, &VERSION].concat();
    let sum = payload.iter().fold(0u64, |sum, byte| {
        (0..8).fold(sum ^ u64::from(*byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { POLYNOMIAL } else { 0 }
        })
    });
    payload.extend(sum.to_le_bytes());
    payload
}

/// A payload with one to three changes.
pub fn tamper(payload: &[u8], random: &mut Random) -> Vec<u8> {
    let mut content = payload[..payload.len() - ENVELOPE_LEN].to_vec();
    for _ in 0..1 + random.below(3) {
        // What says how long everything is stands at the beginning.
        let most = content.len().min(if random.below(2) == 0 { 30 } else { usize::MAX });
        change(&mut content, random.below(most), random);
        if content.is_empty() {
            content.push(0);
        }
    }
    seal(&content)
}

fn change(content: &mut Vec<u8>, at: usize, random: &mut Random) {
    const EDGES: [u8; 10] = [0, 1, 2, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xfe, 0xff];
    const LENGTHS: [u64; 5] = [1 << 63, u64::MAX, 1 << 32, 1 << 31, 1 << 29];
    let len = content.len();
    match random.below(6) {
        0 => content[at] ^= 1 << random.below(8),
        1 => content[at] = EDGES[random.below(EDGES.len())],
        2 => drop(content.drain(at..len.min(at + 1 + random.below(8)))),
        3 => {
            let bytes: Vec<u8> = (0..=random.below(8)).map(|_| random.next_u64() as u8).collect();
            content.splice(at..at, bytes);
        }
        4 => {
            let length = LENGTHS[random.below(LENGTHS.len())].to_be_bytes();
            content.splice(at..at, [&[0x81][..], &length].concat());
        }
        _ => content.truncate(at.max(1)),
    }
}
