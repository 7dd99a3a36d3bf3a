//! What makes work happen. Every verb blocks, works anywhere (inside a runtime, inside a task), and has an async twin.

use super::DArray;
use crate::{
    element::Element,
    grid::{lens, show_shape},
    lower::{Lowered, check_result, explain, fitted, lower, lower_as_written},
    node::{Held, Node, Op},
};
use bytemuck::Zeroable;
use ndarray::{ArrayD, IxDyn};
use std::{path::Path, sync::Arc};
use stratal_core::{
    Error, ErrorKind, Result,
    client::Submitted,
    graph::LayeredGraph,
    runtime,
    sched::RunOptions,
    value::{Chunk, DType, Data},
};

pub(super) fn options(name: &str) -> RunOptions {
    RunOptions { name: name.to_owned(), fail_fast: true, ..RunOptions::default() }
}

/// Does what may block (lowering, connecting) where it holds nobody up.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = runtime::io().spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::internal(format!("lowering broke off: {error}"))))
}

fn wrong_type(have: DType, want: DType) -> Error {
    Error::new(ErrorKind::DType, format!("the array is {have}, and {want} was asked for"))
        .with_help(format!("ask for {have}, or .cast it first"))
}

pub(super) fn chunk_of(data: Data) -> Result<Chunk> {
    match data {
        Data::Chunk(chunk) => Ok(chunk),
        other => Err(Error::internal(format!("a chunk is {}", other.type_name()))),
    }
}

/// The elements of a node, into which its chunks are copied one after another: none is kept.
struct Gathered<'a, T: Element> {
    node: &'a Node,
    shape: Vec<usize>,
    items: Vec<T::Plain>,
    /// The chunk that comes next.
    next: u32,
}

impl<'a, T: Element> Gathered<'a, T> {
    fn new(node: &'a Node) -> Result<Self> {
        let shape = node.grid.shape();
        let too_many = || Error::new(ErrorKind::Shape, format!("shape {} has more elements than can be counted", show_shape(&shape)));
        let len = shape.iter().try_fold(1usize, |product, len| product.checked_mul(*len));
        let len = len.filter(|len| *len <= isize::MAX as usize / size_of::<T>()).ok_or_else(too_many)?;
        Ok(Gathered { node, shape, items: vec![<T::Plain as Zeroable>::zeroed(); len], next: 0 })
    }

    fn push(&mut self, chunk: &Chunk) -> Result<()> {
        let (dtype, bounds) = (self.node.dtype, self.node.grid.bounds(self.next));
        if chunk.shape() != lens(&bounds) || chunk.dtype() != dtype {
            return Err(Error::internal(format!("chunk {} is {chunk:?}, and {dtype} {bounds:?} was promised", self.next)));
        }
        self.next += 1;
        let at: Vec<usize> = bounds.iter().map(|range| range.start).collect();
        chunk.write_into(bytemuck::cast_slice_mut(&mut self.items), &self.shape, &at)
    }

    fn all(self) -> Result<ArrayD<T>> {
        if self.node.grid.tasks()? != self.next {
            return Err(Error::internal(format!("{} chunks came of {}", self.next, self.node.grid.show())));
        }
        ArrayD::from_shape_vec(IxDyn(&self.shape), T::of_plain(self.items)).map_err(|error| Error::internal(error.to_string()))
    }
}

/// The elements of all chunks of a node, which are let go one by one.
pub(super) fn array_of<T: Element>(node: &Node, chunks: impl Iterator<Item = Result<Chunk>>) -> Result<ArrayD<T>> {
    let mut gathered = Gathered::<T>::new(node)?;
    for chunk in chunks {
        gathered.push(&chunk?)?;
    }
    gathered.all()
}

impl DArray {
    /// The node, where its elements are of this type.
    pub(super) fn node_of<T: Element>(&self) -> Result<&Arc<Node>> {
        let node = self.node()?;
        if node.dtype == T::DTYPE { Ok(node) } else { Err(wrong_type(node.dtype, T::DTYPE)) }
    }

