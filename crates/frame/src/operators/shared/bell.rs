//! [`Bell`]: wakes every reader of a partition that waits, and not only the one that asked its source last.
//!
//! A source remembers one waker, that of its last poll. Were it a reader's own, the others would wait for a reader that may have
//! been dropped, or that nobody polls any more. So the source gets the bell, which knows them all.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Wake, Waker},
};

/// Who waits, by the number of the reader.
#[derive(Debug, Default)]
pub(super) struct Bell(Mutex<HashMap<usize, Waker>>);

impl Bell {
    /// Has a reader woken at the next ring.
    pub(super) fn wait(&self, reader: usize, waker: &Waker) {
        self.lock().insert(reader, waker.clone());
    }

    /// Takes a reader off the list.
    pub(super) fn forget(&self, reader: usize) {
        // A waker is dropped outside of the lock, because that may be the end of what it wakes.
        let forgotten = self.lock().remove(&reader);
        drop(forgotten);
    }

    /// Wakes all that wait, but for this one, which goes on waiting.
    pub(super) fn ring_others(&self, reader: usize) {
        let waiting = {
            let mut list = self.lock();
            let mut waiting = mem::take(&mut *list);
            list.extend(waiting.remove(&reader).map(|waker| (reader, waker)));
            waiting
        };
        waiting.into_values().for_each(Waker::wake);
    }

    fn ring(&self) {
        let waiting = mem::take(&mut *self.lock());
        waiting.into_values().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
