//! The threads that tasks run on: as many at work as there are slots, smallest order first.
//!
//! A task that blocks on other tasks gives its slot back while it waits ([`blocking`]); another thread takes it up, so
//! that tasks which submit tasks cannot lock each other out.
//!
//! Work that is no job takes slots by a [`SlotLease`]. It neither waits for them nor is it waited for: jobs that start
//! meanwhile find fewer of them free, and never none for good.
//!
//! Whoever hands out jobs is told of both, so that none queue up here while there is room elsewhere.

use super::panics::{contained, let_go};
use parking_lot::{Condvar, Mutex};
use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{Arc, Weak},
};

type Job = Box<dyn FnOnce() + Send>;

struct Queued {
    /// Smaller first; the number of arrival breaks ties.
    order: Reverse<(u64, u64)>,
    weight: u32,
    job: Job,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Queued {}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

#[derive(Default)]
struct State {
    queue: BinaryHeap<Queued>,
    arrivals: u64,
    free: u32,
    /// Threads that wait for a job.
    idle: u32,
    /// Threads whose task wants its slot again; they go before new jobs.
    resuming: u32,
    lent: u32,
    /// Leases that were taken and not dropped.
    leased: u32,
    closed: bool,
}

impl State {
    fn has_work(&self, total: u32) -> bool {
        // No lease keeps a job from running where all other slots are free.
        let fits = |next: &Queued| next.weight <= self.free.saturating_sub(self.leased.min(total - next.weight));
        self.resuming == 0 && self.queue.peek().is_some_and(fits)
    }
}

struct Shared {
    total: u32,
    state: Mutex<State>,
    wake: Condvar,
    /// Told whenever the number of slots given back, or that of leases, changes: both.
    on_change: Box<dyn Fn(u32, u32) + Send + Sync>,
}

thread_local! {
    /// The slots that the running task of this thread holds.
    static HOLDING: RefCell<Option<(Arc<Shared>, u32)>> = const { RefCell::new(None) };
}

/// A number of slots and the threads behind them. The threads end with the last clone.
#[derive(Clone)]
pub(super) struct Slots(Arc<Owner>);

struct Owner(Arc<Shared>);

impl Slots {
    /// `total` slots, at least one. `on_change` is told how many slots blocked tasks have given back and how many are leased,
    /// at each change of one of them.
    pub(super) fn new(total: u32, on_change: impl Fn(u32, u32) + Send + Sync + 'static) -> Self {
        let total = total.max(1);
        let state = Mutex::new(State { free: total, ..State::default() });
        let shared = Arc::new(Shared { total, state, wake: Condvar::new(), on_change: Box::new(on_change) });
        Slots(Arc::new(Owner(shared)))
    }

    /// Queues a job that holds `weight` slots while it runs.
    pub(super) fn push(&self, order: u64, weight: u32, job: impl FnOnce() + Send + 'static) {
        let shared = &self.0.0;
        let mut state = shared.state.lock();
        state.arrivals += 1;
        let order = Reverse((order, state.arrivals));
        state.queue.push(Queued { order, weight: weight.clamp(1, shared.total), job: Box::new(job) });
        shared.rouse(&mut state);
    }

    /// Who leases these slots.
    pub(super) fn lessor(&self) -> Lessor {
        Lessor(Arc::downgrade(&self.0.0))
    }
}

/// Leases slots while there are any. Not kept: who keeps this does not keep whoever is told of the slots.
pub(super) struct Lessor(Weak<Shared>);

impl Lessor {
    pub(super) fn lease(&self) -> Option<SlotLease> {
        let shared = self.0.upgrade()?;
        {
            let mut state = shared.state.lock();
            state.leased += 1;
            shared.tell(&state);
        }
        Some(SlotLease(shared))
    }
}

/// A slot that work which is no task has until this is dropped.
pub struct SlotLease(Arc<Shared>);

impl Drop for SlotLease {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.leased -= 1;
        self.0.tell(&state);
        self.0.rouse(&mut state);
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.closed = true;
        let never_run = std::mem::take(&mut state.queue);
        drop(state);
        self.0.wake.notify_all();
        // Not under the lock: what a job holds may be a lease, or something else that comes here when it goes.
        let_go(never_run);
    }
}

impl Shared {
    /// Under the lock, so that the last word is the present state.
    fn tell(&self, state: &State) {
        (self.on_change)(state.lent, state.leased);
    }

    /// Wakes or makes a thread if a job can start.
    fn rouse(self: &Arc<Self>, state: &mut State) {
        if !state.has_work(self.total) {
            return;
        }
        if state.idle > 0 {
            self.wake.notify_one();
            return;
        }
        let shared = self.clone();
        let spawned = std::thread::Builder::new().name("stratal-slot".into()).stack_size(8 << 20).spawn(move || shared.work());
        if let Err(error) = spawned {
            tracing::error!(%error, "the operating system refuses another slot thread; queued tasks wait for the running ones");
        }
    }

    fn work(self: Arc<Self>) {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return;
            }
            if state.has_work(self.total) {
                let Some(next) = state.queue.pop() else { continue };
                state.free -= next.weight;
                self.rouse(&mut state);
                drop(state);
                HOLDING.set(Some((self.clone(), next.weight)));
                contained(next.job);
                HOLDING.set(None);
                state = self.state.lock();
                state.free += next.weight;
                if state.resuming > 0 {
                    self.wake.notify_all();
                }
            } else if state.idle >= self.total {
                return;
            } else {
                state.idle += 1;
                self.wake.wait(&mut state);
                state.idle -= 1;
            }
        }
    }
}

