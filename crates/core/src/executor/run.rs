//! The client's side of a run: which outputs are there, which failed, and waiting for them.

use crate::{
    Attempt, Error, Index, LayerId, Result, ResultId, RunId, WorkerId,
    graph::{Output, Ranges},
    runner::blocking,
    sched::ToClient,
};
use parking_lot::{Condvar, Mutex};
use std::time::{Duration, Instant};
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
    finished: Option<Option<Error>>,
    progress: Updates,
}

/// A submitted graph, as its client sees it. Executors [`update`](Self::update) it; whoever wants a result waits on it.
pub struct RunHandle {
    id: RunId,
    outputs: Vec<Output>,
    names: Vec<String>,
    state: Mutex<State>,
    changed: Condvar,
    notify: Notify,
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
        let state = Mutex::new(State { layers, finished: None, progress: Vec::new() });
        RunHandle { id, outputs, names, state, changed: Condvar::new(), notify: Notify::new() }
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
        match message {
            ToClient::Ready { layer, located, .. } => {
                for place in located {
                    for step in 0..place.len {
                        let result = ResultId { index: place.result.index + step, ..place.result };
                        state.set(layer, place.start + step, Status::Ready(Place { result, attempt: place.attempt, worker: place.worker }));
                    }
                }
            }
            ToClient::Lost { layer, tasks, .. } => tasks.iter().for_each(|index| state.set(layer, index, Status::Pending)),
            ToClient::Failed { layer, tasks, error, .. } => {
                tasks.iter().for_each(|index| state.set(layer, index, Status::Failed(error.clone())))
            }
            ToClient::Finished { error, .. } => state.finished = Some(error),
            ToClient::Progress { layers, .. } => state.progress = layers,
        }
        drop(state);
        self.changed.notify_all();
        self.notify.notify_waiters();
    }

    /// Ends it with an error: every output that is not there fails. For a lost scheduler, and for a cancel.
    pub fn fail(&self, error: &Error) {
        let mut state = self.state.lock();
        for (_, _, status) in &mut state.layers {
            status.iter_mut().filter(|status| matches!(status, Status::Pending)).for_each(|status| *status = Status::Failed(error.clone()));
        }
        state.finished.get_or_insert_with(|| Some(error.clone()));
        drop(state);
        self.changed.notify_all();
        self.notify.notify_waiters();
    }

    /// How it stands with an output now.
    pub fn status(&self, layer: LayerId, index: Index) -> Status {
        self.state.lock().get(layer, index)
    }

    /// Tasks done and all tasks of each layer, as last heard.
    pub fn progress(&self) -> Updates {
        self.state.lock().progress.clone()
    }

    /// Whether every output is there or failed.
    pub fn is_finished(&self) -> bool {
        self.state.lock().finished.is_some()
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

    async fn wait_until<T>(&self, mut look: impl FnMut(&State) -> Option<T>) -> T {
        loop {
            let mut notified = std::pin::pin!(self.notify.notified());
            notified.as_mut().enable();
            if let Some(seen) = look(&self.state.lock()) {
                return seen;
            }
            notified.await;
        }
    }

    /// Blocks until an output is there, or failed. `None` when the time is up.
    pub fn wait(&self, layer: LayerId, index: Index, limit: Option<Duration>) -> Option<Result<Place>> {
        self.block_until(limit, |state| state.settled(layer, index))
    }

    /// Waits until an output is there, or failed.
    pub async fn wait_async(&self, layer: LayerId, index: Index) -> Result<Place> {
        self.wait_until(|state| state.settled(layer, index)).await
    }

    /// Blocks until no output is pending. The first error, if one failed.
    pub fn wait_all(&self) -> Result<()> {
        self.block_until(None, |state| state.finished.clone()).flatten().map_or(Ok(()), Err)
    }

    /// Waits until no output is pending. The first error, if one failed.
    pub async fn wait_all_async(&self) -> Result<()> {
        self.wait_until(|state| state.finished.clone()).await.map_or(Ok(()), Err)
    }
}

impl State {
    fn set(&mut self, layer: LayerId, index: Index, status: Status) {
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
