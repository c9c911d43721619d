//! The patterns of `SORT`: `weight_*`, `user:*->name`, `#`.

use bytes::Bytes;

use crate::call::Call;
use crate::keyspace::{Content, Keyspace, Value};
use crate::{Place, Refusal};

/// Where to find what belongs to an element, whose bytes stand for the first `*`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pattern<'a> {
    /// `#`: the element itself.
    Itself,
    /// Without a `*`: nothing.
    Constant,
    /// A key, and perhaps the field of a hash in it.
    Key { before: &'a [u8], after: &'a [u8], field: Option<&'a [u8]> },
}

impl<'a> Pattern<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        if text == b"#" {
            return Self::Itself;
        }
        let Some(star) = text.iter().position(|byte| *byte == b'*') else {
            return Self::Constant;
        };
        let (before, after) = (&text[..star], &text[star + 1..]);
        // An arrow with nothing behind it is part of the key.
        let arrow = after.windows(2).position(|pair| pair == b"->");
        match arrow.filter(|arrow| arrow + 2 < after.len()) {
            Some(arrow) => {
                let (after, field) = (&after[..arrow], Some(&after[arrow + 2..]));
                Self::Key { before, after, field }
            }
            None => Self::Key { before, after, field: None },
        }
    }

    /// Whether it means the same for every element.
    pub(super) fn is_constant(self) -> bool {
        matches!(self, Self::Itself | Self::Constant)
    }

    /// What it means for an element: a string, or a field of a hash.
    ///
    /// # Errors
    /// [`Refusal::CannotSpan`] if the key belongs to another owner.
    pub(super) fn find(
        self,
        state: &mut Keyspace,
        call: &Call<'_>,
        element: &[u8],
    ) -> Result<Option<Bytes>, Refusal> {
        let (before, after, field) = match self {
            Self::Itself => return Ok(Some(Bytes::copy_from_slice(element))),
            Self::Constant => return Ok(None),
            Self::Key { before, after, field } => (before, after, field),
        };
        let key = [before, element, after].concat();
        if Place::of_key(&key) != call.place {
            return Err(Refusal::CannotSpan(call.command.name));
        }
        let entry = state.read(call, &key);
        Ok(entry.and_then(|entry| match (&entry.value, field) {
            (Value::Str(string), None) => Some(string.bytes()),
            (Value::Hash(hash), Some(field)) => hash.get(field).map(Content::bytes),
            _ => None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_are_read_as_redis_reads_them() {
        let key = |before, after, field| Pattern::Key { before, after, field };
        for (text, pattern) in [
            (&b"w_*"[..], key(b"w_", b"", None)),
            (b"*", key(b"", b"", None)),
            (b"a*b*c", key(b"a", b"b*c", None)),
            (b"u:*->name", key(b"u:", b"", Some(b"name"))),
            (b"u:*:x->a->b", key(b"u:", b":x", Some(b"a->b"))),
            (b"u:*->", key(b"u:", b"->", None)),
            (b"u->x:*", key(b"u->x:", b"", None)),
            (b"#", Pattern::Itself),
            (b"##", Pattern::Constant),
            (b"nosort", Pattern::Constant),
            (b"", Pattern::Constant),
        ] {
            assert_eq!(Pattern::new(text), pattern, "{}", text.escape_ascii());
        }
    }
}
