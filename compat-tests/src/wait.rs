//! Waiting for facts, never for time.

use std::time::{Duration, Instant};

/// How long any fact may take. A hundred times what it takes on an idle machine.
pub const FACT_MAX: Duration = Duration::from_secs(10);

/// Asks again and again until the answer is yes. Panics, naming the fact, after [`FACT_MAX`].
pub fn until(fact: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + FACT_MAX;
    while !is_so() {
        assert!(Instant::now() < deadline, "this did not come about: {fact}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
