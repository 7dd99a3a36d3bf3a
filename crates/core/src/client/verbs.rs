//! The verbs of delayed values and of graphs: what makes them run.

use super::{Client, Submitted, batch::owned};
use crate::{
    Error, ErrorKind, Key, Result,
    delayed::{Delayed, Node, lower_for, lower_with},
    executor::Executor,
    function::{Arg, Argument, Assemble, Given, Recorded},
    graph::{LayeredGraph, Work},
    handmade::Graph,
    sched::RunOptions,
    value::Value,
};
use std::sync::Arc;

fn options(name: &str) -> RunOptions {
    RunOptions { name: name.to_owned(), fail_fast: true, ..RunOptions::default() }
}

fn value<T: Value>(submitted: &Submitted, output: usize, nth: u32) -> Result<T> {
    owned(submitted.data(output, nth)?)
}

fn all<T: Value>(submitted: &Submitted, output: usize) -> Result<Vec<T>> {
    (0..submitted.len(output)).map(|nth| value(submitted, output, nth)).collect()
}

impl<T: Value> Delayed<T> {
    /// Runs the call and all that it reads, and gives its result.
    ///
    /// # Errors
    /// What went wrong first, with the function's name and arguments.
    pub fn compute(&self) -> Result<T> {
        let client = Client::current();
        let submitted = client.run(&self.lower_for(&client)?, options(self.key().name()))?;
        value(&submitted, 0, 0)
    }

    /// [`compute`](Self::compute), async.
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub async fn compute_async(&self) -> Result<T> {
        let client = Client::current();
        let submitted = client.run_async(&self.lower_for(&client)?, options(self.key().name())).await?;
        owned(submitted.data_async(0, 0).await?)
    }

    /// Runs the call and all that it reads, and keeps the result where it was made. The new lazy value stands for it: what
    /// reads that runs nothing again. It is kept while the new value, or one that was made from it, lives.
    ///
    /// ```
    /// use stratal_core::delayed::delayed;
    /// let slow = delayed(|n: i64| (1..=n).product::<i64>(), 10).persist()?;
    /// assert_eq!(delayed(|x: i64| x / 10, &slow).compute()?, 362_880);
    /// assert_eq!(slow.compute()?, 3_628_800);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute). A verb on another client refuses the new value: the result is not there.
    pub fn persist(&self) -> Result<Delayed<T>> {
        let client = Client::current();
        self.kept_by(&client.run(&self.lower_for(&client)?, options(self.key().name()))?)
    }

    /// [`persist`](Self::persist), async.
    ///
    /// # Errors
    /// As [`persist`](Self::persist).
    pub async fn persist_async(&self) -> Result<Delayed<T>> {
        let client = Client::current();
        self.kept_by(&client.run_async(&self.lower_for(&client)?, options(self.key().name())).await?)
    }

    fn kept_by(&self, submitted: &Submitted) -> Result<Delayed<T>> {
        let (mut ranges, lease) = submitted.held(0).ok_or_else(|| Error::internal("a run of a call without an output"))?;
        let range = ranges.pop().ok_or_else(|| Error::internal("a call has no result"))?;
        Ok(Delayed::kept(range, lease, self.key()))
    }

    fn lower_for(&self, client: &Client) -> Result<LayeredGraph> {
        lower_for(Some(client.executor()?), std::slice::from_ref(self.node()), "delayed")
    }

    /// Whether the current client could run it: keys where none may stand, futures of another client, closures that would
    /// have to leave this process. Nothing runs.
    ///
    /// ```
    /// use stratal_core::{Client, delayed::delayed, handmade::key};
    /// let _client = Client::synchronous();
    /// delayed(|x: i64| x + 1, 1).check()?;
    /// assert!(delayed(|x: i64| x + 1, key("x")).check().is_err());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// What [`compute`](Self::compute) would refuse before anything runs.
    pub fn check(&self) -> Result<&Self> {
        let client = Client::current();
        let graph = self.lower_for(&client)?;
        let topology = client.executor()?.topology();
        graph.validate()?;
        graph.check_memory(topology.memory)?;
        for layer in graph.layers.iter().filter(|_| !topology.same_process) {
            if let Work::Uniform(template) | Work::Each(template, _) = &layer.work {
                template.body.encode()?;
            }
        }
        Ok(self)
    }

