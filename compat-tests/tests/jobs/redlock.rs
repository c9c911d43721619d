//! Redlock: locks that are refused, extended and lost, and processes that need one.

use clawlink_compat_tests::server::Server;

use crate::node_story;

on_both! { locks }

fn locks(server: &Server) {
    let expected = r#"taken: "LockError"
extended: true
free: 0
not held any more: "LockError"
too late: "LockError"
sum: true
"#;
    assert_eq!(node_story("redlock", "locks", server), expected);
}
