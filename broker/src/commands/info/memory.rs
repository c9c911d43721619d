//! What the broker's memory is used for, as `INFO memory` and `MEMORY STATS` show it.

use super::process::system_memory;
use super::{Database, Figures, Text, human};
use crate::memory::{self, Usage};
use crate::shared::Shared;

/// The figures behind both, in bytes.
///
/// What is used is what the allocator has given out; what is resident is what the system has given to the allocator.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct Shares {
    pub used: u64,
    pub peak: u64,
    /// What was used before anything was kept.
    pub startup: u64,
    /// What all connections take.
    pub clients: u64,
    /// What is used for anything but the values themselves.
    pub overhead: u64,
    pub allocator: Usage,
    pub resident: u64,
    pub scripts: u64,
}

impl Shares {
    /// The figures of this moment.
    pub(in crate::commands) fn measure(shared: &Shared, databases: &[Database]) -> Self {
        shared.memory.sample();
        let (used, startup) = (shared.memory.used(), shared.memory.startup());
        let clients = shared.clients.all().iter().map(|client| client.memory() as u64).sum();
        let tables: i64 = databases.iter().map(|db| db.table_bytes + db.expiries_bytes).sum();
        let scripts = shared.scripts.sizes().1 as u64;
        Self {
            used,
            peak: shared.memory.peak().max(1),
            startup,
            clients,
            overhead: (startup + clients + scripts + tables.unsigned_abs()).min(used),
            allocator: shared.memory.usage(),
            resident: memory::resident().unwrap_or(used),
            scripts,
        }
    }

    /// What the values take, agents' ones included.
    pub(in crate::commands) fn dataset(&self) -> u64 {
        self.used - self.overhead
    }

    /// The same in percent of what is used beyond what an empty broker uses.
    pub(in crate::commands) fn dataset_percent(&self) -> f64 {
        percent(self.dataset(), self.used.saturating_sub(self.startup)).min(100.0)
    }

    pub(in crate::commands) fn peak_percent(&self) -> f64 {
        percent(self.used, self.peak)
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

/// How much larger one amount is than another: by what factor, and by how much.
pub(in crate::commands) fn excess(large: u64, small: u64) -> (f64, i64) {
    (large as f64 / small.max(1) as f64, large as i64 - small as i64)
}

pub(super) fn memory(figures: &Figures<'_>, text: &mut Text) {
    let shared = &figures.session.shared;
    let shares = Shares::measure(shared, &figures.databases);
    text.title("Memory");
    text.bytes("used_memory", shares.used);
    text.bytes("used_memory_rss", shares.resident);
    text.bytes("used_memory_peak", shares.peak);
    text.field("used_memory_peak_perc", format_args!("{:.2}%", shares.peak_percent()));
    text.field("used_memory_overhead", shares.overhead);
    text.field("used_memory_startup", shares.startup);
    text.field("used_memory_dataset", shares.dataset());
    text.field("used_memory_dataset_perc", format_args!("{:.2}%", shares.dataset_percent()));
    text.field("allocator_allocated", shares.allocator.allocated);
    text.field("allocator_active", shares.allocator.active);
    text.field("allocator_resident", shares.allocator.resident);
    text.bytes("total_system_memory", system_memory());
    scripts(shared, text);
    text.bytes("maxmemory", shared.memory.max());
    text.field("maxmemory_policy", "noeviction");
    fragmentation(&shares, text);
    text.zeros(&["mem_not_counted_for_evict", "mem_replication_backlog"]);
    text.zeros(&["mem_total_replication_buffers", "mem_clients_slaves"]);
    text.field("mem_clients_normal", shares.clients);
    text.zeros(&["mem_cluster_links", "mem_aof_buffer"]);
    text.field("mem_allocator", "jemalloc");
    text.zeros(&["active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects"]);
}

fn scripts(shared: &Shared, text: &mut Text) {
    let lua = shared.scripts.memory() as u64;
    let (count, bytes) = shared.scripts.sizes();
    text.field("used_memory_lua", lua);
    text.field("used_memory_vm_eval", lua);
    text.field("used_memory_lua_human", human(lua));
    text.field("used_memory_scripts_eval", bytes);
    text.field("number_of_cached_scripts", count);
    text.zeros(&["number_of_functions", "number_of_libraries", "used_memory_vm_functions"]);
    text.bytes("used_memory_vm_total", lua);
    text.field("used_memory_functions", 0);
    text.bytes("used_memory_scripts", bytes as u64);
}

fn fragmentation(shares: &Shares, text: &mut Text) {
    let Usage { allocated, active, resident } = shares.allocator;
    let pairs = [
        ("allocator_frag_ratio", "allocator_frag_bytes", excess(active, allocated)),
        ("allocator_rss_ratio", "allocator_rss_bytes", excess(resident, active)),
        ("rss_overhead_ratio", "rss_overhead_bytes", excess(shares.resident, resident)),
        (
            "mem_fragmentation_ratio",
            "mem_fragmentation_bytes",
            excess(shares.resident, shares.used),
        ),
    ];
    for (ratio_name, bytes_name, (ratio, bytes)) in pairs {
        text.field(ratio_name, format_args!("{ratio:.2}"));
        text.field(bytes_name, bytes);
    }
}

pub(super) fn clients(figures: &Figures<'_>, text: &mut Text) {
    let shared = &figures.session.shared;
    let clients = shared.clients.all();
    let most = |size: fn(&crate::clients::Sizes) -> usize| {
        clients.iter().map(|client| size(&client.sizes)).max().unwrap_or(0)
    };
    let input = most(|sizes| sizes.input.get() + sizes.input_free.get());
    text.field("client_recent_max_input_buffer", input);
    let output = most(|sizes| sizes.output_room.get());
    text.field("client_recent_max_output_buffer", output);
}
