//! [`Tasks`]: functions that are started with more than their arguments.

use super::{Client, TaskFuture, TaskFutures};
use crate::{
    Key,
    delayed::{Node, Rows, Settings},
    function::{Function, IntoArgs, Recorded, TaskFn},
};

/// What functions are started with: retries, priority, resources, workers. Made by [`Client::tasks`]; each step gives a new
/// one, so that one may be kept and used often.
///
/// It goes on top of what a function's attribute says.
///
/// ```
/// use stratal_core::Client;
/// let client = Client::local()?;
/// let urgent = client.tasks().retries(5).priority(10);
/// assert_eq!(urgent.submit(|x: i64| x + 1, 1).result()?, 2);
/// assert_eq!(urgent.map(|x: i64| x * x, 0..4).gather()?, [0, 1, 4, 9]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing runs before submit() or map()"]
pub struct Tasks {
    client: Client,
    settings: Settings,
    impure: bool,
}

impl Tasks {
    fn set(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut tasks = self.clone();
        change(&mut tasks.settings);
        tasks
    }

    /// How often a call is tried again after a failure; without it the function's attribute says so, else the configuration's
    /// `tasks.retries`.
    ///
    /// ```
    /// use stratal_core::Client;
    /// use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    ///
    /// static CALLS: AtomicU32 = AtomicU32::new(0);
    /// let once = || if CALLS.fetch_add(1, SeqCst) == 0 { Err("not yet") } else { Ok(7i64) };
    /// assert_eq!(Client::local()?.tasks().retries(1).submit(once, ()).result()?, 7);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn retries(&self, retries: u32) -> Self {
        self.set(|settings| settings.retries = Some(retries))
    }

    /// Larger runs first; 0 without it.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let late = Client::local()?.tasks().priority(-1);
    /// assert_eq!(late.submit(|x: i64| x, 3).result()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn priority(&self, priority: i32) -> Self {
        self.set(|settings| settings.priority = priority)
    }

    /// A call occupies so much of a named resource of its worker, and runs where there is as much.
    ///
    /// ```
    /// use stratal_core::{Client, ErrorKind};
    /// let on_gpu = Client::local()?.tasks().resource("gpu", 1.0);
    /// // The one worker of a local client is this process, which has none.
    /// assert_eq!(on_gpu.submit(|x: i64| x, 3).result().unwrap_err().kind(), ErrorKind::Graph);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn resource(&self, name: impl Into<String>, amount: f64) -> Self {
        self.set(|settings| settings.resource(name, amount))
    }

    /// The only workers that may run a call, by name.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let here = Client::local()?.tasks().workers(["local"]);
    /// assert_eq!(here.submit(|x: i64| x, 3).result()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn workers<S: Into<String>>(&self, workers: impl IntoIterator<Item = S>) -> Self {
        self.set(|settings| settings.workers(workers))
    }

    /// Says that equal arguments may give unequal results: a call is never answered by the result of an equal one.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let now = Client::local()?.tasks().impure().submit(|| format!("{:?}", std::time::Instant::now()), ());
    /// assert!(!now.result()?.is_empty());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn impure(&self) -> Self {
        Tasks { impure: true, ..self.clone() }
    }

    /// Starts a function on arguments, as [`Client::submit`] does.
    #[track_caller]
    pub fn submit<P, K, F: TaskFn<P, K>>(&self, function: F, args: impl IntoArgs<P>) -> TaskFuture<F::Output> {
        let node = Node::new(Function::of(function), args.record()).with_settings(self.settings.clone(), self.impure);
        TaskFuture::submit(&self.client, node)
    }

    /// Starts a function once for each item, as [`Client::map`] does.
    #[track_caller]
    pub fn map<P, K, F: TaskFn<P, K>, I>(&self, function: F, items: I) -> TaskFutures<F::Output>
    where
        I: IntoIterator,
        I::Item: IntoArgs<P>,
    {
        let function = Function::of(function);
        let rows: Vec<Vec<Recorded>> = items.into_iter().map(IntoArgs::record).collect();
        let alike = if self.impure { Rows::Varied } else { Rows::Alike };
        TaskFutures::submit(&self.client, Key::from(function.short_name()), &function, &rows, &self.settings, alike)
    }
}

impl Client {
    /// Functions that are started with more than their arguments: `client.tasks().retries(3).priority(5).submit(f, args)`.
    pub fn tasks(&self) -> Tasks {
        Tasks { client: self.clone(), settings: Settings::default(), impure: false }
    }

    /// Starts a function on arguments: one bare, several as a tuple, none as `()`. Arguments may be futures.
    ///
    /// What goes wrong, be it at submit, is the future's.
    #[track_caller]
    pub fn submit<P, K, F: TaskFn<P, K>>(&self, function: F, args: impl IntoArgs<P>) -> TaskFuture<F::Output> {
        self.tasks().submit(function, args)
    }

    /// Starts a function once for each item: one run and one message, however many items.
    ///
    /// What goes wrong, be it at submit, is that of every future.
    #[track_caller]
    pub fn map<P, K, F: TaskFn<P, K>, I>(&self, function: F, items: I) -> TaskFutures<F::Output>
    where
        I: IntoIterator,
        I::Item: IntoArgs<P>,
    {
        self.tasks().map(function, items)
    }
}
