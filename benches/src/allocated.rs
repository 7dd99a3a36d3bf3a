//! An allocator that counts, so that "bytes a task" is measured and not guessed.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The system's allocator with a count of the bytes that are allocated now, and of the most there were.
pub(crate) struct Counting;

static NOW: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(0);

/// Bytes allocated now.
pub(crate) fn now() -> u64 {
    NOW.load(Relaxed)
}

/// The most bytes allocated at once since the last [`reset_most`].
pub(crate) fn most() -> u64 {
    MOST.load(Relaxed)
}

/// Forgets the most.
pub(crate) fn reset_most() {
    MOST.store(now(), Relaxed);
}

// SAFETY: every call is passed on to the system's allocator as it came; the counters touch no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size() as u64, Relaxed) + layout.size() as u64;
        MOST.fetch_max(now, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size() as u64, Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}
