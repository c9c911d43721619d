//! How much memory the broker uses.
//!
//! The figure is the allocator's: the bytes that the program has asked for and not freed, which falls the moment something
//! is deleted. It is read ten times a second; what connections have received since then is added, so that a burst
//! between two readings cannot pass the limit unseen.

use std::sync::atomic::{AtomicU64, Ordering};

/// What an allocator knows of itself.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    /// What is in use; `None` if that cannot be known.
    pub read: fn() -> Option<Usage>,
    /// All that it knows, in words; `None` if it keeps no books.
    pub report: fn() -> Option<String>,
}

/// The allocator's figures, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// What the program has asked for and not freed.
    pub allocated: u64,
    /// The pages in which that lies.
    pub active: u64,
    /// What the allocator has of the system.
    pub resident: u64,
}

/// The meter of a program whose allocator keeps no books: all that is resident counts as in use.
pub const RESIDENT: Meter = Meter {
    read: || resident().map(|all| Usage { allocated: all, active: all, resident: all }),
    report: || None,
};

/// The resident memory of the process in bytes.
pub fn resident() -> Option<u64> {
    memory_stats::memory_stats().map(|usage| usage.physical_mem as u64)
}

/// The memory gauge.
#[derive(Debug)]
pub struct Memory {
    meter: Meter,
    in_use: AtomicU64,
    received: AtomicU64,
    peak: AtomicU64,
    max: AtomicU64,
    /// What was in use before there was anything to keep.
    startup: AtomicU64,
}

impl Memory {
    /// How often [`Memory::sample`] is to be called, in milliseconds.
    pub const SAMPLE_MS: u64 = 100;

    /// A gauge with this limit in bytes; 0 for none.
    pub fn new(meter: Meter, max: u64) -> Self {
        let zero = || AtomicU64::new(0);
        let (in_use, received, peak) = (zero(), zero(), zero());
        let max = AtomicU64::new(max);
        let memory = Self { meter, in_use, received, peak, max, startup: zero() };
        memory.sample();
        memory.startup.store(memory.used(), Ordering::Relaxed);
        memory
    }

    /// Reads the meter.
    pub fn sample(&self) {
        if let Some(usage) = (self.meter.read)() {
            let in_use = usage.allocated;
            self.in_use.store(in_use, Ordering::Relaxed);
            self.received.store(0, Ordering::Relaxed);
            self.peak.fetch_max(in_use, Ordering::Relaxed);
        }
    }

    /// Notes that a connection received this many bytes. Without a limit nobody wants to know.
    pub fn received(&self, bytes: usize) {
        if self.max() > 0 {
            self.received.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Whether writes are to be refused.
    pub fn is_full(&self) -> bool {
        let max = self.max.load(Ordering::Relaxed);
        max > 0 && self.used() >= max
    }

    /// The bytes in use, and what was received since they were read.
    pub fn used(&self) -> u64 {
        self.in_use.load(Ordering::Relaxed) + self.received.load(Ordering::Relaxed)
    }

    /// What was in use when the broker started, in bytes.
    pub fn startup(&self) -> u64 {
        self.startup.load(Ordering::Relaxed)
    }

    /// The allocator's figures.
    pub fn usage(&self) -> Usage {
        (self.meter.read)().unwrap_or_default()
    }

    /// What the allocator says of itself, if it keeps books.
    pub fn report(&self) -> Option<String> {
        (self.meter.report)()
    }

    /// The most that was ever in use, in bytes.
    pub fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// The limit in bytes; 0 for none.
    pub fn max(&self) -> u64 {
        self.max.load(Ordering::Relaxed)
    }

    /// Changes the limit.
    pub fn set_max(&self, bytes: u64) {
        self.max.store(bytes, Ordering::Relaxed);
        // Until now nobody may have read the meter.
        self.sample();
    }
}

#[cfg(test)]
mod tests {
    use super::{Memory, Meter, Usage, resident};

    #[test]
    fn a_burst_counts_before_it_is_measured() {
        let read = || Some(Usage { allocated: 1_000, ..Usage::default() });
        let memory = Memory::new(Meter { read, report: || None }, 0);
        assert!(!memory.is_full(), "no limit");
        memory.set_max(2_000);
        assert!(!memory.is_full());
        memory.received(1_000);
        assert!(memory.is_full());
        memory.sample();
        assert!(!memory.is_full() && memory.peak() == 1_000);
    }

    #[test]
    fn the_process_is_somewhere() {
        assert!(resident().is_some_and(|bytes| bytes > 0));
    }
}
