//! The agents that were registered from here: one file for each relay and agent.
//!
//! A file holds the key that the registration returned, which is all it takes to be that agent.
//! So it is readable by its owner alone, and it is replaced in one step, never half written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::relay::Relay;

/// An agent that was registered from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The broker it is registered with, for whoever reads the file.
    pub(crate) relay: String,
    /// Its id there.
    pub(crate) agent_id: String,
    /// What it calls itself.
    pub(crate) name: String,
    /// What resuming it takes.
    pub(crate) key: String,
}

/// The folder that holds the identities for one relay.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store for a relay, in the platform's configuration folder. Creates nothing.
    pub(crate) fn of(relay: &Relay) -> Result<Self, Failure> {
        let platform = etcetera::choose_base_strategy().map_err(|_| {
            Failure::local("no home folder to store identities in")
                .next("set HOME, or XDG_CONFIG_HOME")
        })?;
        let identities = platform.config_dir().join("clawlink").join("identities");
        Ok(Self::in_folder(&identities, relay))
    }

    /// The store for a relay, in a folder of identities. Creates nothing.
    pub(crate) fn in_folder(identities: &Path, relay: &Relay) -> Self {
        Self { folder: identities.join(file_name(&relay.store_name())) }
    }

    /// The folder, whether it exists or not.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where an agent's identity is stored, whether it is or not.
    pub(crate) fn path(&self, agent_id: &str) -> PathBuf {
        self.folder.join(file_name(agent_id) + ".json")
    }

    /// The identity of an agent, if it was registered from here.
    pub(crate) fn load(&self, agent_id: &str) -> Result<Option<Identity>, Failure> {
        read(&self.path(agent_id))
    }

    /// All identities, in order of id.
    pub(crate) fn list(&self) -> Result<Vec<Identity>, Failure> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| trouble("read", &self.folder, &error))?,
        };
        let mut identities = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| trouble("read", &self.folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                identities.extend(read(&path)?);
            }
        }
        identities.sort_by(|a, b| a.agent_id.cmp(&b.agent_id));
        Ok(identities)
    }

    /// Stores an identity, in place of an older one of the same agent. Answers where.
    pub(crate) fn save(&self, identity: &Identity) -> Result<PathBuf, Failure> {
        let path = self.path(&identity.agent_id);
        self.replace(&path, identity).map_err(|error| trouble("store", &path, &error))?;
        Ok(path)
    }

    fn replace(&self, path: &Path, identity: &Identity) -> io::Result<()> {
        create_private_folder(&self.folder)?;
        // A temporary file is created with mode 0600 and keeps it when it is renamed.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer_pretty(&mut file, identity)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// Forgets an agent. Whether it was known.
    pub(crate) fn forget(&self, agent_id: &str) -> Result<bool, Failure> {
        let path = self.path(agent_id);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(trouble("delete", &path, &error)),
        }
    }
}

fn read(path: &Path) -> Result<Option<Identity>, Failure> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(|error| trouble("read", path, &error))?,
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        trouble("read", path, &io::Error::from(error)).next("delete it and register again")
    })
}

fn trouble(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::local(format!("cannot {what} the identity in {}: {error}", path.display()))
}

/// A name as a file name: upper case is escaped too, since some file systems take `Bob` for `bob`.
fn file_name(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Identity, Store};

    fn store(identities: &Path, relay: &str) -> Store {
        Store::in_folder(identities, &relay.parse().expect("an address"))
    }

    fn identity(agent_id: &str, key: &str) -> Identity {
        let [relay, name] = ["127.0.0.1:9077", "A name"].map(str::to_owned);
        Identity { relay, agent_id: agent_id.to_owned(), name, key: key.to_owned() }
    }

    #[test]
    fn what_is_saved_is_found_replaced_and_forgotten() {
        let home = tempfile::tempdir().expect("a folder");
        let store = store(home.path(), "127.0.0.1:9077");
        assert_eq!(store.list().expect("no folder yet"), []);
        store.save(&identity("bob", "1")).expect("saved");
        store.save(&identity("Bob", "2")).expect("saved");
        store.save(&identity("bob", "3")).expect("replaced");
        let (upper, lower) = (identity("Bob", "2"), identity("bob", "3"));
        assert_eq!(store.list().expect("listed"), [upper, lower.clone()]);
        assert_eq!(store.load("bob").expect("loaded"), Some(lower));
        assert!(store.forget("bob").expect("forgotten"));
        assert!(!store.forget("bob").expect("already forgotten"));
        assert_eq!(store.load("bob").expect("absent"), None);
    }

    #[test]
    fn relays_do_not_share_identities() {
        let home = tempfile::tempdir().expect("a folder");
        store(home.path(), "a:1").save(&identity("bob", "1")).expect("saved");
        for other in ["a:2", "b:1", "unix:///run/a:1", "unix:///a:1"] {
            assert_eq!(store(home.path(), other).list().expect("listed"), [], "{other}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_them() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a folder");
        let store = store(home.path(), "a:1");
        let path = store.save(&identity("bob", "1")).expect("saved");
        let mode = |path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(path.as_path()), 0o600);
        assert_eq!(mode(store.folder()), 0o700);
    }

    #[test]
    fn a_broken_file_is_named() {
        let home = tempfile::tempdir().expect("a folder");
        let store = store(home.path(), "a:1");
        let path = store.save(&identity("bob", "1")).expect("saved");
        std::fs::write(&path, "{").expect("broken");
        let said = format!("{:?}", store.list().expect_err("it cannot be read"));
        assert!(said.contains(path.to_str().expect("UTF-8")) && said.contains("register again"));
    }
}
