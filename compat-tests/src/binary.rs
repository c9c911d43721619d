//! Finds the binaries under test, and builds them when they are missing or out of date.
//!
//! Cargo gives `CARGO_BIN_EXE_*` only to the package that owns the binary, so this package has
//! to look for itself: next to the test executable, in the same target folder and profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

/// The broker, `clawlinkd`: what `CLAWLINKD` names, else the one of this workspace, built anew
/// if its sources have changed. Fails if it does not build.
pub fn clawlinkd() -> Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(&FOUND, "CLAWLINKD", "clawlink-broker", "clawlinkd")
}

/// The command line, `clawlink`: what `CLAWLINK_CLI` names, else the one of this workspace,
/// built anew if its sources have changed. Fails if it does not build.
pub fn clawlink() -> Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(&FOUND, "CLAWLINK_CLI", "clawlink-cli", "clawlink")
}

/// The top folder of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

fn found(
    cell: &'static OnceLock<Result<PathBuf, String>>,
    variable: &str,
    package: &str,
    name: &str,
) -> Result<PathBuf> {
    cell.get_or_init(|| find(variable, package, name).map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(anyhow::Error::msg)
}

fn find(variable: &str, package: &str, name: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    let profile_folder = profile_folder()?;
    let path = profile_folder.join(name);
    // Cargo is asked only when it has something to do: each test of a run may be a process of
    // its own, and a hundred of them would queue for Cargo's lock.
    if !is_fresh(&path) {
        build(package, name, &profile_folder)?;
    }
    Ok(path)
}

/// `target/debug` of `target/debug/deps/transcripts-0123456789abcdef`.
fn profile_folder() -> Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let folder = executable.parent().and_then(Path::parent);
    Ok(folder
        .context("the test executable lies in no target folder")?
        .to_owned())
}

/// Whether the binary is younger than everything it could have been built from.
fn is_fresh(path: &Path) -> bool {
    let Ok(built) = path.metadata().and_then(|data| data.modified()) else {
        return false;
    };
    let root = workspace();
    ["broker", "cli", "Cargo.toml", "Cargo.lock"]
        .iter()
        .all(|source| newest(&root.join(source)).is_some_and(|changed| changed < built))
}

fn newest(path: &Path) -> Option<SystemTime> {
    let own = path.metadata().and_then(|data| data.modified()).ok()?;
    let Ok(entries) = path.read_dir() else {
        return Some(own);
    };
    let inside = entries
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max();
    Some(inside.map_or(own, |inside| inside.max(own)))
}

fn build(package: &str, name: &str, profile_folder: &Path) -> Result<()> {
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let target = profile_folder.parent().context("no target folder")?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--package",
            package,
            "--bin",
            name,
            "--profile",
            profile,
        ])
        .arg("--target-dir")
        .arg(target)
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "{name} does not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
