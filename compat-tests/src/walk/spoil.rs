//! Makes mistakes in commands, as people and programs make them.

use super::grammar::Care;
use crate::random::Random;

/// Words of many commands, and what is neither a number nor a word of any.
const STRANGERS: &[&str] = &[
    "NX",
    "XX",
    "GET",
    "LIMIT",
    "COUNT",
    "WITHSCORES",
    "STORE",
    "BY",
    "MATCH",
    "KEEPTTL",
    "EX",
    "LEFT",
    "REV",
    "",
    "-",
    "+",
    "$",
    ">",
    "(",
    "[",
    "abc",
    "\n",
    "nan",
    "inf",
    "k",
];

/// Numbers as they are mistyped, and such as no range holds.
const NUMBERS: &[&str] = &[
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551616",
    "-1",
    "0",
    "1.5",
    "1e400",
    "-0",
    "00",
];

/// The words with one mistake, as far as the care allows.
#[must_use]
pub fn spoil(mut words: Vec<Vec<u8>>, care: Care, random: &mut Random) -> Vec<Vec<u8>> {
    let (count, place) = (words.len(), random.below(words.len()));
    let stranger = |random: &mut Random| random.pick(STRANGERS).as_bytes().to_vec();
    match (care, random.below(10)) {
        (Care::Full, _) => change_case(&mut words[0], random),
        (_, 0 | 1) => change_case(&mut words[place.min(1)], random),
        (_, 2) => words.truncate(1 + random.below(count)),
        (_, 3 | 4) | (Care::Some, _) => words.insert(place.max(1).min(count), stranger(random)),
        (Care::None, 5) if place > 0 => words[place] = random.pick(NUMBERS).as_bytes().to_vec(),
        (Care::None, 6) if place > 0 => words[place] = stranger(random),
        (Care::None, 7) if place > 0 => drop(words.remove(place)),
        (Care::None, 8) => words.insert(place, words[place].clone()),
        (Care::None, _) if place > 0 => words.swap(place, 1 + random.below(count - 1)),
        (Care::None, _) => words.push(stranger(random)),
    }
    words
}

fn change_case(word: &mut [u8], random: &mut Random) {
    for byte in word {
        if random.below(3) > 0 {
            *byte ^= if byte.is_ascii_alphabetic() { 0x20 } else { 0 };
        }
    }
}
