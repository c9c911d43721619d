//! Resident memory of a server, in bytes.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Resident memory of process `pid` in bytes, counted page by page.
///
/// `VmRSS` in `/proc/PID/status` is a counter that the kernel updates in steps, off by dozens of
/// pages for each core; the rollup is exact.
pub(crate) fn resident(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| format!("no {path}: server gone?"))?;
    let line = text.lines().find(|line| line.starts_with("Rss:"));
    let kb = line.and_then(|line| line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok());
    Ok(kb.with_context(|| format!("no Rss in {path}"))? * 1024)
}

/// Resident memory of process `pid` once it has kept still for half a second, after `rest` in
/// which the server may tidy up; the last value read if it never keeps still for five seconds.
pub(crate) fn settled(pid: u32, rest: Duration) -> Result<u64> {
    const STILL: u64 = 32 * 1024;
    sleep(rest);
    let deadline = Instant::now() + Duration::from_secs(5);
    let mut before = resident(pid)?;
    loop {
        sleep(Duration::from_millis(500));
        let now = resident(pid)?;
        if now.abs_diff(before) < STILL || Instant::now() > deadline {
            return Ok(now);
        }
        before = now;
    }
}
