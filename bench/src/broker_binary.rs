//! The release build of the broker.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Builds `clawlinkd` in release, into the target folder this program runs from, and returns its
/// path. Cargo's output goes to the terminal; nothing is rebuilt if nothing has changed.
pub(crate) fn build() -> Result<PathBuf> {
    let own = env::current_exe().context("where is this program?")?;
    let target = own.ancestors().nth(2).context("this program lies outside a target folder")?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    eprintln!("building clawlinkd in release");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--quiet", "--package", "clawlink-broker", "--target-dir"])
        .arg(target)
        .current_dir(workspace)
        .status()
        .context("cannot run cargo: give --clawlinkd PATH")?;
    ensure!(status.success(), "the broker does not build: {status}");
    Ok(target.join("release/clawlinkd"))
}
