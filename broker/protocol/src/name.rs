//! What agents, capabilities and topics may be called.

/// Longest id, capability or topic, in bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// Whether this is a well-formed id, capability or topic: 1 to 64 of `A-Z a-z 0-9 . _ -`.
///
/// These are the characters that need no quoting in any shell, key, path or URL.
pub fn is_valid(name: &[u8]) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.iter().all(|byte| is_name_byte(*byte))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// The id of an agent that chose none: its name in lower case, every run of other characters a
/// `-` (none at either end), cut to 64 bytes. `None` if nothing is left of the name.
///
/// The command line uses the same rule to find the identity that a name was stored under.
pub fn slug(name: &str) -> Option<String> {
    let mut slug = String::with_capacity(name.len().min(NAME_BYTES_MAX));
    for byte in name.bytes() {
        match byte.to_ascii_lowercase() {
            b if is_name_byte(b) && b != b'-' => slug.push(char::from(b)),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
        if slug.len() == NAME_BYTES_MAX {
            break;
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    (!slug.is_empty()).then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::{is_valid, slug};

    #[test]
    fn ids_are_short_and_need_no_quoting() {
        assert!(is_valid(b"bob") && is_valid(b"A.b_c-9") && is_valid(&[b'x'; 64]));
        for bad in [&b""[..], b"a b", b"a/b", b"@rust", "ü".as_bytes(), &[b'x'; 65]] {
            assert!(!is_valid(bad), "{bad:?} must be refused");
        }
    }

    #[test]
    fn a_slug_reads_like_the_name() {
        assert_eq!(slug("Bob").as_deref(), Some("bob"));
        assert_eq!(slug("  Code Reviewer (2nd)!").as_deref(), Some("code-reviewer-2nd"));
        assert_eq!(slug("Zoë--B").as_deref(), Some("zo-b"));
        assert_eq!(slug("!!!"), None);
        assert_eq!(slug(&"x y".repeat(100)).map(|slug| slug.len()), Some(64));
    }

    #[test]
    fn every_slug_is_a_valid_id() {
        for name in ["a", "-", "A b", "…", "a…", &"ab ".repeat(50), &"é".repeat(99)] {
            assert!(slug(name).is_none_or(|slug| is_valid(slug.as_bytes())), "{name}");
        }
    }
}
