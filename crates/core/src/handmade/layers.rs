//! [`LayersBuilder`]: layers written by hand, one function each, that read one another by [`Edge`](super::Edge)s.

use super::assemble;
use crate::{
    Result,
    function::{Function, IntoArgs, Recorded, TaskFn},
    graph::LayeredGraph,
    value::Value,
};
use std::sync::Arc;

/// Layers written by hand; begun by [`LayeredGraph::builder`]. Each step gives a new builder.
///
/// ```
/// use stratal_core::{graph::LayeredGraph, handmade::Edge};
///
/// fn read(path: &str) -> i64 {
///     path.len() as i64
/// }
///
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// fn total(parts: &[i64]) -> i64 {
///     parts.iter().sum()
/// }
///
/// let files = (0..4).map(|i| format!("data/myfile.{i}.csv"));
/// let graph = LayeredGraph::builder()
///     .source("read", read, files)
///     .layer("add", add, (Edge::one_to_one("read"), 100))
///     .layer("total", total, Edge::all("add"))
///     .build()?;
/// let tasks: Vec<_> = graph.layers.iter().map(|layer| (layer.spec.name.as_str(), layer.spec.tasks)).collect();
/// assert_eq!(tasks, [("read", 4), ("add", 4), ("total", 1)]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "build() makes the graph"]
pub struct LayersBuilder {
    steps: Vec<Arc<Step>>,
}

/// One layer as it was written.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) function: Arc<Function>,
    /// The type names of what the function takes and gives.
    pub(super) parameters: Vec<String>,
    pub(super) output: String,
    pub(super) args: StepArgs,
}

/// What the tasks of a layer are passed.
pub(super) enum StepArgs {
    /// Arguments of its own for each.
    Each(Vec<Vec<Recorded>>),
    /// The same for all, but for what edges give.
    Same(Vec<Recorded>),
}

impl LayeredGraph {
    /// Begins layers that are written by hand.
    pub fn builder() -> LayersBuilder {
        LayersBuilder::default()
    }
}

impl LayersBuilder {
    fn with<P, K, F: TaskFn<P, K>>(&self, name: String, function: Arc<Function>, args: StepArgs) -> Self {
        let step = Step { name, function, parameters: F::parameters(), output: F::Output::type_name(), args };
        let mut steps = self.steps.clone();
        steps.push(Arc::new(step));
        LayersBuilder { steps }
    }

    /// Adds a layer with one task for each item, which is its argument (several: a tuple).
    #[track_caller]
    pub fn source<P, K, F, I>(&self, name: impl Into<String>, f: F, items: I) -> Self
    where
        F: TaskFn<P, K>,
        I: IntoIterator<Item: IntoArgs<P>>,
    {
        let rows = items.into_iter().map(IntoArgs::record).collect();
        self.with::<P, K, F>(name.into(), Function::of(f), StepArgs::Each(rows))
    }

    /// Adds a layer that reads layers before it. It has as many tasks as its one-to-one inputs; else as many as its tree,
    /// ranges or explicit edges say; else one.
    #[track_caller]
    pub fn layer<P, K, F: TaskFn<P, K>>(&self, name: impl Into<String>, f: F, args: impl IntoArgs<P>) -> Self {
        self.with::<P, K, F>(name.into(), Function::of(f), StepArgs::Same(args.record()))
    }

