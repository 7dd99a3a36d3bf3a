//! [`Graph`]: keys, each a value or a call of a function on other keys.

use super::resolve;
use crate::{
    Key, Result,
    delayed::{Node, lower_with},
    function::{Function, IntoArgs, Recorded, TaskFn},
    graph::LayeredGraph,
    value::{Data, Value},
};
use std::{fmt, path::Path, sync::Arc};

/// A name of a [`Graph`] as an argument.
///
/// ```
/// use stratal_core::handmade::key;
/// assert_eq!(key(("part", 3)).to_string(), "(part, 3)");
/// ```
pub fn key(key: impl Into<Key>) -> Key {
    key.into()
}

/// A graph written by hand: keys, each a value or a call on other keys. Keys may be used before they are there.
///
/// Each step gives a new graph that shares all with the one before.
///
/// ```
/// use stratal_core::handmade::{Graph, key};
///
/// fn inc(x: i64) -> i64 {
///     x + 1
/// }
///
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("z", add, (key("y"), 10));
/// assert_eq!(graph.lower(["z"])?.tasks(), 2);
/// let error = graph.lower(["zz"]).unwrap_err();
/// assert_eq!(error.to_string(), "graph: there is no key \"zz\"\nhelp: did you mean \"z\"?");
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "nothing runs before a verb"]
pub struct Graph {
    last: Option<Arc<Entry>>,
    fused: bool,
    inlined: bool,
}

/// One key of a graph, and the graph before it.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) what: What,
    before: Graph,
}

/// What a key stands for.
#[derive(Clone)]
pub(super) enum What {
    /// A value.
    Value(Data),
    /// A call.
    Call(Arc<Function>, Vec<Recorded>),
    /// The results of other keys, as a list.
    List(Vec<Recorded>),
}

impl Graph {
    /// A graph without keys.
    pub fn new() -> Self {
        Graph::default()
    }

    fn with(&self, key: impl Into<Key>, what: What) -> Self {
        let last = Some(Arc::new(Entry { key: key.into(), what, before: self.clone() }));
        Graph { last, fused: self.fused, inlined: self.inlined }
    }

    /// Adds a value.
    pub fn value(&self, key: impl Into<Key>, value: impl Value) -> Self {
        self.with(key, What::Value(value.into_data()))
    }

    /// Adds a call. One argument is passed bare, several as a tuple, none as `()`.
    #[track_caller]
    pub fn call<P, K, F: TaskFn<P, K>>(&self, key: impl Into<Key>, f: F, args: impl IntoArgs<P>) -> Self {
        self.with(key, What::Call(Function::of(f), args.record()))
    }

    /// Adds a name for several keys. Who reads it gets their results as a vector, or as a tuple.
    ///
    /// ```
    /// use stratal_core::{Client, function::tasks::sum, handmade::{Graph, key}};
    /// let _client = Client::synchronous();
    /// let parts = Graph::new().value("x", 1i64).value("y", 2i64).list("parts", ["x", "y"]);
    /// assert_eq!(parts.call("sum", sum::<i64>, key("parts")).get::<i64>("sum")?, 3);
    /// assert_eq!(parts.get_nested::<(i64, Vec<i64>)>((key("y"), key("parts")))?, (2, vec![1, 2]));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn list<K: Into<Key>>(&self, key: impl Into<Key>, keys: impl IntoIterator<Item = K>) -> Self {
        self.with(key, What::List(keys.into_iter().map(|key| Recorded::Key(key.into())).collect()))
    }

    /// The same graph without the keys that these do not need.
    ///
    /// ```
    /// use stratal_core::handmade::{Graph, key};
    /// let graph = Graph::new().value("x", 1i64).call("y", |x: i64| x + 1, key("x")).value("z", 2i64);
    /// assert_eq!(graph.cull(["y"])?.keys(), [key("x"), key("y")]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`lower`](Self::lower).
    pub fn cull<K: Into<Key>>(&self, keys: impl IntoIterator<Item = K>) -> Result<Graph> {
        let wanted: Vec<Key> = keys.into_iter().map(Into::into).collect();
        let needed = resolve::needed(self, &wanted)?;
        let empty = Graph { last: None, fused: self.fused, inlined: self.inlined };
        let kept = self.entries().into_iter().zip(needed).filter(|(_, needed)| *needed);
        Ok(kept.fold(empty, |graph, (entry, _)| graph.with(entry.key.clone(), entry.what.clone())))
    }

    /// Where a call is read by one other, and is all that the other reads, both run as one task. What is asked for keeps a
    /// task of its own.
    ///
    /// ```
    /// use stratal_core::handmade::{Graph, key};
    /// fn inc(x: i64) -> i64 {
    ///     x + 1
    /// }
    /// let graph = Graph::new().call("x", inc, 1).call("y", inc, key("x")).call("z", inc, key("y"));
    /// assert_eq!((graph.lower(["z"])?.tasks(), graph.fuse().lower(["z"])?.tasks()), (3, 1));
    /// assert_eq!(graph.fuse().get::<i64>("z")?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn fuse(&self) -> Self {
        Graph { last: self.last.clone(), fused: true, inlined: self.inlined }
    }

    /// Values are written into the calls that read them, however large they are. Without it a value above 1 KiB is a task of
    /// its own, which is made once and passed on.
    ///
    /// ```
    /// use stratal_core::handmade::{Graph, key};
    /// let graph = Graph::new().value("x", vec![1i64; 1000]).call("n", |x: &[i64]| x.len(), key("x"));
    /// assert_eq!((graph.lower(["n"])?.tasks(), graph.inline().lower(["n"])?.tasks()), (2, 1));
    /// assert_eq!(graph.inline().get::<usize>("n")?, 1000);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn inline(&self) -> Self {
        Graph { last: self.last.clone(), fused: self.fused, inlined: true }
    }

    /// Whether values of any size are written into the calls that read them.
    pub(super) fn is_inlined(&self) -> bool {
        self.inlined
    }

    /// Whether chains of calls are put together.
    pub(crate) fn is_fused(&self) -> bool {
        self.fused
    }

    /// The same arguments, with the keys of lists in place of the lists' names.
    pub(crate) fn spread(&self, args: Recorded) -> Result<Recorded> {
        resolve::spread(self, args)
    }

    /// The keys, in the order in which they were added.
    pub fn keys(&self) -> Vec<Key> {
        self.entries().iter().map(|entry| entry.key.clone()).collect()
    }

    pub(super) fn entries(&self) -> Vec<&Arc<Entry>> {
        let mut entries = Vec::new();
        let mut graph = self;
        while let Some(entry) = &graph.last {
            entries.push(entry);
            graph = &entry.before;
        }
        entries.reverse();
        entries
    }

    /// The calls behind the wanted keys, in the order of the keys.
    ///
    /// # Errors
    /// As [`lower`](Self::lower).
    pub fn nodes(&self, wanted: &[Key]) -> Result<Vec<Arc<Node>>> {
        resolve::nodes(self, wanted)
    }

    /// The graph that makes the wanted keys and nothing else, one output each.
    ///
    /// # Errors
    /// `Graph`: an unknown key, a key that was added twice, a key that depends on itself.
    pub fn lower<K: Into<Key>>(&self, wanted: impl IntoIterator<Item = K>) -> Result<LayeredGraph> {
        let wanted: Vec<Key> = wanted.into_iter().map(Into::into).collect();
        lower_with(None, &self.nodes(&wanted)?, "graph", self.fused)
    }

    /// Draws what would run for the keys that no other reads, in the format of the path's ending.
    ///
    /// # Errors
    /// As [`lower`](Self::lower) and [`LayeredGraph::visualize`].
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        self.lower(resolve::unread(self)?)?.visualize(path)
    }
}

