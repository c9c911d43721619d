//! `CLIENT PAUSE`: requests are held back for a while.

use std::sync::atomic::{AtomicU64, Ordering};

use clawlink_actors::owner::now_ms;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// What is held back, and until when.
#[derive(Debug, Default)]
pub struct Pause {
    /// 0 when nothing is paused, so that the question costs one load.
    until: AtomicU64,
    writes_only: Mutex<bool>,
    ended: Notify,
}

impl Pause {
    /// Holds requests back until `until` (milliseconds since 1970); `writes_only`: only those that may write. As in
    /// Redis, a longer pause is never shortened and a wider one never narrowed while it lasts.
    pub fn start(&self, until: u64, writes_only: bool) {
        let mut current = self.writes_only.lock();
        let lasts = self.until.load(Ordering::Acquire) > now_ms();
        *current = writes_only && (!lasts || *current);
        self.until.fetch_max(until, Ordering::AcqRel);
    }

    /// Lets everything go on.
    pub fn end(&self) {
        self.until.store(0, Ordering::Release);
        self.ended.notify_waiters();
    }

    /// Whether requests may be held back now; false costs one load.
    pub fn is_on(&self) -> bool {
        self.until.load(Ordering::Acquire) != 0
    }

    /// Whether a request is held back now. `writes`: whether it may write.
    pub fn holds(&self, writes: bool) -> bool {
        self.until.load(Ordering::Acquire) > now_ms() && (writes || !*self.writes_only.lock())
    }

    /// Waits until a request may run. `writes`: whether it may write.
    pub async fn pass(&self, writes: bool) {
        loop {
            let ended = self.ended.notified();
            let left = self.until.load(Ordering::Acquire).saturating_sub(now_ms());
            if left == 0 {
                self.until.store(0, Ordering::Release);
                return;
            }
            if *self.writes_only.lock() && !writes {
                return;
            }
            let pause = std::time::Duration::from_millis(left);
            let _ = tokio::time::timeout(pause, ended).await;
        }
    }
}