    /// Makes the graph. What no layer reads is what it is run for.
    ///
    /// # Errors
    /// `Graph`: two layers of one name, an edge from a layer that is not there or stands later, edges that disagree on the
    /// number of tasks or lead out of a layer. `TypeMismatch`: an edge that gives what the function does not take.
    pub fn build(&self) -> Result<LayeredGraph> {
        assemble::build(&self.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ErrorKind,
        delayed::delayed,
        graph::{EdgeMap, Work},
        handmade::{Edge, key},
    };

    fn inc(x: i64) -> i64 {
        x + 1
    }

    fn add(a: i64, b: i64) -> i64 {
        a + b
    }

    fn sum(values: &[i64]) -> i64 {
        values.iter().sum()
    }

    fn four() -> LayersBuilder {
        LayeredGraph::builder().source("four", inc, 0..4)
    }

    fn error(builder: LayersBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Graph | ErrorKind::TypeMismatch));
        error.to_string()
    }

    #[test]
    fn the_number_of_tasks_follows_from_the_edges() {
        let graph = four()
            .layer("same", inc, Edge::one_to_one("four"))
            .layer("pairs", sum, Edge::tree("same", 3))
            .layer("ranges", sum, Edge::ranges("four", [0..2, 1..4, 4..4]))
            .layer("lists", sum, Edge::explicit("four", [vec![3, 0], vec![]]))
            .layer("all", add, (Edge::one_to_one("single"), 1));
        assert!(graph.build().is_err());
        let graph = four()
            .layer("same", inc, Edge::one_to_one("four"))
            .layer("pairs", sum, Edge::tree("same", 3))
            .layer("ranges", sum, Edge::ranges("four", [0..2, 1..4, 4..4]))
            .layer("lists", sum, Edge::explicit("four", [vec![3, 0], vec![]]))
            .layer("all", sum, Edge::all("pairs"))
            .build()
            .unwrap();
        assert_eq!(graph.layers.iter().map(|layer| layer.spec.tasks).collect::<Vec<_>>(), [4, 4, 2, 3, 2, 1]);
        assert_eq!(graph.outputs.iter().map(|output| output.key.to_string()).collect::<Vec<_>>(), ["ranges", "lists", "all"]);
        assert!(matches!(graph.layers[1].work, Work::Uniform(_)));
    }

    #[test]
    fn one_layer_read_twice_over_the_same_edge_is_one_input() {
        let graph = four().layer("twice", add, (Edge::one_to_one("four"), Edge::one_to_one("four"))).build().unwrap();
        assert_eq!(graph.layers[1].spec.inputs.len(), 1);
        let lists = four().layer("list", sum, vec![Edge::one_to_one("four"), Edge::one_to_one("four")]).build().unwrap();
        assert_eq!(lists.layers[1].spec.tasks, 4);
    }

    #[test]
    fn calls_as_arguments_become_layers_of_their_own() {
        let graph = four().layer("add", add, (Edge::one_to_one("four"), delayed(inc, delayed(inc, 1)))).build().unwrap();
        let [four, calls, add] = &graph.layers[..] else { panic!("there are three layers") };
        assert_eq!((four.spec.tasks, calls.spec.tasks, add.spec.tasks), (4, 2, 4));
        assert_eq!(add.spec.inputs[1].map, EdgeMap::Ranges(vec![1..2; 4].into()));
    }

    #[test]
    fn unknown_doubled_and_later_layers_are_named() {
        let text = "graph: layer \"x\" reads \"fuor\", which is not there\nhelp: did you mean \"four\"?";
        assert_eq!(error(four().layer("x", inc, Edge::one_to_one("fuor"))), text);
        assert_eq!(error(four().layer("four", inc, 1)), "graph: two layers are called \"four\"\nhelp: rename one of the two");
        let text = "graph: layer \"x\" reads \"y\", which is added after it\nhelp: add \"y\" first";
        assert_eq!(error(four().layer("x", inc, Edge::one_to_one("y")).layer("y", inc, Edge::one_to_one("four"))), text);
    }

    #[test]
    fn a_cycle_is_named_with_the_way() {
        let own = four().layer("x", inc, Edge::one_to_one("x"));
        assert_eq!(error(own), "graph: \"x\" depends on itself: x -> x\nhelp: remove one of these references");
        let long = four().layer("x", add, (Edge::one_to_one("four"), Edge::one_to_one("z")));
        let long = long.layer("y", inc, Edge::one_to_one("x")).layer("z", inc, Edge::one_to_one("y"));
        assert_eq!(error(long), "graph: \"x\" depends on itself: x -> z -> y -> x\nhelp: remove one of these references");
    }

    #[test]
    fn edges_that_disagree_are_named() {
        let two = four().source("two", inc, 0..2);
        let text = "graph: layer \"x\": a one-to-one edge from four makes 4 tasks, and a one-to-one edge from two makes 2";
        assert_eq!(error(two.layer("x", add, (Edge::one_to_one("four"), Edge::one_to_one("two")))), text);
        assert!(error(four().layer("x", sum, Edge::ranges("four", [2..5, 0..1]))).contains("range 0 of a ranges edge is 2..5"));
        assert!(error(four().layer("x", sum, Edge::explicit("four", [[4]]))).contains("reads task 4 of a layer of 4"));
        assert!(error(four().layer("x", sum, Edge::tree("four", 0))).contains("fan-in of 0"));
        assert!(error(four().layer("x", sum, Edge::channel("four"))).contains("four leaves whole values"));
    }

    #[test]
    fn an_edge_of_a_wrong_type_is_named() {
        let text = "graph: layer \"x\", argument 1: a one-to-one edge from four gives i64, \
                    and Vec<i64> is taken\nhelp: did you mean Edge::all(\"four\")?";
        assert_eq!(error(four().layer("x", sum, Edge::one_to_one("four"))), text);
        let text = "graph: layer \"x\", argument 2: an all edge from four gives Vec<i64>, \
                    and i64 is taken\nhelp: did you mean Edge::one_to_one(\"four\")?";
        assert_eq!(error(four().layer("x", add, (1, Edge::all("four")))), text);
        assert!(
            error(four().layer("x", |names: &[String]| names.len(), Edge::all("four")))
                .contains("gives Vec<i64>, and Vec<String> is taken")
        );
        assert!(error(four().layer("x", inc, key("four"))).contains("key four stands outside of a Graph"));
    }
}
