//! Jobs that a job library hands to a worker: the whole of what its client says to the server, at the library's pace.

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{Row, Site, line};
use crate::cpu;
use crate::figure::{Figure, Target};

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A library, and the program that uses it: `INTERPRETER PROGRAM PORT COUNT`, which prints jobs per second.
#[derive(Clone, Copy, Debug)]
struct Library {
    name: &'static str,
    /// Below `compat-tests/programs/jobs`.
    program: &'static str,
    /// Below `target/clients`, where `scripts/prepare` installs it.
    folder: &'static str,
    /// What is there in that folder if it is installed.
    package: &'static str,
    /// Below that folder, if it is there; otherwise the command of this name.
    interpreter: &'static str,
    jobs: usize,
}

const LIBRARIES: [Library; 2] = [
    Library {
        name: "BullMQ",
        program: "bullmq/throughput.cjs",
        folder: "node",
        package: "node_modules/bullmq",
        interpreter: "node_modules/.bin/node",
        jobs: 3_000,
    },
    Library {
        name: "RQ",
        program: "rq/throughput.py",
        folder: "python-jobs",
        package: "bin/rq",
        interpreter: "bin/python",
        jobs: 400,
    },
];

/// Each library.
pub(super) fn rows() -> Vec<Row> {
    LIBRARIES.into_iter().map(row).collect()
}

fn row(library: Library) -> Row {
    let name = format!("{} jobs", library.name);
    let cpu = Figure::new("cpu", "µs/job").to_reach(Target::Ratio(1.0));
    let line = line(name.clone(), [cpu, Figure::new("rate", "jobs/s")]);
    Row::new(name, vec![line], move |site| {
        let jobs = if site.options.quick { library.jobs / 5 } else { library.jobs };
        let before = cpu::used_ns(site.server.pid())?;
        let rate = library.run(site, jobs)?;
        let used_ns = cpu::used_ns(site.server.pid())? - before;
        Ok(vec![used_ns as f64 / 1000.0 / jobs as f64, rate])
    })
    .needing(library.missing())
}

impl Library {
    fn clients(&self) -> Result<PathBuf> {
        let own = env::current_exe()?;
        let target = own.ancestors().nth(2).context("this program lies outside a target folder")?;
        Ok(target.join("clients").join(self.folder))
    }

    /// What has to be done before it can be measured.
    fn missing(&self) -> Option<String> {
        let there = self.clients().is_ok_and(|folder| folder.join(self.package).exists());
        (!there).then(|| format!("{} is not installed: run scripts/prepare", self.name))
    }

    /// Has `jobs` jobs done; answers how many were done in a second.
    fn run(&self, site: Site<'_>, jobs: usize) -> Result<f64> {
        let clients = self.clients()?;
        let installed = clients.join(self.interpreter);
        let interpreter = if installed.exists() {
            installed.as_path()
        } else {
            Path::new(self.interpreter.rsplit('/').next().unwrap_or_default())
        };
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compat-tests/programs/jobs");
        let mut child = Command::new(interpreter)
            .arg(programs.join(self.program))
            .args([site.server.address.port().to_string(), jobs.to_string()])
            .env("NODE_PATH", clients.join("node_modules"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", interpreter.display()))?;
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                child.kill()?;
                child.wait()?;
                bail!("{} was not done within {PATIENCE:?}", self.program);
            }
            sleep(Duration::from_millis(20));
        };
        ensure!(status.success(), "{}: {status}", self.program);
        let mut said = String::new();
        child.stdout.take().context("no output")?.read_to_string(&mut said)?;
        said.trim().parse().with_context(|| format!("{} said {said:?}", self.program))
    }
}
