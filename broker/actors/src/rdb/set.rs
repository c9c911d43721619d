//! Sets: an intset, or the members one after the other.

use super::kind::Kind;
use super::reader::Reader;
use super::writer::Writer;
use super::{Sizes, intset};
use crate::collections::{Set, Short};

pub(super) fn write(set: &Set, out: &mut Writer) {
    match set {
        Set::Ints(ints) => {
            out.kind(Kind::SetIntset);
            out.string(&intset::write(ints));
        }
        Set::Table(members) => {
            out.kind(Kind::Set);
            out.count(members.len());
            members.iter().for_each(|(name, ())| out.string(name));
        }
    }
}

pub(super) fn read(kind: Kind, input: &mut Reader<'_>, sizes: &Sizes) -> Option<Set> {
    let mut set = Set::default();
    if kind == Kind::SetIntset {
        let ints = intset::read(&input.string()?)?;
        if ints.len() as u64 <= sizes.set_ints_max {
            return Some(Set::Ints(ints));
        }
        let members = set.make_table();
        for int in ints {
            members.add(&Short::decimal(int), ());
        }
        return Some(set);
    }
    let count = input.some_count()?;
    if count as u64 > sizes.set_ints_max {
        set.make_table();
    }
    for _ in 0..count {
        let is_new = set.insert(&input.string()?, sizes.set_ints_max);
        if !is_new {
            return None;
        }
    }
    Some(set)
}