    fn one<T: Element>(&self) -> Result<()> {
        let shape = self.node_of::<T>()?.grid.shape();
        if shape.iter().all(|len| *len == 1) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Shape, format!("an array of shape {} is no scalar", show_shape(&shape)))
            .with_help("reduce it, as by .sum(..), or take an element: .slice(s![0, 0])"))
    }

    /// What will run, by what one worker of the client may hold, and why so.
    pub(super) fn planned(&self) -> Result<Lowered> {
        let node = self.node()?;
        lower(node, self.client.executor()?.topology().memory)
    }

    /// What will run, where it fits into memory, its result too: with the array that it is `gathered` into, if it is.
    fn lowered(&self, gathered: bool) -> Result<LayeredGraph> {
        let node = self.node()?;
        let executor = self.client.executor()?;
        let (graph, costs) = self.planned()?.run_by(executor)?;
        let topology = executor.topology();
        check_result(node, topology, gathered)?;
        fitted(graph.prune(), &costs, topology)
    }

    async fn lowered_async(&self, gathered: bool) -> Result<LayeredGraph> {
        let array = self.clone();
        off_thread(move || array.lowered(gathered)).await
    }

    /// Runs everything and gives all elements. `T` is the array's dtype.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let squares = DArray::arange(0i64..4).square().compute::<i64>()?;
    /// assert_eq!(squares, ndarray::arr1(&[0, 1, 4, 9]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake, with the line it was written on; `DType` where `T` is another; what went wrong while it ran.
    pub fn compute<T: Element>(&self) -> Result<ArrayD<T>> {
        let node = self.node_of::<T>()?;
        let graph = self.lowered(true)?;
        let submitted = self.client.run(&graph, options(node.name))?;
        array_of(node, (0..submitted.len(0)).map(|nth| chunk_of(submitted.data(0, nth)?)))
    }

    /// [`compute`](Self::compute), async.
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub async fn compute_async<T: Element>(&self) -> Result<ArrayD<T>> {
        let node = self.node_of::<T>()?;
        let graph = self.lowered_async(true).await?;
        let submitted = self.client.run_async(&graph, options(node.name)).await?;
        let mut gathered = Gathered::<T>::new(node)?;
        for nth in 0..submitted.len(0) {
            gathered.push(&chunk_of(submitted.data_async(0, nth).await?)?)?;
        }
        gathered.all()
    }

    /// Runs everything and gives the one element.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..5).max(..).scalar::<i64>()?, 4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Shape` for an array of another number of elements; else as [`compute`](Self::compute).
    pub fn scalar<T: Element>(&self) -> Result<T> {
        self.one::<T>()?;
        first(self.compute()?)
    }

    /// [`scalar`](Self::scalar), async.
    ///
    /// # Errors
    /// As [`scalar`](Self::scalar).
    pub async fn scalar_async<T: Element>(&self) -> Result<T> {
        self.one::<T>()?;
        first(self.compute_async().await?)
    }

    /// Runs everything and leaves the chunks where they are; the array that is given back goes on from there, and keeps them
    /// while it, or one made from it, lives.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let x = DArray::arange(0i64..4).square().persist()?;
    /// assert_eq!(x.sum(..).scalar::<i64>()?, 14);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn persist(&self) -> Result<DArray> {
        let node = self.node()?;
        let submitted = self.client.run(&self.lowered(false)?, options(node.name))?;
        self.held(node, &submitted)
    }

    /// [`persist`](Self::persist), async.
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub async fn persist_async(&self) -> Result<DArray> {
        let node = self.node()?;
        let graph = self.lowered_async(false).await?;
        let submitted = self.client.run_async(&graph, options(node.name)).await?;
        self.held(node, &submitted)
    }

    fn held(&self, node: &Node, submitted: &Submitted) -> Result<DArray> {
        let (ranges, lease) = submitted.held(0).ok_or_else(|| Error::internal("a run without an output"))?;
        let held = Node::new("persist", node.grid.clone(), node.dtype, Op::Held(Held { ranges, lease }), Vec::new());
        Ok(DArray { node: Ok(held), client: self.client.clone() })
    }

    /// Finds the first mistake. Runs nothing.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let wrong = DArray::zeros::<f64>((4, 3)) + DArray::zeros::<f64>(4);
    /// let message = "shapes (4, 3) and (4,) do not broadcast: axis -1 is 3 and 4";
    /// assert_eq!(wrong.check().err().map(|error| error.message().to_owned()).as_deref(), Some(message));
    /// ```
    ///
    /// # Errors
    /// That mistake, with the operation's name and the line it was written on.
    pub fn check(&self) -> Result<&DArray> {
        self.node().map(|_| self)
    }

    /// [`check`](Self::check), async.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub async fn check_async(&self) -> Result<&DArray> {
        self.check()
    }

    /// The lengths of the axes.
    ///
    /// # Errors
    /// The first mistake.
    pub fn shape(&self) -> Result<Vec<usize>> {
        Ok(self.node()?.grid.shape())
    }

    /// [`shape`](Self::shape), async.
    ///
    /// # Errors
    /// The first mistake.
    pub async fn shape_async(&self) -> Result<Vec<usize>> {
        self.shape()
    }

    /// What the elements are.
    ///
    /// # Errors
    /// The first mistake.
    pub fn dtype(&self) -> Result<DType> {
        Ok(self.node()?.dtype)
    }

    /// [`dtype`](Self::dtype), async.
    ///
    /// # Errors
    /// The first mistake.
    pub async fn dtype_async(&self) -> Result<DType> {
        self.dtype()
    }

    /// The lengths of the chunks along each axis.
    ///
    /// # Errors
    /// The first mistake; `Graph` for more chunks than are listed.
    pub fn chunks(&self) -> Result<Vec<Vec<usize>>> {
        self.node()?.grid.axes.iter().map(|axis| axis.listed().map(|()| axis.lens())).collect()
    }

    /// [`chunks`](Self::chunks), async.
    ///
    /// # Errors
    /// The first mistake.
    pub async fn chunks_async(&self) -> Result<Vec<Vec<usize>>> {
        self.chunks()
    }

    /// What will run: the rules that made the expression cheaper and how often each fired, the operations that are left, the
    /// layers, what was fused in each, what was not and why, what is read, and the memory that tasks are promised to take.
    ///
    /// ```
    /// use stratal_array::{DArray, s};
    /// let text = ((DArray::arange(0i64..10) + 1) * 2).sum(..).explain()?;
    /// assert!(text.contains("add+multiply+sum: 3 operations in one pass"), "{text}");
    /// let text = (DArray::arange(0i64..10) + 1).slice(s![..3]).explain()?;
    /// assert!(text.contains("rewrites  slice-into-made 1, view-through-elementwise 1\n"), "{text}");
    /// assert!(text.contains("memory    add[1]: 120 B a task, 120 B together\n"), "{text}");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake; what making the client from the configuration gave.
    pub fn explain(&self) -> Result<String> {
        let node = self.node()?;
        Ok(explain(node, &self.planned()?))
    }

    /// [`explain`](Self::explain), async.
    ///
    /// # Errors
    /// The first mistake; what making the client from the configuration gave.
    pub async fn explain_async(&self) -> Result<String> {
        let array = self.clone();
        off_thread(move || array.explain()).await
    }

    /// What will run, as a graph: layers without what the result does not need.
    ///
    /// # Errors
    /// The first mistake; what making the client from the configuration gave.
    pub fn graph(&self) -> Result<LayeredGraph> {
        Ok(self.planned()?.whole()?.prune())
    }

    /// What would run without any rewrite, where every box of chunks is put together first: the oracle of the tests.
    ///
    /// # Errors
    /// The first mistake.
    #[doc(hidden)]
    pub fn graph_as_written(&self) -> Result<LayeredGraph> {
        Ok(lower_as_written(self.node()?)?.whole()?.prune())
    }

    /// [`graph`](Self::graph), async.
    ///
    /// # Errors
    /// The first mistake; what making the client from the configuration gave.
    pub async fn graph_async(&self) -> Result<LayeredGraph> {
        let array = self.clone();
        off_thread(move || array.graph()).await
    }

    /// Draws what will run to a file, in the format of its ending: `.svg`, `.dot`, `.mmd`, `.txt`, `.png`.
    ///
    /// # Errors
    /// The first mistake; an unknown ending; a file that cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        self.graph()?.visualize(path)
    }

    /// [`visualize`](Self::visualize), async.
    ///
    /// # Errors
    /// As [`visualize`](Self::visualize).
    pub async fn visualize_async(&self, path: impl AsRef<Path>) -> Result<()> {
        let (array, path) = (self.clone(), path.as_ref().to_owned());
        off_thread(move || array.visualize(path)).await
    }
}

fn first<T: Element>(array: ArrayD<T>) -> Result<T> {
    array.iter().next().copied().ok_or_else(|| Error::internal("an array of one element has none"))
}