    /// Draws the graph that would run, in the format of the path's ending.
    ///
    /// # Errors
    /// As [`LayeredGraph::visualize`].
    pub fn visualize(&self, path: impl AsRef<std::path::Path>) -> Result<()> {
        self.lower()?.visualize(path)
    }
}

/// Lazy values that are run together, as one graph in which shared calls run once: a delayed value, and tuples and vectors
/// of what can be.
pub trait Compute {
    /// What it gives.
    type Output;

    /// Adds the calls that are wanted.
    fn roots(&self, roots: &mut Vec<Arc<Node>>);

    /// Takes its results, the next ones in order.
    fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<Self::Output>;
}

/// Runs several lazy values as one graph and gives all their results.
///
/// ```
/// use stratal_core::{client::compute, delayed::delayed};
/// let shared = delayed(|x: i64| x * 10, 4);
/// let sums: Vec<_> = (0..3).map(|i| delayed(|a: i64, b: i64| a + b, (&shared, i))).collect();
/// let (forty, sums) = compute((&shared, sums))?;
/// assert_eq!((forty, sums), (40, vec![40, 41, 42]));
/// # Ok::<(), stratal_core::Error>(())
/// ```
///
/// # Errors
/// What went wrong first.
pub fn compute<C: Compute>(values: C) -> Result<C::Output> {
    let mut roots = Vec::new();
    values.roots(&mut roots);
    let client = Client::current();
    let submitted = client.run(&lower_for(Some(client.executor()?), &roots, "compute")?, options("compute"))?;
    values.take(&submitted, &mut 0)
}

impl<T: Value> Compute for Delayed<T> {
    type Output = T;

    fn roots(&self, roots: &mut Vec<Arc<Node>>) {
        roots.push(self.node().clone());
    }

    fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<T> {
        *next += 1;
        value(submitted, *next - 1, 0)
    }
}

impl<C: Compute> Compute for &C {
    type Output = C::Output;

    fn roots(&self, roots: &mut Vec<Arc<Node>>) {
        (**self).roots(roots);
    }

    fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<C::Output> {
        (**self).take(submitted, next)
    }
}

impl<C: Compute> Compute for Vec<C> {
    type Output = Vec<C::Output>;

    fn roots(&self, roots: &mut Vec<Arc<Node>>) {
        self.iter().for_each(|value| value.roots(roots));
    }

    fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<Self::Output> {
        self.iter().map(|value| value.take(submitted, next)).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Compute),+> Compute for ($($name,)+) {
            type Output = ($($name::Output,)+);

            #[allow(non_snake_case, reason = "the type parameters name the values")]
            fn roots(&self, roots: &mut Vec<Arc<Node>>) {
                let ($($name,)+) = self;
                $($name.roots(roots);)+
            }

            #[allow(non_snake_case, reason = "the type parameters name the values")]
            fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<Self::Output> {
                let ($($name,)+) = self;
                Ok(($($name.take(submitted, next)?,)+))
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

impl LayeredGraph {
    /// Runs what one result needs, and gives it: an output's key, or a layer's name and an index.
    ///
    /// # Errors
    /// `Graph` for an unknown key; what went wrong first; `TypeMismatch` when the result is no `T`.
    pub fn get<T: Value>(&self, key: impl Into<Key>) -> Result<T> {
        Client::current().get(self, key)
    }

    /// Runs what all results of an output or a layer need, and gives them in order.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_all<T: Value>(&self, key: impl Into<Key>) -> Result<Vec<T>> {
        Client::current().get_all(self, key)
    }
}

/// A graph of which results can be asked for by key.
pub trait Keyed {
    /// The part of the graph that these results need, to be run by this executor.
    ///
    /// # Errors
    /// `Graph` for an unknown key, a cycle, or a future that another executor keeps.
    fn lower_keys(&self, keys: &[Key], executor: &Arc<dyn Executor>) -> Result<LayeredGraph>;
}

impl Keyed for LayeredGraph {
    fn lower_keys(&self, keys: &[Key], _: &Arc<dyn Executor>) -> Result<LayeredGraph> {
        self.cull(keys)
    }
}

impl Keyed for Graph {
    fn lower_keys(&self, keys: &[Key], executor: &Arc<dyn Executor>) -> Result<LayeredGraph> {
        lower_with(Some(executor), &self.nodes(keys)?, "graph", self.is_fused())
    }
}

/// The keys among what is asked for, in reading order.
fn keys_of(asked: &Recorded, keys: &mut Vec<Key>) -> Result<()> {
    match asked {
        Recorded::Key(key) => keys.push(key.clone()),
        Recorded::List(items) => items.iter().try_for_each(|item| keys_of(item, keys))?,
        Recorded::Literal(_) => {}
        _ => {
            let error = Error::new(ErrorKind::Graph, "something else than keys and values is asked of a graph");
            return Err(error.with_help("ask for keys, and for lists and tuples of them"));
        }
    }
    Ok(())
}

/// What is asked for, with the results in place of the keys.
fn filled(asked: Recorded, submitted: &Submitted, next: &mut usize) -> Result<Given> {
    Ok(match asked {
        Recorded::Literal(data) => Given::One(data),
        Recorded::List(items) => Given::Many(items.into_iter().map(|item| filled(item, submitted, next)).collect::<Result<_>>()?),
        _ => {
            *next += 1;
            Given::One(submitted.data(*next - 1, 0)?)
        }
    })
}

impl Graph {
    /// Runs what one key needs, and gives its result.
    ///
    /// # Errors
    /// `Graph` for an unknown key or a cycle; what went wrong first; `TypeMismatch` when the result is no `T`.
    pub fn get<T: Value>(&self, key: impl Into<Key>) -> Result<T> {
        Client::current().get(self, key)
    }

    /// Runs what several keys need, and gives their results in order.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_all<T: Value>(&self, keys: impl IntoIterator<Item = impl Into<Key>>) -> Result<Vec<T>> {
        let keys: Vec<Key> = keys.into_iter().map(Into::into).collect();
        let client = Client::current();
        let submitted = client.run(&self.lower_keys(&keys, client.executor()?)?, options("graph"))?;
        (0..keys.len()).map(|output| value(&submitted, output, 0)).collect()
    }

    /// Runs what keys need that stand in vectors and tuples, as one graph, and gives their results in the same places.
    ///
    /// ```
    /// use stratal_core::{Client, handmade::{Graph, key}};
    /// let _client = Client::synchronous();
    /// let graph = Graph::new().value("x", 1i64).call("y", |x: i64| x + 1, key("x")).call("name", |x: i64| format!("n{x}"), key("y"));
    /// let (both, name) = graph.get_nested::<(Vec<i64>, String)>((vec![key("x"), key("y")], key("name")))?;
    /// assert_eq!((both, name), (vec![1, 2], "n2".to_owned()));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_nested<T: Assemble>(&self, keys: impl Arg<T>) -> Result<T> {
        Client::current().get_nested(self, keys)
    }
}

impl Client {
    /// Runs what one result of a graph needs, here, and gives it.
    ///
    /// # Errors
    /// As [`LayeredGraph::get`].
    pub fn get<T: Value>(&self, graph: &impl Keyed, key: impl Into<Key>) -> Result<T> {
        let key = key.into();
        let submitted = self.run(&graph.lower_keys(std::slice::from_ref(&key), self.executor()?)?, options(key.name()))?;
        value(&submitted, 0, 0)
    }

    /// Runs what all results of an output or a layer need, here, and gives them in order.
    ///
    /// # Errors
    /// As [`LayeredGraph::get_all`].
    pub fn get_all<T: Value>(&self, graph: &impl Keyed, key: impl Into<Key>) -> Result<Vec<T>> {
        let key = key.into();
        let submitted = self.run(&graph.lower_keys(std::slice::from_ref(&key), self.executor()?)?, options(key.name()))?;
        all(&submitted, 0)
    }

    /// Runs what keys need that stand in vectors and tuples, here and as one graph, and gives their results in the same
    /// places.
    ///
    /// # Errors
    /// As [`Graph::get_nested`].
    pub fn get_nested<T: Assemble>(&self, graph: &Graph, keys: impl Arg<T>) -> Result<T> {
        let asked = match keys.record() {
            Argument::Value(value) => return Ok(value),
            Argument::Link(asked) => graph.spread(asked)?,
        };
        let mut keys = Vec::new();
        keys_of(&asked, &mut keys)?;
        let submitted = self.run(&graph.lower_keys(&keys, self.executor()?)?, options("graph"))?;
        let given = filled(asked, &submitted, &mut 0)?;
        T::assemble(given).map(Arc::unwrap_or_clone)
    }
}