/// Takes a graph apart from its end, so that dropping it does not recurse.
impl Drop for Graph {
    fn drop(&mut self) {
        let mut last = self.last.take();
        while let Some(mut entry) = last.and_then(Arc::into_inner) {
            last = entry.before.last.take();
        }
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph({} keys)", self.entries().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, graph::Work};

    fn inc(x: i64) -> i64 {
        x + 1
    }

    fn add(a: i64, b: i64) -> i64 {
        a + b
    }

    fn message(graph: &Graph, wanted: &str) -> String {
        let error = graph.lower([wanted]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Graph);
        error.to_string()
    }

    #[test]
    fn a_key_that_depends_on_itself_is_named_with_the_way() {
        let graph = Graph::new().call("x", inc, key("y")).call("y", inc, key("z")).call("z", add, (1, key("x")));
        let text = "graph: \"x\" depends on itself: x -> y -> z -> x\nhelp: remove one of these references";
        assert_eq!(message(&graph, "x"), text);
        let own = Graph::new().call("x", inc, key("x")).call("w", inc, key("x"));
        assert_eq!(message(&own, "w"), "graph: \"x\" depends on itself: x -> x\nhelp: remove one of these references");
    }

    #[test]
    fn unknown_and_doubled_keys_are_named() {
        let graph = Graph::new().value("part", 1i64).call("y", inc, key("prat"));
        assert_eq!(message(&graph, "y"), "graph: \"y\" reads \"prat\", which is not there\nhelp: did you mean \"part\"?");
        assert_eq!(message(&graph.value("y", 2i64), "part"), "graph: key \"y\" was added twice\nhelp: rename one of the two");
    }

    #[test]
    fn only_what_is_wanted_is_lowered_and_equal_calls_are_one_task() {
        let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("same", Vec::<i64>::len, key("list"));
        let graph = graph.value("list", vec![1i64]).call("z", add, (key("y"), key("y")));
        assert_eq!(graph.lower(["z"]).unwrap().tasks(), 2);
        let lowered = graph.lower(["x", "z"]).unwrap();
        assert_eq!(lowered.outputs.iter().map(|output| output.key.to_string()).collect::<Vec<_>>(), ["x", "z"]);
        assert_eq!(lowered.layers.len(), 1);
        assert!(matches!(&lowered.layers[0].work, Work::Each(_, calls) if calls.rows.len() == 3));
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_keys_needs_no_deep_stack() {
        let mut graph = Graph::new().value(("x", 0), 0i64);
        for i in 1..100_000 {
            graph = graph.call(("x", i), inc, key(("x", i - 1)));
        }
        assert_eq!(graph.lower([("x", 99_999)]).unwrap().tasks(), 99_999);
    }
}
