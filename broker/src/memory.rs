//! How much memory the broker uses.
//!
//! The limit is on resident memory, which is what the operating system looks at when it runs short. It is read
//! ten times a second; what connections have received since then is added, so that a burst between two readings
//! cannot pass the limit unseen.

use std::sync::atomic::{AtomicU64, Ordering};

/// The memory gauge.
#[derive(Debug, Default)]
pub struct Memory {
    resident: AtomicU64,
    received: AtomicU64,
    peak: AtomicU64,
    max: AtomicU64,
}

impl Memory {
    /// How often [`Memory::sample`] is to be called, in milliseconds.
    pub const SAMPLE_MS: u64 = 100;

    /// A gauge with this limit in bytes; 0 for none.
    pub fn new(max: u64) -> Self {
        let memory = Self { max: AtomicU64::new(max), ..Self::default() };
        memory.sample();
        memory
    }

    /// Reads the resident memory.
    pub fn sample(&self) {
        if let Some(usage) = memory_stats::memory_stats() {
            let resident = usage.physical_mem as u64;
            self.resident.store(resident, Ordering::Relaxed);
            self.received.store(0, Ordering::Relaxed);
            self.peak.fetch_max(resident, Ordering::Relaxed);
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

    /// Resident memory and what was received since it was read, in bytes.
    pub fn used(&self) -> u64 {
        self.resident.load(Ordering::Relaxed) + self.received.load(Ordering::Relaxed)
    }

    /// The most that was ever resident, in bytes.
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
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn a_burst_counts_before_it_is_measured() {
        let memory = Memory::new(0);
        assert!(memory.used() > 0 && !memory.is_full(), "no limit");
        memory.set_max(memory.used() + 1_000_000);
        assert!(!memory.is_full());
        memory.received(1_000_001);
        assert!(memory.is_full());
    }
}
