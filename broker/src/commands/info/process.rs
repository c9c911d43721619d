//! Sections about the process: where and since when it runs, what it uses, and what it does not have.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Figures, Text, human};
use crate::commands::connection::REDIS_VERSION;
use crate::memory;
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

/// What is used is what the allocator has given out; what is resident is what the system has given to the allocator.
pub(super) fn memory(figures: &Figures<'_>, text: &mut Text) {
    let memory = &figures.session.shared.memory;
    let scripts = &figures.session.shared.scripts;
    let (used, peak, max) = (memory.used(), memory.peak(), memory.max());
    let system = system_memory();
    let resident = memory::resident().unwrap_or(used);
    text.title("Memory");
    text.field("used_memory", used);
    text.field("used_memory_human", human(used));
    text.field("used_memory_rss", resident);
    text.field("used_memory_rss_human", human(resident));
    text.field("used_memory_peak", peak);
    text.field("used_memory_peak_human", human(peak));
    let percent = used as f64 * 100.0 / peak.max(1) as f64;
    text.field("used_memory_peak_perc", format_args!("{percent:.2}%"));
    text.field("used_memory_dataset", used);
    text.field("total_system_memory", system);
    text.field("total_system_memory_human", human(system));
    let lua = scripts.memory() as u64;
    let (count, bytes) = scripts.sizes();
    text.field("used_memory_lua", lua);
    text.field("used_memory_vm_eval", lua);
    text.field("used_memory_lua_human", human(lua));
    text.field("used_memory_scripts_eval", bytes);
    text.field("number_of_cached_scripts", count);
    text.field("number_of_functions", 0);
    text.field("used_memory_vm_functions", 0);
    text.field("used_memory_vm_total", lua);
    text.field("used_memory_vm_total_human", human(lua));
    text.field("used_memory_functions", 0);
    text.field("used_memory_scripts", bytes);
    text.field("used_memory_scripts_human", human(bytes as u64));
    text.field("maxmemory", max);
    text.field("maxmemory_human", human(max));
    text.field("maxmemory_policy", "noeviction");
    let ratio = resident as f64 / used.max(1) as f64;
    text.field("mem_fragmentation_ratio", format_args!("{ratio:.2}"));
    text.field("mem_fragmentation_bytes", resident as i64 - used as i64);
    text.zeros(&["mem_not_counted_for_evict", "mem_replication_backlog", "mem_clients_slaves"]);
    text.field("mem_allocator", "jemalloc");
    text.zeros(&["active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects"]);
}

/// The machine's memory in bytes; 0 where it cannot be read.
fn system_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

pub(super) fn persistence(figures: &Figures<'_>, text: &mut Text) {
    text.title("Persistence");
    text.zeros(&["loading", "async_loading", "rdb_changes_since_last_save"]);
    text.zeros(&["rdb_bgsave_in_progress"]);
    text.field("rdb_last_save_time", figures.session.shared.started_at());
    text.field("rdb_last_bgsave_status", "ok");
    text.field("rdb_last_bgsave_time_sec", -1);
    text.field("rdb_current_bgsave_time_sec", -1);
    text.zeros(&["rdb_saves", "rdb_last_cow_size", "aof_enabled", "aof_rewrite_in_progress"]);
    text.field("aof_rewrite_scheduled", 0);
    text.field("aof_last_rewrite_time_sec", -1);
    text.field("aof_current_rewrite_time_sec", -1);
    text.field("aof_last_bgrewrite_status", "ok");
    text.field("aof_last_write_status", "ok");
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
    let (user, system) = cpu_seconds().unwrap_or_default();
    text.title("CPU");
    text.field("used_cpu_sys", format_args!("{system:.6}"));
    text.field("used_cpu_user", format_args!("{user:.6}"));
    text.field("used_cpu_sys_children", "0.000000");
    text.field("used_cpu_user_children", "0.000000");
}

/// The ticks in which Linux counts a process's time: 100 a second on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// The process's time in user mode and in the kernel. `None` where the system does not show it.
fn cpu_seconds() -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
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
        assert!(super::cpu_seconds().is_some_and(|(user, system)| user + system < 1e6));
        assert!(super::system_memory() > 1 << 20);
        assert!(super::system().starts_with("Linux "));
    }
}
