//! Finds the binaries under test, and builds them when they are missing or out of date.
//!
//! Cargo gives `CARGO_BIN_EXE_*` only to the package that owns the binary, so this package has
//! to look for itself: next to the test executable, in the same target folder and profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

/// Something Cargo builds, and what it is built from.
struct Product {
    /// Names a binary to use instead.
    variable: &'static str,
    package: &'static str,
    /// `--bin` or `--example`.
    kind: &'static str,
    name: &'static str,
    /// Files and folders of the workspace.
    sources: &'static [&'static str],
}

const CLAWLINKD: Product = Product {
    variable: "CLAWLINKD",
    package: "clawlink-broker",
    kind: "--bin",
    name: "clawlinkd",
    sources: &["broker", "Cargo.toml", "Cargo.lock"],
};

const CLAWLINK: Product = Product {
    variable: "CLAWLINK_CLI",
    package: "clawlink-cli",
    kind: "--bin",
    name: "clawlink",
    sources: &["cli", "broker", "Cargo.toml", "Cargo.lock"],
};

const MORTAL: Product = Product {
    variable: "CLAWLINK_EXAMPLE_MORTAL",
    package: "clawlink-compat-tests",
    kind: "--example",
    name: "mortal",
    sources: &["compat-tests/programs/mortal", "compat-tests/src", "Cargo.toml", "Cargo.lock"],
};

/// The programs of `programs/rust`.
const RUST: [Product; 4] = [
    Product { variable: "CLAWLINK_EXAMPLE_WORKER", name: "worker", ..RUST_PROGRAM },
    Product { variable: "CLAWLINK_EXAMPLE_REQUESTER", name: "requester", ..RUST_PROGRAM },
    Product { variable: "CLAWLINK_EXAMPLE_PLAIN", name: "plain", ..RUST_PROGRAM },
    Product { variable: "CLAWLINK_EXAMPLE_MESH", name: "mesh", ..RUST_PROGRAM },
];

const RUST_PROGRAM: Product =
    Product { sources: &["compat-tests/programs/rust", "Cargo.toml", "Cargo.lock"], ..MORTAL };

/// The broker, `clawlinkd`: what `CLAWLINKD` names, else the one of this workspace, built anew
/// if its sources have changed. Fails if it does not build.
pub fn clawlinkd() -> Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(&FOUND, &CLAWLINKD)
}

/// The command line, `clawlink`: what `CLAWLINK_CLI` names, else the one of this workspace,
/// built anew if its sources have changed. Fails if it does not build.
pub fn clawlink() -> Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(&FOUND, &CLAWLINK)
}

/// The program of this name in `programs/rust`.
pub fn rust_program(name: &str) -> Result<PathBuf> {
    static FOUND: [OnceLock<Result<PathBuf, String>>; RUST.len()] =
        [const { OnceLock::new() }; RUST.len()];
    let index = RUST.iter().position(|program| program.name == name);
    let index = index.with_context(|| format!("there is no Rust program {name}"))?;
    found(&FOUND[index], &RUST[index])
}

/// The agent of `programs/mortal`, which is made to be killed.
pub fn mortal() -> Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(&FOUND, &MORTAL)
}

/// The top folder of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn found(cell: &OnceLock<Result<PathBuf, String>>, product: &Product) -> Result<PathBuf> {
    cell.get_or_init(|| find(product).map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(anyhow::Error::msg)
}

fn find(product: &Product) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(product.variable) {
        return Ok(PathBuf::from(path));
    }
    let profile_folder = profile_folder()?;
    let folder = if product.kind == "--example" { "examples" } else { "" };
    let path = profile_folder.join(folder).join(product.name);
    // Cargo is asked only when it has something to do: each test of a run may be a process of
    // its own, and a hundred of them would queue for Cargo's lock.
    if !is_fresh(&path, product.sources) {
        build(product, &profile_folder)?;
    }
    Ok(path)
}

/// `target/debug` of `target/debug/deps/transcripts-0123456789abcdef`.
fn profile_folder() -> Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let folder = executable.parent().and_then(Path::parent);
    Ok(folder.context("the test executable lies in no target folder")?.to_owned())
}

/// Whether the binary is younger than everything it could have been built from.
pub(crate) fn is_fresh(path: &Path, sources: &[&str]) -> bool {
    let Ok(built) = path.metadata().and_then(|data| data.modified()) else {
        return false;
    };
    let root = workspace();
    sources.iter().all(|source| newest(&root.join(source)).is_some_and(|changed| changed < built))
}

fn newest(path: &Path) -> Option<SystemTime> {
    let own = path.metadata().and_then(|data| data.modified()).ok()?;
    let Ok(entries) = path.read_dir() else {
        return Some(own);
    };
    let inside = entries.flatten().filter_map(|entry| newest(&entry.path())).max();
    Some(inside.map_or(own, |inside| inside.max(own)))
}

fn build(product: &Product, profile_folder: &Path) -> Result<()> {
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let target = profile_folder.parent().context("no target folder")?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--package", product.package])
        .args([product.kind, product.name])
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "{} does not build:\n{}",
        product.name,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
