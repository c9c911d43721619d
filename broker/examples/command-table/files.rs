//! The files that repeat what the declarations say.

use std::io;
use std::path::{Path, PathBuf};

use super::page;

const BEGIN: &str = "<!-- commands:begin -->\n";
const END: &str = "<!-- commands:end -->";

/// A file as it should be.
#[derive(Debug)]
pub struct Wanted {
    /// Where it is.
    pub path: PathBuf,
    /// All of it.
    pub content: String,
}

/// All of them; the README only if it has the markers.
///
/// # Errors
/// When the README is there and cannot be read.
pub fn wanted() -> io::Result<Vec<Wanted>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut files = vec![Wanted { path: root.join("docs/commands.md"), content: page::full() }];
    let path = root.join("README.md");
    if path.exists() {
        let text = std::fs::read_to_string(&path)?;
        let content = between_markers(&text, &page::by_group());
        files.extend(content.map(|content| Wanted { path, content }));
    }
    Ok(files)
}

/// The text with `inner` between its markers, if it has them.
fn between_markers(text: &str, inner: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{inner}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::between_markers;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = "a\n<!-- commands:begin -->\nold\n<!-- commands:end -->\nb\n";
        let new = "a\n<!-- commands:begin -->\nnew\n<!-- commands:end -->\nb\n";
        assert_eq!(between_markers(text, "new\n").as_deref(), Some(new));
        assert_eq!(between_markers("no markers", "new"), None);
    }
}
