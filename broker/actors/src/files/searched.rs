//! What the search is told of files.

use super::Files;
use crate::call::Call;
use crate::directory::Directory;
use crate::search::{Change, FileDocument, Source};
use crate::{Outcome, Reply};

/// Gives the search all files; from then on it is told what changes.
pub(crate) fn feed(state: &mut Files, call: &mut Call<'_>) -> Outcome {
    let all = state
        .files()
        .iter()
        .map(|(path, file)| Change::File(path.into(), Some(FileDocument::from(file.newest()))));
    call.env.directory.search.begin(Source::Files, all)?;
    Ok(Reply::Ok)
}

/// Tells it, if anybody searches, that a file has a new version or is gone.
pub(super) fn changed(state: &Files, path: &[u8], directory: &Directory) {
    let search = &directory.search;
    if search.wants(Source::Files) {
        let newest = state.get(path).map(FileDocument::from);
        search.note(Source::Files, Change::File(path.into(), newest));
    }
}

/// Tells it that all files are gone.
pub(super) fn cleared(directory: &Directory) {
    directory.search.note(Source::Files, Change::Cleared(Source::Files));
}
