//! The client's side of a run: which outputs are there, which failed, and waiting for them.

use crate::{
    Attempt, Error, Index, LayerId, Result, ResultId, RunId, WorkerId,
    graph::{Output, Ranges},
    progress::{StageProgress, TaskProgress},
    runner::blocking,
    sched::ToClient,
};
use parking_lot::{Condvar, Mutex, MutexGuard};
use rustc_hash::FxHashMap;
use std::{
    collections::BTreeMap,
    future::poll_fn,
    task::{Poll, Waker},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Where a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Its name.
    pub result: ResultId,
    /// Its version.
    pub attempt: Attempt,
    /// Who has it.
    pub worker: WorkerId,
}

/// How it stands with an output.
#[derive(Clone, Debug)]
pub enum Status {
    /// It is being made.
    Pending,
    /// It is there.
    Ready(Place),
    /// It will never be there.
    Failed(Error),
}

/// Name, tasks done and all tasks of each layer.
pub type Updates = Vec<(LayerId, u32, u32)>;

struct State {
    /// The wanted layers, with the tasks wanted of each.
    layers: Vec<(LayerId, Ranges, Vec<Status>)>,
    /// Who waits for one output. Each is woken once, when it is there or failed, and by nothing else.
    waiting: FxHashMap<(LayerId, Index), Vec<Waker>>,
    finished: Option<Option<Error>>,
    progress: Updates,
    stages: BTreeMap<(LayerId, Index), Vec<StageProgress>>,
}

/// A submitted graph, as its client sees it. Executors [`update`](Self::update) it; whoever wants a result waits on it.
pub struct RunHandle {
    id: RunId,
    outputs: Vec<Output>,
    names: Vec<String>,
    state: Mutex<State>,
    /// Outputs are there or failed, or all are.
    changed: Condvar,
    finished: Notify,
}

impl RunHandle {
    /// A run of which nothing is known yet. `names` are the names of its layers.
    pub fn new(id: RunId, outputs: Vec<Output>, names: Vec<String>) -> Self {
        let mut layers: Vec<(LayerId, Ranges, Vec<Status>)> = Vec::new();
        for output in &outputs {
            match layers.iter_mut().find(|(layer, ..)| *layer == output.layer) {
                Some((_, tasks, _)) => *tasks = tasks.union(&output.tasks),
                None => layers.push((output.layer, output.tasks.clone(), Vec::new())),
            }
        }
        for (_, tasks, status) in &mut layers {
            status.resize(tasks.len() as usize, Status::Pending);
        }
        let (waiting, progress, stages) = Default::default();
        let state = Mutex::new(State { layers, waiting, finished: None, progress, stages });
        RunHandle { id, outputs, names, state, changed: Condvar::new(), finished: Notify::new() }
    }

    /// The run's name.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// What is wanted of it.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The name of a layer.
    pub fn layer_name(&self, layer: LayerId) -> &str {
        self.names.get(layer.0 as usize).map_or("", String::as_str)
    }

    /// Takes in what the scheduler says.
    pub fn update(&self, message: ToClient) {
        let mut state = self.state.lock();
        let mut woken = Vec::new();
        match message {
            ToClient::Progress { layers, tasks, .. } => {
                state.progress = layers;
                for TaskProgress { layer, task, stages } in tasks {
                    match stages.is_empty() {
                        true => state.stages.remove(&(layer, task)),
                        false => state.stages.insert((layer, task), stages),
                    };
                }
                return;
            }
            ToClient::Ready { layer, located, .. } => {
                for place in located {
                    for step in 0..place.len {
                        let result = ResultId { index: place.result.index + step, ..place.result };
                        let there = Status::Ready(Place { result, attempt: place.attempt, worker: place.worker });
                        state.set(layer, place.start + step, there, &mut woken);
                    }
                }
            }
            ToClient::Lost { layer, tasks, .. } => tasks.iter().for_each(|index| state.set(layer, index, Status::Pending, &mut woken)),
            ToClient::Failed { layer, tasks, error, .. } => {
                tasks.iter().for_each(|index| state.set(layer, index, Status::Failed(error.clone()), &mut woken))
            }
            ToClient::Finished { error, .. } => state.finished = Some(error),
        }
        self.wake(state, woken);
    }

