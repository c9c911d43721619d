//! Splits a line into words as `redis-cli` does, and expands `{{…}}` in them.

use anyhow::{Context, Result, bail, ensure};

/// The words of a line: separated by blanks, `"quoted"` with escapes such as `\n` and `\x00`,
/// or `'quoted'` as they stand.
pub(crate) fn split(line: &str) -> Result<Vec<Vec<u8>>> {
    let mut bytes = line.bytes().peekable();
    let mut words = Vec::new();
    loop {
        while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
        let Some(&first) = bytes.peek() else {
            return Ok(words);
        };
        let word = match first {
            b'"' => double_quoted(&mut bytes)?,
            b'\'' => single_quoted(&mut bytes)?,
            _ => bare(&mut bytes),
        };
        ensure!(bytes.peek().is_none_or(u8::is_ascii_whitespace), "no blank after a quote");
        words.push(word);
    }
}

pub(crate) type Bytes<'a> = std::iter::Peekable<std::str::Bytes<'a>>;

fn bare(bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut word = Vec::new();
    while let Some(byte) = bytes.next_if(|byte| !byte.is_ascii_whitespace()) {
        word.push(byte);
    }
    word
}

fn single_quoted(bytes: &mut Bytes<'_>) -> Result<Vec<u8>> {
    bytes.next();
    let mut word = Vec::new();
    loop {
        match bytes.next().context("a ' is missing")? {
            b'\'' => return Ok(word),
            byte => word.push(byte),
        }
    }
}

pub(crate) fn double_quoted(bytes: &mut Bytes<'_>) -> Result<Vec<u8>> {
    bytes.next();
    let mut word = Vec::new();
    loop {
        match bytes.next().context("a \" is missing")? {
            b'"' => return Ok(word),
            b'\\' => word.push(escaped(bytes)?),
            byte => word.push(byte),
        }
    }
}

fn escaped(bytes: &mut Bytes<'_>) -> Result<u8> {
    Ok(match bytes.next().context("nothing after a \\")? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => {
            let digits = [bytes.next().unwrap_or(b'?'), bytes.next().unwrap_or(b'?')];
            u8::from_str_radix(std::str::from_utf8(&digits)?, 16).context("\\x needs two digits")?
        }
        byte => byte,
    })
}

/// Replaces `{{x*45}}` by 45 times `x`, and `{{i}}` by the number of the repetition.
pub(crate) fn expand(word: &[u8], repetition: usize) -> Result<Vec<u8>> {
    let mut expanded = Vec::new();
    let mut rest = word;
    while let Some(start) = position(rest, b"{{") {
        let after = &rest[start + 2..];
        let length = position(after, b"}}").context("}} is missing")?;
        expanded.extend_from_slice(&rest[..start]);
        expanded.extend_from_slice(&expansion(&after[..length], repetition)?);
        rest = &after[length + 2..];
    }
    expanded.extend_from_slice(rest);
    Ok(expanded)
}

fn expansion(inside: &[u8], repetition: usize) -> Result<Vec<u8>> {
    if inside == b"i" {
        return Ok(repetition.to_string().into_bytes());
    }
    let Some(star) = inside.iter().rposition(|&byte| byte == b'*') else {
        bail!("{{{{{}}}}} is neither i nor text*count", inside.escape_ascii());
    };
    let count: usize = std::str::from_utf8(&inside[star + 1..])?.parse()?;
    Ok(inside[..star].repeat(count))
}

/// Where `needle` begins in `haystack`.
pub(crate) fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_redis_cli_splits_them() {
        let words = split(r#"SET "a b" 'it"s' "\x00\n\"" "" end"#).unwrap();
        let expected: [&[u8]; 6] = [b"SET", b"a b", b"it\"s", b"\0\n\"", b"", b"end"];
        assert_eq!(words, expected);
        assert!(split("\"open").is_err());
        assert!(split("\"a\"b").is_err());
    }

    #[test]
    fn braces_expand() {
        assert_eq!(expand(b"f{{i}}-{{ab*2}}", 7).unwrap(), b"f7-abab");
        assert_eq!(expand(b"{}", 1).unwrap(), b"{}");
        assert!(expand(b"{{x}}", 1).is_err());
    }
}
