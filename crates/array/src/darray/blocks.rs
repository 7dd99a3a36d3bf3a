//! Functions of the user's on chunks, and chunks as lazy values.

use super::DArray;
use crate::{
    blocks::Block,
    element::Element,
    grid::{Axis, Chunks, Grid, show_shape},
    node::{Node, Op},
};
use ndarray::{ArrayD, ArrayViewD};
use std::{panic::Location, sync::Arc};
use stratal_core::{
    Error, ErrorKind, Result,
    delayed::Delayed,
    function::{ByView, Function, Plain},
    runtime,
    value::{Chunk, DType, Value},
};

/// How core knows a function of a view that gives an array.
type Way<A, B> = fn((ArrayViewD<'static, A>, ByView)) -> (ArrayD<B>, Plain);

/// A function of a chunk, without its types.
#[track_caller]
fn function<A, B, F>(function: F) -> Arc<Function>
where
    A: Element + Value,
    B: Element + Value,
    F: Fn(ArrayViewD<'_, A>) -> ArrayD<B> + Send + Sync + 'static,
{
    Function::of::<(ArrayD<A>,), Way<A, B>, F>(function)
}

fn mapped(input: &Arc<Node>, wants: DType, gives: DType, grid: Result<Arc<Grid>>, function: Arc<Function>) -> Result<Arc<Node>> {
    if input.dtype != wants {
        let message = format!("{} takes {wants}, and the array is {}", function.label(), input.dtype);
        return Err(Error::new(ErrorKind::DType, message).with_help(format!("cast it first: .cast(DType::{wants:?})")));
    }
    Ok(Node::new("map_blocks", grid?, gives, Op::Map(function), vec![input.clone()]))
}

impl DArray {
    /// Calls a function on every chunk; what it gives has the shape of the chunk.
    ///
    /// What a chunk is follows from the array: see [`rechunk`](Self::rechunk). A closure runs in this process alone; a function of
    /// `#[stratal::task]` with such a signature runs on every worker of a program that links it, with the retries and resources
    /// that it asks for. It may block, and run verbs of its own. A panic in it, and another shape, are errors of the verb that say
    /// where.
    ///
    /// ```
    /// use stratal_array::{DArray, ndarray::ArrayViewD};
    /// let x = DArray::arange(0i64..6).rechunk(2);
    /// let steps = x.map_blocks(|block: ArrayViewD<'_, i64>| block.mapv(|x| (x - block[0]) as f64));
    /// assert_eq!(steps.compute::<f64>()?, ndarray::arr1(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn map_blocks<A, B, F>(&self, f: F) -> Self
    where
        A: Element + Value,
        B: Element + Value,
        F: Fn(ArrayViewD<'_, A>) -> ArrayD<B> + Send + Sync + 'static,
    {
        let function = function(f);
        self.then("map_blocks", Location::caller(), |input| mapped(input, A::DTYPE, B::DTYPE, Ok(input.grid.clone()), function))
    }

    /// [`map_blocks`](Self::map_blocks) of a function that gives blocks of other shapes: `chunks` are the lengths of the block that it
    /// gives for one, for each axis (-1: as it was), or the lengths of all blocks along each axis. These may be other axes than
    /// those of the array: the blocks that it gives stand in the order of the chunks.
    ///
    /// ```
    /// use stratal_array::{Chunks, DArray, ndarray::{ArrayViewD, Axis}};
    /// let x = DArray::ones::<f64>((4, 6)).rechunk([2, 3]);
    /// let sums = x.map_blocks_with(|block: ArrayViewD<'_, f64>| block.sum_axis(Axis(1)).insert_axis(Axis(1)), [-1, 1]);
    /// assert_eq!(sums.shape()?, [4, 2]);
    /// let all = x.map_blocks_with(|block: ArrayViewD<'_, f64>| ndarray::arr1(&[block.sum()]).into_dyn(), Chunks::cuts(vec![vec![1; 4]]));
    /// assert_eq!(all.compute::<f64>()?, ndarray::arr1(&[6.0; 4]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn map_blocks_with<A, B, F>(&self, f: F, chunks: impl Into<Chunks>) -> Self
    where
        A: Element + Value,
        B: Element + Value,
        F: Fn(ArrayViewD<'_, A>) -> ArrayD<B> + Send + Sync + 'static,
    {
        let (function, chunks) = (function(f), chunks.into());
        self.then("map_blocks_with", Location::caller(), |input| {
            mapped(input, A::DTYPE, B::DTYPE, chunks.of_blocks(&input.grid).map(Arc::new), function)
        })
    }

    /// The chunks as lazy values, in row-major order of the grid. What reads them stands in one graph with the array, which runs once
    /// in it; nothing runs before their verb.
    ///
    /// ```
    /// use stratal_array::{Chunk, ChunkArray, DArray};
    /// use stratal_core::{Result, client::compute, delayed::delayed};
    /// let x = DArray::arange(0i64..5).rechunk(2);
    /// let total = |chunk: &Chunk| -> Result<i64> { Ok(chunk.to_ndarray::<i64>()?.sum()) };
    /// let totals: Vec<_> = x.to_delayed()?.into_iter().map(|chunk| delayed(total, chunk)).collect();
    /// assert_eq!(compute(totals)?, [1, 5, 4]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake; what making the client from the configuration gave.
    pub fn to_delayed(&self) -> Result<Vec<Delayed<Chunk>>> {
        Ok(self.planned()?.subgraph()?.parts())
    }

    /// [`to_delayed`](Self::to_delayed), async.
    ///
    /// # Errors
    /// As [`to_delayed`](Self::to_delayed).
    pub async fn to_delayed_async(&self) -> Result<Vec<Delayed<Chunk>>> {
        let array = self.clone();
        let done = runtime::io().spawn_blocking(move || array.to_delayed()).await;
        done.unwrap_or_else(|error| Err(Error::internal(format!("lowering broke off: {error}"))))
    }

    /// Results of lazy values, each a chunk: a [`Chunk`], or an array of `ndarray`. They come in row-major order of a grid, which is
    /// given by the lengths of the chunks along each axis, and are held to it and to the dtype. Nothing of them is brought to the
    /// client: what is made of the array reads them where they were made.
    ///
    /// ```
    /// use stratal_array::{DArray, DType, ndarray::{ArrayD, IxDyn}};
    /// use stratal_core::delayed::delayed;
    /// let row = |n: i64| ArrayD::from_elem(IxDyn(&[1, 3]), n as f64);
    /// let rows: Vec<_> = (0..4).map(|n| delayed(row, n)).collect();
    /// let x = DArray::from_delayed(rows, DType::F64, vec![vec![1; 4], vec![3]]);
    /// assert_eq!(x.sum(0).compute::<f64>()?, ndarray::arr1(&[6.0, 6.0, 6.0]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_delayed<B: Block>(blocks: impl IntoIterator<Item = Delayed<B>>, dtype: DType, lens: Vec<Vec<usize>>) -> Self {
        let calls: Vec<_> = blocks.into_iter().map(|block| block.node().clone()).collect();
        DArray::begin("from_delayed", Location::caller(), || {
            let grid = Grid::new(lens.into_iter().map(Axis::of_lens).collect());
            let tasks = grid.tasks()?;
            if calls.len() != tasks as usize {
                let shape = show_shape(&grid.counts());
                let message = format!("{} lazy values are given for a grid of {shape} chunks", calls.len());
                return Err(Error::new(ErrorKind::BadValue, message));
            }
            Ok(Node::new("from_delayed", Arc::new(grid), dtype, Op::Calls(calls.into()), Vec::new()))
        })
    }
}
