//! Sections about what the broker does: connections, commands, errors, keys.

use std::sync::atomic::Ordering;

use clawlink_actors::topics::Kind;

use super::{Figures, Text, memory};
use crate::commands::latency;

pub(super) fn clients(figures: &Figures<'_>, text: &mut Text) {
    let shared = &figures.session.shared;
    text.title("Clients");
    text.field("connected_clients", shared.clients.len());
    text.field("cluster_connections", 0);
    text.field("maxclients", shared.config.read().maxclients);
    memory::clients(figures, text);
    text.field("blocked_clients", shared.stats.blocked.load(Ordering::Relaxed));
    text.field("tracking_clients", shared.directory.tracking.counts().clients);
    let for_a_time = shared.stats.blocked_for_a_time.load(Ordering::Relaxed);
    text.field("clients_in_timeout_table", for_a_time);
}

pub(super) fn stats(figures: &Figures<'_>, text: &mut Text) {
    let shared = &figures.session.shared;
    let (stats, counters) = (&shared.stats, &shared.directory.counters);
    let [commands, bytes_in, bytes_out] = shared.rates.per_second();
    let subscribed = |kind: Kind| counters.subscribed[kind as usize].load(Ordering::Relaxed);
    text.title("Stats");
    text.field("total_connections_received", shared.clients.accepted());
    text.field("total_commands_processed", stats.commands.load(Ordering::Relaxed));
    text.field("instantaneous_ops_per_sec", commands.round());
    text.field("total_net_input_bytes", stats.bytes_in.load(Ordering::Relaxed));
    text.field("total_net_output_bytes", stats.bytes_out.load(Ordering::Relaxed));
    text.zeros(&["total_net_repl_input_bytes", "total_net_repl_output_bytes"]);
    text.field("instantaneous_input_kbps", format_args!("{:.2}", bytes_in / 1024.0));
    text.field("instantaneous_output_kbps", format_args!("{:.2}", bytes_out / 1024.0));
    text.field("instantaneous_input_repl_kbps", "0.00");
    text.field("instantaneous_output_repl_kbps", "0.00");
    text.field("rejected_connections", shared.clients.rejected.load(Ordering::Relaxed));
    text.zeros(&["sync_full", "sync_partial_ok", "sync_partial_err"]);
    text.field("expired_keys", counters.expired_keys.load(Ordering::Relaxed));
    text.field("expired_stale_perc", "0.00");
    text.field("expired_time_cap_reached_count", 0);
    let expiring_ms = counters.expiring_ns.load(Ordering::Relaxed) / 1_000_000;
    text.field("expire_cycle_cpu_milliseconds", expiring_ms);
    text.zeros(&["evicted_keys", "evicted_clients"]);
    text.zeros(&["total_eviction_exceeded_time", "current_eviction_exceeded_time"]);
    text.field("keyspace_hits", counters.keyspace_hits.load(Ordering::Relaxed));
    text.field("keyspace_misses", counters.keyspace_misses.load(Ordering::Relaxed));
    text.field("pubsub_channels", subscribed(Kind::Channel));
    text.field("pubsub_patterns", subscribed(Kind::Pattern));
    text.field("pubsubshard_channels", subscribed(Kind::Shard));
    text.zeros(&["latest_fork_usec", "total_forks", "migrate_cached_sockets"]);
    text.zeros(&["slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses"]);
    text.zeros(&["active_defrag_key_hits", "active_defrag_key_misses"]);
    text.zeros(&["total_active_defrag_time", "current_active_defrag_time"]);
    let tracked = shared.directory.tracking.counts();
    text.field("tracking_total_keys", tracked.keys);
    text.field("tracking_total_items", tracked.items);
    text.field("tracking_total_prefixes", tracked.prefixes);
    text.field("unexpected_error_replies", 0);
    text.field("total_error_replies", stats.refusals.load(Ordering::Relaxed));
    text.field("dump_payload_sanitizations", 0);
    text.field("total_reads_processed", stats.reads.load(Ordering::Relaxed));
    text.field("total_writes_processed", stats.writes.load(Ordering::Relaxed));
    text.zeros(&["io_threaded_reads_processed", "io_threaded_writes_processed"]);
    text.zeros(&["reply_buffer_shrinks", "reply_buffer_expands"]);
}

pub(super) fn commands(figures: &Figures<'_>, text: &mut Text) {
    text.title("Commandstats");
    for (name, calls) in figures.session.shared.commands.calls() {
        let micros = calls.time_ns / 1000;
        let mean = calls.time_ns as f64 / 1000.0 / calls.calls.max(1) as f64;
        let line = format_args!(
            "calls={},usec={micros},usec_per_call={mean:.2},rejected_calls={},failed_calls={}",
            calls.calls, calls.rejected, calls.failed
        );
        text.field(&format!("cmdstat_{name}"), line);
    }
}

/// A line for each command that has run, unless times are not tracked.
pub(super) fn latencies(figures: &Figures<'_>, text: &mut Text) {
    text.title("Latencystats");
    let commands = &figures.session.shared.commands;
    if !commands.is_tracking() {
        return;
    }
    let shown = commands.percentiles.lock().clone();
    for (name, times) in commands.times() {
        let line = latency::percentiles(&times, &shown);
        text.field(&format!("latency_percentiles_usec_{name}"), line);
    }
}

pub(super) fn errors(figures: &Figures<'_>, text: &mut Text) {
    text.title("Errorstats");
    for (code, count) in figures.session.shared.commands.errors() {
        text.field(&format!("errorstat_{code}"), format_args!("count={count}"));
    }
}

/// A line for each database that holds keys.
pub(super) fn keyspace(figures: &Figures<'_>, text: &mut Text) {
    text.title("Keyspace");
    for (number, db) in figures.databases.iter().enumerate().filter(|(_, db)| db.keys > 0) {
        let line =
            format_args!("keys={},expires={},avg_ttl={}", db.keys, db.expires, db.mean_ttl_ms);
        text.field(&format!("db{number}"), line);
    }
}
