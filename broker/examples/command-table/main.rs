//! Writes what the commands' declarations say into `docs/commands.md` and into the README, between its markers.
//!
//! ```sh
//! cargo run -p clawlink-broker --example command-table
//! ```

mod files;
mod page;

use std::io;

fn main() -> io::Result<()> {
    for file in files::wanted()? {
        std::fs::write(&file.path, file.content)?;
        println!("wrote {}", file.path.display());
    }
    Ok(())
}
