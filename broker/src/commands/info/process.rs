//! Sections about the process: where and since when it runs, what it uses, and what it does not have.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Figures, Text};
use crate::commands::connection::REDIS_VERSION;
use crate::shared::Shared;

pub(super) fn server(figures: &Figures<'_>, text: &mut Text) {
    let shared = &figures.session.shared;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let uptime = shared.started.elapsed().as_secs();
    let executable = std::env::current_exe().unwrap_or_default();
    text.title("Server");
    text.field("redis_version", REDIS_VERSION);
    text.field("redis_git_sha1", "00000000");
    text.field("redis_git_dirty", 0);
    text.field("redis_build_id", 0);
    text.field("redis_mode", "standalone");
    text.field("os", format_args!("{} {}", system(), std::env::consts::ARCH));
    text.field("arch_bits", usize::BITS);
    text.field("monotonic_clock", "POSIX clock_gettime");
    text.field("multiplexing_api", "epoll");
    text.field("process_id", std::process::id());
    text.field("process_supervised", "no");
    text.field("run_id", &shared.run_id);
    text.field("tcp_port", shared.config.read().port);
    text.field("server_time_usec", now.as_micros());
    text.field("uptime_in_seconds", uptime);
    text.field("uptime_in_days", uptime / 86_400);
    text.field("hz", 10);
    text.field("configured_hz", 10);
    text.field("lru_clock", now.as_secs() & 0xff_ffff);
    text.field("executable", executable.display());
    text.field("config_file", "");
    text.field("io_threads_active", u8::from(shared.config.read().io_threads > 0));
}

/// `Linux 6.1.0`, or only the name where the version cannot be read.
fn system() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let name = std::env::consts::OS;
    let (first, rest) = name.split_at(1);
    format!("{}{rest} {}", first.to_ascii_uppercase(), release.trim()).trim_end().to_owned()
}

/// The machine's memory in bytes; 0 where it cannot be read.
pub(super) fn system_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

pub(super) fn persistence(figures: &Figures<'_>, text: &mut Text) {
    text.title("Persistence");
    text.zeros(&["loading", "async_loading"]);
    text.zeros(&["current_cow_peak", "current_cow_size", "current_cow_size_age"]);
    text.field("current_fork_perc", "0.00");
    text.zeros(&["current_save_keys_processed", "current_save_keys_total"]);
    text.field("rdb_changes_since_last_save", 0);
    text.zeros(&["rdb_bgsave_in_progress"]);
    text.field("rdb_last_save_time", figures.session.shared.started_at());
    text.field("rdb_last_bgsave_status", "ok");
    text.field("rdb_last_bgsave_time_sec", -1);
    text.field("rdb_current_bgsave_time_sec", -1);
    text.zeros(&["rdb_saves", "rdb_last_cow_size"]);
    text.zeros(&["rdb_last_load_keys_expired", "rdb_last_load_keys_loaded"]);
    text.zeros(&["aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled"]);
    text.field("aof_last_rewrite_time_sec", -1);
    text.field("aof_current_rewrite_time_sec", -1);
    text.field("aof_last_bgrewrite_status", "ok");
    text.zeros(&["aof_rewrites", "aof_rewrites_consecutive_failures"]);
    text.field("aof_last_write_status", "ok");
    text.field("aof_last_cow_size", 0);
    text.zeros(&["module_fork_in_progress", "module_fork_last_cow_size"]);
}

pub(super) fn replication(figures: &Figures<'_>, text: &mut Text) {
    text.title("Replication");
    text.field("role", "master");
    text.field("connected_slaves", 0);
    text.field("master_failover_state", "no-failover");
    text.field("master_replid", &figures.session.shared.run_id);
    text.field("master_replid2", "0000000000000000000000000000000000000000");
    text.field("master_repl_offset", 0);
    text.field("second_repl_offset", -1);
    text.zeros(&["repl_backlog_active", "repl_backlog_size"]);
    text.zeros(&["repl_backlog_first_byte_offset", "repl_backlog_histlen"]);
}

pub(super) fn cluster(_figures: &Figures<'_>, text: &mut Text) {
    text.title("Cluster");
    text.field("cluster_enabled", 0);
}

pub(super) fn cpu(_figures: &Figures<'_>, text: &mut Text) {
    let (user, system) = cpu_seconds("/proc/self/stat").unwrap_or_default();
    text.title("CPU");
    text.field("used_cpu_sys", format_args!("{system:.6}"));
    text.field("used_cpu_user", format_args!("{user:.6}"));
    text.field("used_cpu_sys_children", "0.000000");
    text.field("used_cpu_user_children", "0.000000");
    // The first thread is that of the owners; its number is the process's.
    let first = format!("/proc/self/task/{}/stat", std::process::id());
    let (user, system) = cpu_seconds(&first).unwrap_or_default();
    text.field("used_cpu_sys_main_thread", format_args!("{system:.6}"));
    text.field("used_cpu_user_main_thread", format_args!("{user:.6}"));
}

/// The ticks in which Linux counts a process's time: 100 a second on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// The time in user mode and in the kernel of the process or thread that a file describes. `None` where the system does
/// not show it.
fn cpu_seconds(file: &str) -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string(file).ok()?;
    // The name, in parentheses, may hold anything; the fields behind it begin with number 3.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut seconds = || fields.next()?.parse::<f64>().ok().map(|ticks| ticks / TICKS_PER_SECOND);
    Some((seconds()?, seconds()?))
}

impl Shared {
    /// When the broker started, in seconds since 1970.
    pub(crate) fn started_at(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.saturating_sub(self.started.elapsed()).as_secs()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_shows_time_and_memory() {
        assert!(
            super::cpu_seconds("/proc/self/stat").is_some_and(|(user, system)| user + system < 1e6)
        );
        assert!(super::system_memory() > 1 << 20);
        assert!(super::system().starts_with("Linux "));
    }
}
