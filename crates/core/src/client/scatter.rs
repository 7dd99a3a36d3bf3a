//! Values that go to where tasks run, and results that come back.

use super::{
    Client, Submitted, TaskFuture, TaskFutures,
    batch::{Batch, read_all, read_all_async},
};
use crate::{
    Error, ErrorKind, Key, Result,
    delayed::{Rows, Settings},
    function::{Recorded, given_back},
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph},
    runner::copying,
    sched::RunOptions,
    value::Value,
};

/// Where a scattered value is put.
///
/// ```
/// use stratal_core::client::Placement;
/// assert_eq!(Placement::on(["w1", "w2"]), Placement::On(vec!["w1".to_owned(), "w2".to_owned()]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// On some worker: several values on several.
    #[default]
    Spread,
    /// On each worker that there is now.
    Everywhere,
    /// On each of these workers, by name; if they are lost, on none until one of them joins again.
    On(Vec<String>),
}

impl Placement {
    /// On each of these workers.
    pub fn on<S: Into<String>>(workers: impl IntoIterator<Item = S>) -> Self {
        Placement::On(workers.into_iter().map(Into::into).collect())
    }
}

impl Client {
    /// Puts a value where tasks run. It travels once, however many tasks take the future; as an argument of its own it would
    /// travel with each of them. If its worker is lost, it is put on another.
    ///
    /// What goes wrong is the future's.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let table = client.scatter(vec![10i64, 20, 30]);
    /// let found = client.map(|table: &[i64], at: usize| table[at], (0..3).map(|at| (&table, at)));
    /// assert_eq!(found.gather()?, [10, 20, 30]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn scatter<T: Value>(&self, value: T) -> TaskFuture<T> {
        self.scatter_all([value]).nth(0)
    }

    /// Puts values where tasks run, each on some worker.
    ///
    /// What goes wrong is that of every future.
    ///
    /// ```
    /// use stratal_core::{Client, function::tasks::sum};
    /// let client = Client::local()?;
    /// let numbers = client.scatter_all(1..=4i64);
    /// assert_eq!(client.submit(sum, &numbers).result()?, 10);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn scatter_all<T: Value>(&self, values: impl IntoIterator<Item = T>) -> TaskFutures<T> {
        let rows: Vec<_> = values.into_iter().map(|value| vec![Recorded::Literal(value.into_data())]).collect();
        self.scatter_rows(&rows, &Settings::default())
    }

    fn scatter_rows<T: Value>(&self, rows: &[Vec<Recorded>], settings: &Settings) -> TaskFutures<T> {
        // Nobody looks for a value by what it is, so it is not encoded to be hashed.
        TaskFutures::submit(self, Key::from("scatter"), &given_back(), rows, settings, Rows::Single)
    }

    /// Puts a value where it is wanted: as [`scatter`](Self::scatter) does, on all workers, or on the named ones. It travels
    /// once from here, and from worker to worker to the others. A task that takes it reads the copy of its own worker, so that
    /// what many tasks read is best everywhere. While one of its workers lives it is not lost.
    ///
    /// In one process there is one place, and this is [`scatter`](Self::scatter). What goes wrong is the future's.
    ///
    /// ```
    /// use stratal_core::{Client, client::Placement};
    /// let client = Client::local()?;
    /// let table = client.scatter_with(vec![10i64, 20, 30], Placement::Everywhere);
    /// let found = client.map(|table: &[i64], at: usize| table[at], (0..3).map(|at| (&table, at)));
    /// assert_eq!(found.gather()?, [10, 20, 30]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn scatter_with<T: Value>(&self, value: T, placement: Placement) -> TaskFuture<T> {
        let row = vec![Recorded::Literal(value.into_data())];
        let mut settings = Settings::default();
        if let Placement::On(workers) = &placement {
            if workers.is_empty() {
                let error =
                    Error::new(ErrorKind::BadValue, "a value was to be put on no worker").with_help("name at least one, or none at all");
                return TaskFuture::new(Err(error), Key::from("scatter"));
            }
            settings.workers(workers.iter().cloned());
        }
        let future: TaskFuture<T> = self.scatter_rows(&[row], &settings).nth(0);
        let placed = future.task().clone().and_then(|task| match self.copy_to(&task, placement)? {
            Some(copies) => Ok(task.with(copies)),
            None => Ok(task),
        });
        TaskFuture::new(placed, future.key().clone())
    }

    /// Makes copies of a result on the workers that are to have it; nothing where that is one.
    fn copy_to(&self, task: &Batch, placement: Placement) -> Result<Option<Submitted>> {
        let executor = self.executor()?;
        let workers = match placement {
            Placement::Spread => Vec::new(),
            Placement::Everywhere => executor.workers().into_iter().map(|worker| worker.name).collect(),
            Placement::On(workers) => workers,
        };
        if workers.len() < 2 || executor.topology().same_process {
            return Ok(None);
        }
        let (range, _lease) = task.held();
        let mut graph = LayeredGraph::default();
        let value = graph.push(Layer::held("scatter", vec![range]));
        for worker in workers {
            let mut spec = LayerSpec::new("copy", 1).reads(value, EdgeMap::OneToOne);
            spec.needs.workers = vec![worker.clone()];
            let copy = graph.push(Layer::uniform(spec, copying()));
            graph.want(copy, worker);
        }
        let handle = executor.submit(graph, RunOptions { name: "scatter".to_owned(), ..RunOptions::default() })?;
        Ok(Some(Submitted::new(executor.clone(), handle, None)))
    }

    /// Waits for the results of futures and reads them, many at once, in the order of the futures.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let futures: Vec<_> = (0..3).map(|i| client.submit(|x: i64| x * 10, i)).collect();
    /// assert_eq!(client.gather(&futures)?, [0, 10, 20]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first failure, in the order of the futures.
    pub fn gather<T: Value>(&self, futures: &[TaskFuture<T>]) -> Result<Vec<T>> {
        let (started, refused) = started(futures);
        let values = read_all(&started)?;
        refused.map_or(Ok(values), Err)
    }

    /// [`gather`](Self::gather), async.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    pub async fn gather_async<T: Value>(&self, futures: &[TaskFuture<T>]) -> Result<Vec<T>> {
        let (started, refused) = started(futures);
        let values = read_all_async(&started).await?;
        refused.map_or(Ok(values), Err)
    }
}

/// The futures up to the first one that was never started, and why that one was not.
fn started<T: Value>(futures: &[TaskFuture<T>]) -> (Vec<Batch>, Option<Error>) {
    let mut started = Vec::with_capacity(futures.len());
    for future in futures {
        match future.task() {
            Ok(task) => started.push(task.clone()),
            Err(error) => return (started, Some(error.clone())),
        }
    }
    (started, None)
}
