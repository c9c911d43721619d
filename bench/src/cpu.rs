//! Processor time of a server, in nanoseconds.

use std::fs;

use anyhow::{Context, Result};

/// Processor time that all threads of process `pid` have used so far, user and kernel, in
/// nanoseconds.
///
/// Read from the scheduler's own account, because the clock of `/proc/PID/stat` ticks only every
/// 10 ms. That account is brought up to date when a thread stops running: exact for a server that
/// sleeps, which is how every load here ends, and within one tick for a busy one.
pub(crate) fn used_ns(pid: u32) -> Result<u64> {
    let folder = format!("/proc/{pid}/task");
    let threads = fs::read_dir(&folder).with_context(|| format!("no {folder}: server gone?"))?;
    let mut total = 0;
    for thread in threads {
        let path = thread?.path().join("schedstat");
        // A thread may end between the listing and the reading; its time is then lost to both.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let ran = text.split(' ').next().and_then(|field| field.parse::<u64>().ok());
        total += ran.with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(total)
}
