//! The languages of `programs/`, and what runs a program of each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};

use crate::binary::{is_fresh, rust_program, workspace};
use crate::program::{node, python, script};

/// A language and the client it is used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `redis-cli`.
    Shell,
    /// hiredis.
    C,
    /// eredis.
    Erlang,
    /// redigo.
    Go,
    /// ioredis.
    Ioredis,
    /// redis-lua.
    Lua,
    /// node-redis.
    NodeRedis,
    /// Redis.pm.
    Perl,
    /// phpredis.
    Php,
    /// redis-py.
    Python,
    /// redis-rb.
    Ruby,
    /// redis-rs.
    Rust,
}

impl Language {
    /// The languages that the programs `plain` and `mesh` are written in.
    pub const ALL: [Self; 11] = [
        Self::C,
        Self::Erlang,
        Self::Go,
        Self::Ioredis,
        Self::Lua,
        Self::NodeRedis,
        Self::Perl,
        Self::Php,
        Self::Python,
        Self::Ruby,
        Self::Rust,
    ];

    /// The name of its folder.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::C => "c",
            Self::Erlang => "erlang",
            Self::Go => "go",
            Self::Ioredis => "ioredis",
            Self::Lua => "lua",
            Self::NodeRedis => "node-redis",
            Self::Perl => "perl",
            Self::Php => "php",
            Self::Python => "python",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
        }
    }

    /// The command that runs the program of this name.
    ///
    /// # Panics
    /// If it cannot be built, or what runs it is not installed.
    #[must_use]
    pub fn command(self, program: &str) -> Command {
        match self {
            Self::C => Command::new(compiled("c", program).unwrap()),
            Self::Erlang => self.script("escript", program, "escript"),
            Self::Go => Command::new(compiled("go", program).unwrap()),
            Self::Ioredis | Self::NodeRedis => node(&self.path(program, "cjs")),
            Self::Lua => self.script("lua5.1", program, "lua"),
            Self::Perl => self.script("perl", program, "pl"),
            Self::Php => self.script("php", program, "php"),
            Self::Python => self.script(python(), program, "py"),
            Self::Ruby => self.script("ruby", program, "rb"),
            Self::Rust => Command::new(rust_program(program).unwrap()),
            Self::Shell => self.script("sh", program, "sh"),
        }
    }

    fn script(self, interpreter: impl Into<PathBuf>, program: &str, extension: &str) -> Command {
        script(interpreter.into(), &self.path(program, extension))
    }

    fn path(self, program: &str, extension: &str) -> String {
        format!("compat-tests/programs/{}/{program}.{extension}", self.folder())
    }
}

/// The program `target/clients/<language>/<program>`, compiled anew if its source has changed.
fn compiled(language: &str, program: &str) -> Result<PathBuf> {
    // One test of this process at a time: the others find what it has compiled.
    static COMPILING: Mutex<()> = Mutex::new(());
    let _alone = COMPILING.lock().unwrap_or_else(PoisonError::into_inner);
    let source = format!("compat-tests/programs/{language}/{program}.{language}");
    let path = workspace().join(Path::new("target/clients").join(language).join(program));
    if !is_fresh(&path, &[&source]) {
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        // Another process may be about to run the program, or to compile it too.
        let unfinished = path.with_extension(std::process::id().to_string());
        compile(language, &source, &unfinished)?;
        std::fs::rename(unfinished, &path)?;
    }
    Ok(path)
}

fn compile(language: &str, source: &str, output: &Path) -> Result<()> {
    let mut command;
    if language == "c" {
        command = Command::new("cc");
        command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-o"]).arg(output);
        command.args([source, "-lhiredis", "-lcjson"]);
    } else {
        command = Command::new("go");
        command.args(["build", "-buildvcs=false", "-o"]).arg(output).arg(source);
        // Debian's packages are sources in a folder of their own, which modules know nothing of.
        command.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode");
        command.env("GOCACHE", workspace().join("target/clients/go/cache"));
    }
    let result = command.current_dir(workspace()).stdin(Stdio::null()).output();
    let result = result.with_context(|| format!("cannot compile {source}"))?;
    let errors = String::from_utf8_lossy(&result.stderr);
    ensure!(result.status.success(), "{source} does not compile:\n{errors}");
    Ok(())
}
