//! How bytes are written in records: as text if they are text.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The values of a record's two fields for one content: `content` if it is UTF-8, else
/// `content_base64`.
pub fn text_or_base64(bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(BASE64_STANDARD.encode(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::text_or_base64;

    #[test]
    fn only_what_is_no_text_is_encoded() {
        assert_eq!(text_or_base64("ü\0".as_bytes()), (Some("ü\0".into()), None));
        assert_eq!(text_or_base64(b""), (Some(String::new()), None));
        assert_eq!(text_or_base64(b"\xff"), (None, Some("/w==".into())));
    }
}
