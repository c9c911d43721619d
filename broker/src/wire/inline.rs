//! Inline requests: a line of words, as a person types it into a terminal.

/// Splits a line into words: where each stands, as offset and length. Quoted words are unescaped in place, which never
/// makes them longer. `None`: a quote is not closed, or something other than a space follows a closing one.
pub(super) fn split(line: &mut [u8]) -> Option<Vec<(usize, usize)>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(|byte| is_space(*byte)) {
            at += 1;
        }
        if at >= line.len() {
            return Some(words);
        }
        let (len, next) = word(line, at)?;
        words.push((at, len));
        at = next;
    }
}

/// Unescapes the word that starts at `start`: its length, and where reading goes on.
fn word(line: &mut [u8], start: usize) -> Option<(usize, usize)> {
    let (mut read, mut write) = (start, start);
    let mut quote = None;
    while let Some(&byte) = line.get(read) {
        let mut kept = Some(byte);
        let mut used = 1;
        match quote {
            None if is_space(byte) => break,
            None if byte == b'"' || byte == b'\'' => {
                quote = Some(byte);
                kept = None;
            }
            None => {}
            Some(open) if byte == open => {
                let next = line.get(read + 1).copied();
                return next.is_none_or(is_space).then_some((write - start, read + 1));
            }
            Some(b'"') if byte == b'\\' => (kept, used) = escape(&line[read..]),
            Some(_) if line[read..].starts_with(b"\\'") => (kept, used) = (Some(b'\''), 2),
            Some(_) => {}
        }
        if let Some(kept) = kept {
            line[write] = kept;
            write += 1;
        }
        read += used;
    }
    quote.is_none().then_some((write - start, read))
}

/// What an escape inside double quotes stands for, and how many bytes it takes.
fn escape(rest: &[u8]) -> (Option<u8>, usize) {
    let hex = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    match rest {
        [_, b'x', high, low, ..] if hex(*high).is_some() && hex(*low).is_some() => {
            (hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low), 4)
        }
        [_, b'n', ..] => (Some(b'\n'), 2),
        [_, b'r', ..] => (Some(b'\r'), 2),
        [_, b't', ..] => (Some(b'\t'), 2),
        [_, b'b', ..] => (Some(8), 2),
        [_, b'a', ..] => (Some(7), 2),
        [_, other, ..] => (Some(*other), 2),
        _ => (Some(b'\\'), 1),
    }
}

/// C's `isspace`, which Redis uses.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

#[cfg(test)]
mod tests {
    fn words(line: &str) -> Option<Vec<String>> {
        let mut line = line.as_bytes().to_vec();
        let spans = super::split(&mut line)?;
        let text = |(start, len)| String::from_utf8_lossy(&line[start..start + len]).into_owned();
        Some(spans.into_iter().map(text).collect())
    }

    #[test]
    fn words_quotes_and_escapes() {
        assert_eq!(words("  get  a\r").unwrap(), ["get", "a"]);
        assert_eq!(
            words(r#"set "a \"b\" \x41\n" 'it\'s'"#).unwrap(),
            ["set", "a \"b\" A\n", "it's"]
        );
        assert_eq!(words(r#"set "" ''"#).unwrap(), ["set", "", ""]);
        assert_eq!(words(r#"a"b c""#).unwrap(), ["ab c"]);
        assert_eq!(words("\r").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn unbalanced_quotes_are_refused() {
        assert_eq!(words(r#"set "a"#), None);
        assert_eq!(words(r#"set "a"b"#), None);
        assert_eq!(words("set 'a"), None);
    }
}
