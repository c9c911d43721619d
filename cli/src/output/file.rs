//! Content that goes to a file of the user's.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::failure::Failure;

/// Saves in one step, so that nobody reads half a file.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // A device or a pipe is written to; only a file can be replaced by another.
    let special = fs::metadata(path).is_ok_and(|there| !there.is_file());
    let saved = if special { fs::write(path, bytes) } else { replace(path, bytes) };
    saved.map_err(|error| Failure::local(format!("cannot save {}: {error}", path.display())))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through a link the file behind it is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = new_file(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    if let Ok(there) = fs::metadata(&path) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.persist(&path)?;
    Ok(())
}

/// A file that others may read as the user's umask says; temporary files are private otherwise.
#[cfg(unix)]
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::{fs, io::Read, process::Command};

    use super::save;

    #[test]
    fn a_saved_file_replaces_the_old_one_and_keeps_its_mode() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("script");
        fs::write(&path, "a longer old content").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("changed");
        save(&path, b"new").expect("saved");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o750);
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left over");
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let [target, link] = ["target", "link"].map(|name| folder.path().join(name));
        fs::write(&target, "old").expect("written");
        symlink(&target, &link).expect("linked");
        save(&link, b"new").expect("saved");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&target).expect("there"), b"new");
    }

    #[test]
    fn a_pipe_is_written_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("run").success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut read = Vec::new();
                fs::File::open(pipe)
                    .and_then(|mut file| file.read_to_end(&mut read))
                    .expect("read");
                read
            }
        });
        save(&pipe, b"through").expect("saved");
        assert_eq!(reader.join().expect("no panic"), b"through");
    }
}