/// Runs `wait`, which blocks on the work of others. On a slot's thread the slot is given back meanwhile.
pub fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    let Some((shared, weight)) = HOLDING.take() else { return wait() };
    {
        let mut state = shared.state.lock();
        state.free += weight;
        state.lent += weight;
        shared.tell(&state);
        shared.rouse(&mut state);
        if state.resuming > 0 {
            shared.wake.notify_all();
        }
    }
    let result = wait();
    {
        let mut state = shared.state.lock();
        state.resuming += 1;
        while state.free < weight && !state.closed {
            shared.wake.wait(&mut state);
        }
        state.resuming -= 1;
        state.free = state.free.saturating_sub(weight);
        state.lent -= weight;
        shared.tell(&state);
        shared.rouse(&mut state);
    }
    HOLDING.set(Some((shared, weight)));
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    };

    #[test]
    fn no_more_jobs_run_at_once_than_there_are_slots() {
        let slots = Slots::new(3, |_, _| {});
        let (running, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (done, wait) = mpsc::channel();
        for _ in 0..50 {
            let (running, most, done) = (running.clone(), most.clone(), done.clone());
            slots.push(0, 1, move || {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(1));
                running.fetch_sub(1, SeqCst);
                done.send(()).unwrap();
            });
        }
        (0..50).for_each(|_| wait.recv().unwrap());
        assert!(most.load(SeqCst) <= 3);
    }

    #[test]
    fn jobs_that_wait_for_jobs_do_not_lock_each_other_out() {
        fn nest(slots: Slots, depth: u32, done: mpsc::Sender<u32>) {
            let inner = slots.clone();
            slots.push(0, 1, move || {
                if depth > 0 {
                    let (tell, told) = mpsc::channel();
                    nest(inner, depth - 1, tell);
                    assert_eq!(blocking(|| told.recv()), Ok(depth - 1));
                }
                done.send(depth).unwrap();
            });
        }
        let (done, wait) = mpsc::channel();
        let slots = Slots::new(1, |_, _| {});
        nest(slots.clone(), 20, done);
        assert_eq!(wait.recv(), Ok(20));
    }

    #[test]
    fn leases_keep_jobs_from_all_slots_but_one() {
        let most_at_once = |slots: &Slots| {
            let (running, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
            let (done, wait) = mpsc::channel();
            for _ in 0..20 {
                let (running, most, done) = (running.clone(), most.clone(), done.clone());
                slots.push(0, 1, move || {
                    most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(2));
                    running.fetch_sub(1, SeqCst);
                    done.send(()).unwrap();
                });
            }
            (0..20).for_each(|_| wait.recv().unwrap());
            most.load(SeqCst)
        };
        let slots = Slots::new(4, |_, _| {});
        let lessor = slots.lessor();
        let leases: Vec<SlotLease> = (0..2).filter_map(|_| lessor.lease()).collect();
        assert!(most_at_once(&slots) <= 2);
        let more: Vec<SlotLease> = (0..9).filter_map(|_| lessor.lease()).collect();
        assert_eq!(most_at_once(&slots), 1);
        drop((leases, more));
        assert_eq!(slots.0.0.state.lock().leased, 0);
    }

    #[test]
    fn what_blocked_jobs_give_back_and_what_is_leased_are_told_together() {
        let (tell, told) = mpsc::channel();
        let slots = Slots::new(2, move |lent, leased| tell.send((lent, leased)).unwrap());
        let lessor = slots.lessor();
        let first = lessor.lease();
        let (done, wait) = mpsc::channel();
        slots.push(0, 2, move || {
            blocking(|| ());
            done.send(()).unwrap();
        });
        wait.recv().unwrap();
        let second = lessor.lease();
        drop((first, second));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [(0, 1), (2, 1), (0, 1), (0, 2), (0, 1), (0, 0)]);
    }

    #[test]
    fn a_lease_never_keeps_a_job_of_all_slots_waiting_for_good() {
        let slots = Slots::new(2, |_, _| {});
        let _lease = slots.lessor().lease();
        let (done, wait) = mpsc::channel();
        slots.push(0, 9, move || done.send(()).unwrap());
        assert_eq!(wait.recv(), Ok(()));
    }

    #[test]
    fn a_job_that_never_runs_may_hold_a_lease() {
        let slots = Slots::new(1, |_, _| {});
        let (begin, begun) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        slots.push(0, 1, move || {
            begin.send(()).unwrap();
            let _ = wait.recv();
        });
        begun.recv().unwrap();
        let lease = slots.lessor().lease();
        slots.push(0, 1, move || drop(lease));
        let (done, ended) = mpsc::channel();
        std::thread::spawn(move || {
            drop(slots);
            done.send(()).unwrap();
        });
        assert_eq!(ended.recv_timeout(std::time::Duration::from_secs(60)), Ok(()));
        drop(go_on);
    }

    #[test]
    fn who_leases_slots_does_not_keep_whoever_is_told_of_them() {
        let told = Arc::new(());
        let tell = told.clone();
        let slots = Slots::new(1, move |_, _| drop(tell.clone()));
        let lessor = slots.lessor();
        assert!(lessor.lease().is_some());
        drop(slots);
        assert!(lessor.lease().is_none());
        assert_eq!(Arc::strong_count(&told), 1);
    }

    #[test]
    fn a_job_of_several_slots_waits_until_they_are_free() {
        let slots = Slots::new(2, |_, _| {});
        let (done, wait) = mpsc::channel();
        for weight in [1, 2, 1, 9] {
            let done = done.clone();
            slots.push(0, weight, move || done.send(weight).unwrap());
        }
        let mut all: Vec<u32> = wait.iter().take(4).collect();
        all.sort_unstable();
        assert_eq!(all, [1, 1, 2, 9]);
    }
}
