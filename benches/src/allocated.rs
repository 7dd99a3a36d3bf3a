//! An allocator that can count, so that "bytes a task" is measured and not guessed.
//!
//! It counts nothing until it is told to: sides that are timed must not pay for counters that all threads share.

use std::{
    alloc::{GlobalAlloc, Layout},
    sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
};

/// What the allocator under the counter is called in reports.
pub(crate) const ALLOCATOR: &str = "mimalloc, as in the command";

/// An allocator, and a count of the bytes that are allocated now and of the most there were.
pub(crate) struct Counting<A>(pub(crate) A);

static ON: AtomicBool = AtomicBool::new(false);
/// Since counting began: less than nothing when more was freed.
static NOW: AtomicI64 = AtomicI64::new(0);
static MOST: AtomicI64 = AtomicI64::new(0);

/// Counts from now on.
pub(crate) fn count() {
    ON.store(true, Relaxed);
}

/// Bytes allocated now, more than when counting began.
pub(crate) fn now() -> i64 {
    NOW.load(Relaxed)
}

/// The most bytes allocated at once since the last [`reset_most`].
pub(crate) fn most() -> i64 {
    MOST.load(Relaxed)
}

/// Forgets the most.
pub(crate) fn reset_most() {
    MOST.store(now(), Relaxed);
}

fn add(bytes: i64) {
    if ON.load(Relaxed) {
        let now = NOW.fetch_add(bytes, Relaxed) + bytes;
        MOST.fetch_max(now, Relaxed);
    }
}

// SAFETY: every call is passed on to the allocator within as it came; the counters touch no memory of it.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as i64));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { self.0.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size as i64 - layout.size() as i64);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { self.0.realloc(pointer, layout, size) }
    }
}