    /// Failed outputs are pending again: they were asked for once more.
    pub fn reopen(&self, layer: LayerId, tasks: &Ranges) {
        let mut state = self.state.lock();
        for index in tasks.iter() {
            if matches!(state.get(layer, index), Status::Failed(_)) {
                state.set(layer, index, Status::Pending, &mut Vec::new());
            }
        }
        state.finished = None;
    }

    /// Ends it with an error: every output that is not there fails. For a lost scheduler, and for a cancel.
    pub fn fail(&self, error: &Error) {
        let mut state = self.state.lock();
        for (_, _, status) in &mut state.layers {
            status.iter_mut().filter(|status| matches!(status, Status::Pending)).for_each(|status| *status = Status::Failed(error.clone()));
        }
        state.finished.get_or_insert_with(|| Some(error.clone()));
        let woken = state.waiting.drain().flat_map(|(_, wakers)| wakers).collect();
        self.wake(state, woken);
    }

    /// Wakes outside of the lock.
    fn wake(&self, state: MutexGuard<'_, State>, woken: Vec<Waker>) {
        let finished = state.finished.is_some();
        drop(state);
        self.changed.notify_all();
        woken.into_iter().for_each(Waker::wake);
        if finished {
            self.finished.notify_waiters();
        }
    }

    /// How it stands with an output now.
    pub fn status(&self, layer: LayerId, index: Index) -> Status {
        self.state.lock().get(layer, index)
    }

    /// Tasks done and all tasks of each layer, as last heard.
    pub fn progress(&self) -> Updates {
        self.state.lock().progress.clone()
    }

    /// The stages of the tasks that work in stages, such as queries, as last heard; of a task that is done, its last. What an
    /// attempt said that failed or was lost is gone.
    pub fn stages(&self) -> Vec<TaskProgress> {
        let state = self.state.lock();
        state.stages.iter().map(|((layer, task), stages)| TaskProgress { layer: *layer, task: *task, stages: stages.clone() }).collect()
    }

    /// Whether every output is there or failed.
    pub fn is_finished(&self) -> bool {
        self.state.lock().finished.is_some()
    }

    /// Whether nobody waits for anything of it, or ever will.
    pub fn is_settled(&self) -> bool {
        let state = self.state.lock();
        let pending = |(_, _, all): &(LayerId, Ranges, Vec<Status>)| all.iter().any(|status| matches!(status, Status::Pending));
        state.finished.is_some() && !state.layers.iter().any(pending)
    }

    /// Whether every output is there or failed, or the first error.
    pub fn error(&self) -> Option<Error> {
        self.state.lock().finished.clone().flatten()
    }

    /// Blocks until `look` sees what it wants, or the time is up. On a task's thread the slot is given back meanwhile.
    fn block_until<T>(&self, limit: Option<Duration>, mut look: impl FnMut(&State) -> Option<T>) -> Option<T> {
        if let Some(seen) = look(&self.state.lock()) {
            return Some(seen);
        }
        let deadline = limit.map(|limit| Instant::now() + limit);
        blocking(|| {
            let mut state = self.state.lock();
            loop {
                if let Some(seen) = look(&state) {
                    return Some(seen);
                }
                match deadline {
                    None => self.changed.wait(&mut state),
                    Some(deadline) if Instant::now() >= deadline => return None,
                    Some(deadline) => {
                        self.changed.wait_until(&mut state, deadline);
                    }
                }
            }
        })
    }

    /// Blocks until an output is there, or failed. `None` when the time is up.
    pub fn wait(&self, layer: LayerId, index: Index, limit: Option<Duration>) -> Option<Result<Place>> {
        self.block_until(limit, |state| state.settled(layer, index))
    }

