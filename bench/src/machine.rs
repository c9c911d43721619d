//! The machine: its cores, its limits, and what to call it in a report.

use std::fs;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Which core the server under test has, and which the load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cores {
    /// The server's core.
    pub(crate) server: usize,
    /// The load's core.
    pub(crate) load: usize,
}

impl Cores {
    /// Takes the last two cores this process may use; `None` on a machine with a single one,
    /// where server and load share it and the figures say less.
    pub(crate) fn pick() -> Option<Self> {
        let allowed = sched_getaffinity(None).ok()?;
        let mut last_first = (0..CpuSet::MAX_CPU).rev().filter(|&core| allowed.is_set(core));
        Some(Self { server: last_first.next()?, load: last_first.next()? })
    }

    /// Moves the calling thread, and what it starts from now on, to the server's core.
    pub(crate) fn enter_server(self) -> Result<()> {
        enter(self.server)
    }

    /// Moves the calling thread, and what it starts from now on, to the load's core.
    pub(crate) fn enter_load(self) -> Result<()> {
        enter(self.load)
    }
}

fn enter(core: usize) -> Result<()> {
    let mut one = CpuSet::new();
    one.set(core);
    sched_setaffinity(None, &one).with_context(|| format!("cannot move to core {core}"))
}

/// Raises the limit on open files to what 10 000 connections need, as far as it may be raised;
/// servers started afterwards inherit it.
pub(crate) fn raise_open_files() -> Result<()> {
    const WANTED: u64 = 20_000;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|now| now < WANTED) {
        let highest = maximum.map_or(WANTED, |hard| hard.min(WANTED));
        let raised = Rlimit { current: Some(highest), maximum };
        setrlimit(Resource::Nofile, raised).context("cannot raise the limit on open files")?;
    }
    Ok(())
}

/// Processor, number of cores, memory and kernel, in one line.
pub(crate) fn describe() -> String {
    let field = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map_or("?", |(_, value)| value.trim()).to_owned()
    };
    // Not what this process may use, which by now is the load's core alone.
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cores = processors.lines().filter(|line| line.starts_with("processor")).count();
    let memory_kb: u64 = field("/proc/meminfo", "MemTotal").replace(" kB", "").parse().unwrap_or(0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{}, {cores} cores, {} GiB, Linux {}",
        field("/proc/cpuinfo", "model name"),
        memory_kb >> 20,
        kernel.trim(),
    )
}
