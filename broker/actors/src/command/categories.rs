//! ACL categories: kinds of commands, as `COMMAND INFO` and `ACL CAT` name them.

use super::{Command, Flags};

/// All categories, in Redis's order.
pub const CATEGORIES: [&str; 21] = [
    "keyspace",
    "read",
    "write",
    "set",
    "sortedset",
    "list",
    "hash",
    "string",
    "bitmap",
    "hyperloglog",
    "geo",
    "stream",
    "pubsub",
    "admin",
    "fast",
    "slow",
    "blocking",
    "dangerous",
    "connection",
    "transaction",
    "scripting",
];

impl Command {
    /// Its categories, in Redis's order. Nearly all follow from its flags and its group; the rest is declared.
    pub fn categories(&self) -> impl Iterator<Item = &'static str> + '_ {
        CATEGORIES.into_iter().filter(|category| self.is_in(category))
    }

    /// Whether it is in this category, which is one of [`CATEGORIES`].
    pub fn is_in(&self, category: &str) -> bool {
        let flags = self.flags;
        let implied = match category {
            // What a script does is the script's.
            "read" => flags.has(Flags::READONLY) && self.group != "scripting",
            "write" => flags.has(Flags::WRITE),
            "pubsub" => flags.has(Flags::PUBSUB),
            "admin" | "dangerous" => flags.has(Flags::ADMIN),
            "fast" => flags.has(Flags::FAST),
            "slow" => !flags.has(Flags::FAST),
            "blocking" => flags.has(Flags::BLOCKING),
            // What is for keys of some types is not for keys of any.
            "keyspace" if self.categories.contains(&"list") => false,
            // A container does nothing by itself.
            _ => self.subcommands.is_empty() && group(self.group) == category,
        };
        implied || self.categories.contains(&category)
    }
}

/// The category that stands for a group of the documentation.
fn group(group: &'static str) -> &'static str {
    match group {
        "generic" => "keyspace",
        "sorted-set" => "sortedset",
        "transactions" => "transaction",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Command, Flags};

    #[test]
    fn categories_follow_from_flags_and_group() {
        let keys = Command { flags: Flags::READONLY, categories: &["dangerous"], ..Command::BASE };
        let found: Vec<_> = keys.categories().collect();
        assert_eq!(found, ["keyspace", "read", "slow", "dangerous"]);
        let kill = Command { flags: Flags::ADMIN, group: "connection", ..Command::BASE };
        let found: Vec<_> = kill.categories().collect();
        assert_eq!(found, ["admin", "slow", "dangerous", "connection"]);
    }
}
