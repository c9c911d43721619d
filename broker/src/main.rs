//! `clawlinkd`: a message broker for AI agents.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use clawlink_broker::flags::Flags;
use clawlink_broker::memory::{Meter, Usage};
use clawlink_broker::{Broker, Config};
use tikv_jemalloc_ctl::{epoch, stats, stats_print};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clawlinkd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let flags = Flags::read()?;
    log(flags.log.as_deref())?;
    let quiet = flags.quiet;
    let memory_meter = Meter { read: usage, report };
    let config = Config { memory_meter, ..flags.config() };
    config.check().map_err(anyhow::Error::msg)?;
    let ready = move |_: &_, addresses: &[SocketAddr]| {
        if !quiet {
            // Standard output may be closed; the broker runs all the same.
            let _ = std::io::stdout().write_all(greeting(addresses).as_bytes());
        }
    };
    Broker::run(config, ready, told_to_stop())?;
    Ok(())
}

/// What the allocator counts.
fn usage() -> Option<Usage> {
    // It keeps its books for each thread; advancing the epoch adds them up.
    epoch::advance().ok()?;
    Some(Usage {
        allocated: stats::allocated::read().ok()? as u64,
        active: stats::active::read().ok()? as u64,
        resident: stats::resident::read().ok()? as u64,
    })
}

/// The allocator's own report.
fn report() -> Option<String> {
    let mut text = Vec::new();
    stats_print::stats_print(&mut text, stats_print::Options::default()).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Logs to standard error, quietly unless asked otherwise.
fn log(filter: Option<&str>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter.unwrap_or("warn"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .init();
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_stop() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// What a newcomer reads: where the broker is, and what to type next.
fn greeting(addresses: &[SocketAddr]) -> String {
    // Started with `cargo run`, the wrapper is an alias of the source tree's.
    let cli = if std::env::var_os("CARGO").is_some() { "cargo clawlink" } else { "clawlink" };
    let places: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    let port = addresses.first().map_or(0, SocketAddr::port);
    let relay = match addresses.first() {
        Some(first) if port != clawlink_broker::config::PORT => format!(" --relay {first}"),
        _ => String::new(),
    };
    let mut text = format!(
        "clawlinkd {} listens on {}. Ctrl-C stops it.\nTry in another terminal:\n\n",
        env!("CARGO_PKG_VERSION"),
        places.join(" and ")
    );
    for line in [
        "register --name bob --caps rust".to_owned(),
        "delegate --to bob --task 'Review src/main.rs'".to_owned(),
        "poll".to_owned(),
    ] {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {cli}{relay} {line}");
    }
    let _ = writeln!(text, "\nor, with any Redis client: redis-cli -p {port} CLAW.DISCOVER");
    text
}
