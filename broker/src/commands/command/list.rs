//! `COMMAND LIST`.

use clawlink_actors::collections::glob;
use clawlink_actors::{Args, Outcome, Refusal};

use super::catalog;

/// The names of all commands and subcommands that pass the filter.
pub(super) fn list(args: &mut Args<'_>) -> Outcome {
    args.seek(2);
    if args.at_end() {
        return Ok(catalog::names(|_| true));
    }
    if !args.accept("FILTERBY") || args.left() != 2 {
        return Err(Refusal::Syntax);
    }
    if args.accept("MODULE") {
        // There are no modules: no command came with one.
        return Ok(catalog::names(|_| false));
    }
    if args.accept("ACLCAT") {
        let wanted = args.next_text()?.to_ascii_lowercase();
        return Ok(catalog::names(|command| {
            command.categories().any(|category| category == wanted)
        }));
    }
    if args.accept("PATTERN") {
        let pattern = args.next_text()?.to_ascii_lowercase();
        return Ok(catalog::names(|command| {
            glob::matches(pattern.as_bytes(), command.name.as_bytes())
        }));
    }
    Err(Refusal::Syntax)
}
