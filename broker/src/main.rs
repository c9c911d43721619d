//! `clawlinkd`.

use clap::Parser;
use clawlink_broker::{Broker, Config};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Flags {
    #[arg(long, default_value_t = clawlink_broker::config::PORT)]
    port: u16,
}

fn main() -> std::io::Result<()> {
    let flags = Flags::parse();
    let config = Config { port: flags.port, ..Config::default() };
    Broker::run(config, |_, addresses| println!("listening on {addresses:?}"), async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
