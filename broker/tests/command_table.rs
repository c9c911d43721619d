//! The committed command tables say what the declarations say.

#[path = "../examples/command-table/files.rs"]
mod files;
#[path = "../examples/command-table/page.rs"]
mod page;

use std::collections::BTreeSet;

use clawlink_broker::commands::catalog;

#[test]
fn the_committed_tables_are_up_to_date() {
    for file in files::wanted().unwrap() {
        let committed = std::fs::read_to_string(&file.path).unwrap_or_default();
        assert!(
            committed == file.content,
            "{} differs from the declarations: run `cargo run -p clawlink-broker --example command-table`",
            file.path.display()
        );
    }
}

#[test]
fn every_command_stands_in_both_tables() {
    let (full, by_group) = (page::full(), page::by_group());
    let words: BTreeSet<&str> = by_group.split([' ', '`', '\\', '|']).collect();
    for entry in catalog::all() {
        for command in std::iter::once(&entry.command).chain(&entry.subcommands) {
            let name = command.name.replace('|', " ").to_uppercase();
            let listed = name.split(' ').all(|word| words.contains(word));
            assert!(listed, "{name} is missing among the names");
            assert!(full.contains(&format!("| `{name}")), "{name} is missing");
        }
    }
}
