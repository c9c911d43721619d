//! How much memory the broker uses.
//!
//! The figure is the allocator's: the bytes that the program has asked for and not freed, which falls the moment something
//! is deleted. It is read ten times a second; what connections have received since then is added, so that a burst
//! between two readings cannot pass the limit unseen.

use std::sync::atomic::{AtomicU64, Ordering};

/// Reads how many bytes are in use; `None` if that cannot be known.
pub type Meter = fn() -> Option<u64>;

/// The resident memory of the process in bytes: the meter of a program whose allocator keeps no books.
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
}

impl Memory {
    /// How often [`Memory::sample`] is to be called, in milliseconds.
    pub const SAMPLE_MS: u64 = 100;

    /// A gauge with this limit in bytes; 0 for none.
    pub fn new(meter: Meter, max: u64) -> Self {
        let zero = || AtomicU64::new(0);
        let (in_use, received, peak) = (zero(), zero(), zero());
        let memory = Self { meter, in_use, received, peak, max: AtomicU64::new(max) };
        memory.sample();
        memory
    }

    /// Reads the meter.
    pub fn sample(&self) {
        if let Some(in_use) = (self.meter)() {
            self.in_use.store(in_use, Ordering::Relaxed);
            self.received.store(0, Ordering::Relaxed);
            self.peak.fetch_max(in_use, Ordering::Relaxed);
        }
    }

    /// Notes that a connection received this many bytes.
    pub fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
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
    use super::{Memory, resident};

    #[test]
    fn a_burst_counts_before_it_is_measured() {
        let memory = Memory::new(|| Some(1_000), 0);
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
