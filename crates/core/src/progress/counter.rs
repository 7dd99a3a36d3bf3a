//! [`Counter`]: what one share of a stage has done, counted where it is done, and told now and then.

use super::{News, Report};
use crate::{Attempt, ResultId, runner::Environment};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::oneshot;

/// Reports a second that all shares of a task may send, their last ones aside.
const PER_SECOND: u64 = 10;

/// How long each of so many shares of one task waits between two reports, so that together they say no more than is read.
pub fn pace(shares: u64) -> Duration {
    Duration::from_millis((1000 / PER_SECOND).saturating_mul(shares.max(1)))
}

/// A share of a stage: what one process does of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The task whose stage it is, by what it will leave.
    pub result: ResultId,
    /// Which attempt at it.
    pub attempt: Attempt,
    /// The stage.
    pub stage: u32,
    /// Which share.
    pub share: u32,
    /// Its partitions.
    pub partitions: u64,
}

/// Counts what a share has done. What is new is told once an interval, and at once when all of its partitions are done.
pub struct Counter {
    /// Not kept: who keeps this may be kept by the environment.
    env: Weak<Environment>,
    of: Share,
    done: AtomicU64,
    rows: AtomicU64,
    told: Mutex<(u64, u64)>,
    /// Gone with it: ends what tells.
    _alive: oneshot::Sender<()>,
}

impl Counter {
    /// Counts from nothing, and tells once in `every` until it is dropped.
    pub fn begin(env: Weak<Environment>, of: Share, every: Duration) -> Arc<Self> {
        let (counter, telling) = Self::with_telling(env, of, every);
        crate::runtime::io().spawn(telling);
        counter
    }

    /// A counter, and what tells: it ends with the counter, however long it would wait.
    fn with_telling(env: Weak<Environment>, of: Share, every: Duration) -> (Arc<Self>, impl Future<Output = ()> + Send + 'static) {
        let (done, rows, told) = Default::default();
        let (_alive, mut gone) = oneshot::channel();
        let counter = Arc::new(Counter { env, of, done, rows, told, _alive });
        let counted = Arc::downgrade(&counter);
        let telling = async move {
            while tokio::time::timeout(every, &mut gone).await.is_err() {
                let Some(counter) = counted.upgrade() else { return };
                counter.tell();
            }
        };
        (counter, telling)
    }

    /// Rows were given.
    pub fn add_rows(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Relaxed);
    }

    /// A partition is done, or nobody needs it any more.
    pub fn end_partition(&self) {
        if self.done.fetch_add(1, Relaxed) + 1 >= self.of.partitions {
            self.tell();
        }
    }

    /// Tells what was counted, if that is more than what was told.
    fn tell(&self) {
        let now = (self.done.load(Relaxed), self.rows.load(Relaxed));
        if std::mem::replace(&mut *self.told.lock(), now) == now {
            return;
        }
        let Some(env) = self.env.upgrade() else { return };
        let Share { result, attempt, stage, share, .. } = self.of;
        env.report(Report { result, attempt, news: News::Counts { stage, share, done: now.0, rows: now.1 } });
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        LayerId, RunId,
        config::Config,
        registry::Registry,
        store::{Budget, Store},
    };

    /// No test lasts as long.
    const NEVER: Duration = Duration::from_secs(100_000);

    /// Somebody who listens, and what is told; a share of two partitions.
    fn heard() -> (Arc<Environment>, Share, Arc<Mutex<Vec<(u64, u64)>>>) {
        let store = Arc::new(Store::new(Budget::new(None)));
        let env = Arc::new(Environment::new(Registry::global().clone(), store, Arc::new(Config::default())));
        let told: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
        let hears = told.clone();
        env.set_reports(move |report| {
            let News::Counts { stage: 3, share: 1, done, rows } = report.news else { panic!("these are no counts: {report:?}") };
            hears.lock().push((done, rows));
        });
        let result = ResultId { run: RunId(1), layer: LayerId(0), index: 0 };
        (env, Share { result, attempt: Attempt(1), stage: 3, share: 1, partitions: 2 }, told)
    }

    /// A counter of it, and what it tells.
    fn counter() -> (Arc<Environment>, Arc<Counter>, Arc<Mutex<Vec<(u64, u64)>>>) {
        let (env, of, told) = heard();
        let counter = Counter::begin(Arc::downgrade(&env), of, NEVER);
        (env, counter, told)
    }

    #[test]
    fn nothing_of_a_counter_stays_when_it_is_gone_however_seldom_it_tells() {
        let (env, of, told) = heard();
        let (counter, telling) = Counter::with_telling(Arc::downgrade(&env), of, NEVER);
        let telling = crate::runtime::io().spawn(telling);
        counter.add_rows(8);
        drop(counter);
        let ended = crate::runtime::io().block_on(async { tokio::time::timeout(Duration::from_secs(60), telling).await });
        assert!(matches!(ended, Ok(Ok(()))), "it waits on");
        assert_eq!(*told.lock(), [(0, 8)]);
    }

    #[test]
    fn what_is_counted_is_told_again_and_again() {
        let (env, of, told) = heard();
        let counter = Counter::begin(Arc::downgrade(&env), of, Duration::from_millis(1));
        for rows in [3, 6] {
            counter.add_rows(3);
            let started = std::time::Instant::now();
            while told.lock().last() != Some(&(0, rows)) {
                assert!(started.elapsed() < Duration::from_secs(60), "{rows} rows were never told");
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn shares_say_no_more_together_than_one_alone() {
        for shares in [0u64, 1, 2, 7, 1000] {
            let each = pace(shares).as_millis() as u64;
            assert!(shares * 1000 <= PER_SECOND * each, "{shares} shares, {each} ms");
        }
        assert_eq!(pace(u64::MAX).as_millis(), u128::from(u64::MAX));
    }

    #[test]
    fn however_much_is_counted_only_what_is_new_is_told_and_that_once() {
        let (_env, counter, told) = counter();
        counter.tell();
        (0..1000).for_each(|_| counter.add_rows(5));
        assert!(told.lock().is_empty());
        counter.tell();
        counter.tell();
        assert_eq!(*told.lock(), [(0, 5000)]);
        counter.end_partition();
        assert_eq!(told.lock().len(), 1);
    }

    #[test]
    fn the_last_is_told_at_once_and_not_again_at_the_end() {
        let (_env, counter, told) = counter();
        counter.end_partition();
        counter.add_rows(8);
        assert!(told.lock().is_empty());
        counter.end_partition();
        assert_eq!(*told.lock(), [(2, 8)]);
        drop(counter);
        assert_eq!(told.lock().len(), 1);
    }

    #[test]
    fn what_is_given_up_tells_what_it_had_done() {
        let (_env, counter, told) = counter();
        counter.add_rows(8);
        drop(counter);
        assert_eq!(*told.lock(), [(0, 8)]);
    }
}