    /// Waits until an output is there, or failed.
    pub async fn wait_async(&self, layer: LayerId, index: Index) -> Result<Place> {
        poll_fn(|cx| {
            let mut state = self.state.lock();
            if let Some(settled) = state.settled(layer, index) {
                return Poll::Ready(settled);
            }
            let waiting = state.waiting.entry((layer, index)).or_default();
            if !waiting.last().is_some_and(|waker| waker.will_wake(cx.waker())) {
                waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    /// Blocks until no output is pending. The first error, if one failed.
    pub fn wait_all(&self) -> Result<()> {
        self.block_until(None, |state| state.finished.clone()).flatten().map_or(Ok(()), Err)
    }

    /// Waits until no output is pending. The first error, if one failed.
    pub async fn wait_all_async(&self) -> Result<()> {
        loop {
            let mut finished = std::pin::pin!(self.finished.notified());
            finished.as_mut().enable();
            if let Some(finished) = self.state.lock().finished.clone() {
                return finished.map_or(Ok(()), Err);
            }
            finished.await;
        }
    }
}

impl State {
    /// Remembers how it stands with an output. Who waited for it is appended to `woken`.
    fn set(&mut self, layer: LayerId, index: Index, status: Status, woken: &mut Vec<Waker>) {
        if !matches!(status, Status::Pending) {
            woken.extend(self.waiting.remove(&(layer, index)).into_iter().flatten());
        }
        if let Some((_, tasks, all)) = self.layers.iter_mut().find(|(of, ..)| *of == layer)
            && let Some(rank) = tasks.rank(index)
        {
            all[rank as usize] = status;
        }
    }

    fn get(&self, layer: LayerId, index: Index) -> Status {
        let wanted = self.layers.iter().find(|(of, ..)| *of == layer);
        let status = wanted.and_then(|(_, tasks, all)| all.get(tasks.rank(index)? as usize).cloned());
        status.unwrap_or_else(|| Status::Failed(Error::internal(format!("task {index} of {layer} is no output"))))
    }

    fn settled(&self, layer: LayerId, index: Index) -> Option<Result<Place>> {
        match self.get(layer, index) {
            Status::Pending => None,
            Status::Ready(place) => Some(Ok(place)),
            Status::Failed(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, task::noop_waker_ref};
    use std::{
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering::SeqCst},
        },
        task::{Context, Wake},
    };

    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn who_waits_for_one_output_is_woken_by_that_one_alone() {
        let layer = LayerId(0);
        let output = Output { layer, tasks: Ranges::full(3), key: "x".into() };
        let handle = RunHandle::new(RunId(1), vec![output], Vec::new());
        let count = Arc::new(Count(AtomicU32::new(0)));
        let mut second = pin!(handle.wait_async(layer, 1));
        let waker = count.clone().into();
        assert!(second.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
        let failed = |index: Index| ToClient::Failed {
            run: RunId(1),
            layer,
            tasks: (index..index + 1).into(),
            error: Error::internal(index.to_string()),
        };
        handle.update(failed(0));
        let at_work =
            |task| TaskProgress { layer, task, stages: vec![StageProgress { name: "read".to_owned(), done: 1, all: 2, rows: 3 }] };
        // What is told stays until something else is told of the task.
        for tasks in [vec![at_work(1), at_work(0)], vec![at_work(1)], Vec::new(), vec![TaskProgress { stages: Vec::new(), ..at_work(0) }]] {
            handle.update(ToClient::Progress { run: RunId(1), layers: vec![(layer, 1, 3)], tasks });
        }
        assert_eq!((count.0.load(SeqCst), handle.progress().len(), handle.stages().len()), (0, 1, 1));
        assert_eq!(handle.stages(), [at_work(1)]);
        handle.update(failed(1));
        handle.update(failed(2));
        assert_eq!(count.0.load(SeqCst), 1);
        let Poll::Ready(Err(error)) = second.poll_unpin(&mut Context::from_waker(noop_waker_ref())) else { panic!("it failed") };
        assert_eq!(error.message(), "1");
    }
}
