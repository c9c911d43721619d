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

/// Values in the forms that servers before 7.0 wrote: of `abc`, 5, 300, -7, 70000 and a long word.
pub fn old_forms() -> Vec<Vec<u8>> {
    let long = [&b"\x41\x2c"[..], &[b'x'; 300]].concat();
    let words: [&[u8]; 6] =
        [b"\x03abc", b"\xf6", b"\xc0\x2c\x01", b"\xfe\xf9", b"\xf0\x70\x11\x01", &long];
    // Each behind the length of the one before.
    let before = [0, 5, 2, 4, 3, 5];
    let body: Vec<u8> = before
        .into_iter()
        .zip(words)
        .flat_map(|(before, word)| [&[before], word].concat())
        .collect();
    let (len, last) = (body.len() + 11, body.len() + 10 - 303);
    let header = [&(len as u32).to_le_bytes()[..], &(last as u32).to_le_bytes(), &[6, 0]].concat();
    let ziplist = [&header[..], &body, &[0xff]].concat();
    let ziplist = [&(0x4000 | len as u16).to_be_bytes()[..], &ziplist].concat();
    let packed = [&[10][..], &[14, 1], &[13]].map(|before| seal(&[before, &ziplist].concat()));
    let listed: [&[u8]; 5] = [
        b"\x01\x03\x01a\xc0\x05\x03abc",
        b"\x03\x04\x01a\x015\x01b\xff\x01c\xfe\x01d\x04-0.5",
        b"\x09\x11\x02\x01a\x01\x005\x02bc\x03\x02xyz..\xff",
        b"\x0c\x15\x15\0\0\0\x12\0\0\0\x04\0\0\x01a\x03\xf6\x02\x01b\x03\xf7\xff",
        b"\x12\x02\x01\x03abc\x02\x0c\x0c\0\0\0\x02\0\x81a\x02\x05\x01\xff",
    ];
    packed.into_iter().chain(listed.map(seal)).collect()
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
